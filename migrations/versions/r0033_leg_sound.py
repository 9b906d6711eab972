"""What went over each leg."""

from migrations.script import run

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    run("0033_leg_sound_up.sql")


def downgrade() -> None:
    run("0033_leg_sound_down.sql")
