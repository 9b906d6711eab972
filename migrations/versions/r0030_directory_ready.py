"""Under which version of the directory the switch was ready, to go back to by itself."""

from migrations.script import run

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    run("0030_directory_ready_up.sql")


def downgrade() -> None:
    run("0030_directory_ready_down.sql")
