"""What is owed outlives the service."""

from migrations.script import run

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run("0011_obligations_up.sql")


def downgrade() -> None:
    run("0011_obligations_down.sql")
