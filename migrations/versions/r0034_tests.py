"""How calls went, which of them tested a terminal, and numbers of swapped devices."""

from migrations.script import run

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    run("0034_tests_up.sql")


def downgrade() -> None:
    run("0034_tests_down.sql")
