"""Whether anybody responded in a call."""

from migrations.script import run

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    run("0017_response_up.sql")


def downgrade() -> None:
    run("0017_response_down.sql")
