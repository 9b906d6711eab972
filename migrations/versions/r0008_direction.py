"""Calls that we place are recorded beside those that come in."""

from migrations.script import run

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run("0008_direction_up.sql")


def downgrade() -> None:
    run("0008_direction_down.sql")
