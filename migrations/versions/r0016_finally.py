"""An index: what was owed, by the call that it came from."""

from migrations.script import run

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run("0016_finally_up.sql")


def downgrade() -> None:
    run("0016_finally_down.sql")
