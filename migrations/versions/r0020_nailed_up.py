"""Seats whose line stays open."""

from migrations.script import run

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    run("0020_nailed_up_up.sql")


def downgrade() -> None:
    run("0020_nailed_up_down.sql")
