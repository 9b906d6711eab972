"""Deadline scheduling."""

from migrations.script import run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run("0003_widening_up.sql")


def downgrade() -> None:
    run("0003_widening_down.sql")
