"""Whether anybody responded in a call."""

from migrations.script import run

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run("0016_response_up.sql")


def downgrade() -> None:
    run("0016_response_down.sql")
