"""How often a caller on hold is told that nobody has forgotten them."""

from migrations.script import run

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    run("0031_hold_notices_up.sql")


def downgrade() -> None:
    run("0031_hold_notices_down.sql")
