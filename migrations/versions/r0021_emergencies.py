"""When somebody has to be asked again in an emergency, by queue."""

from migrations.script import run

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run("0021_emergencies_up.sql")


def downgrade() -> None:
    run("0021_emergencies_down.sql")
