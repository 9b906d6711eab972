"""The record of calls."""

from migrations.script import run

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run("0002_records_up.sql")


def downgrade() -> None:
    run("0002_records_down.sql")
