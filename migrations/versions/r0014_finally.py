"""An index: what was owed, by the call that it came from."""

from migrations.script import run

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run("0014_finally_up.sql")


def downgrade() -> None:
    run("0014_finally_down.sql")
