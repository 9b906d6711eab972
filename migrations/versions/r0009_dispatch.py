"""Selection: who will do, who helps, who is preferred, and who is reached outside."""

from migrations.script import run

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run("0009_dispatch_up.sql")


def downgrade() -> None:
    run("0009_dispatch_down.sql")
