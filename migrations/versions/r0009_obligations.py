"""What is owed outlives the service."""

from migrations.script import run

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run("0009_obligations_up.sql")


def downgrade() -> None:
    run("0009_obligations_down.sql")
