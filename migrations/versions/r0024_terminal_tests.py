"""Which terminals have to be tested."""

from migrations.script import run

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    run("0024_terminal_tests_up.sql")


def downgrade() -> None:
    run("0024_terminal_tests_down.sql")
