"""Facts are found by their case."""

from migrations.script import run

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    run("0019_timelines_up.sql")


def downgrade() -> None:
    run("0019_timelines_down.sql")
