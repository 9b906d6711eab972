"""How seats are connected, who supervises, and what queues grant to their agents."""

from migrations.script import run

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run("0004_seats_up.sql")


def downgrade() -> None:
    run("0004_seats_down.sql")
