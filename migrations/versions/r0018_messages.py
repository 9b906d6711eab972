"""Messages that callers have left, for the desk."""

from migrations.script import run

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run("0018_messages_up.sql")


def downgrade() -> None:
    run("0018_messages_down.sql")
