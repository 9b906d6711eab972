"""Selection: who will do, who helps, who is preferred, and who is reached outside."""

from migrations.script import run

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run("0008_dispatch_up.sql")


def downgrade() -> None:
    run("0008_dispatch_down.sql")
