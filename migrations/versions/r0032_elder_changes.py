"""What an agent has learnt of an elder."""

from migrations.script import run

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    run("0032_elder_changes_up.sql")


def downgrade() -> None:
    run("0032_elder_changes_down.sql")
