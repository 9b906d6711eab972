"""What terminals say of themselves by DTMF."""

from migrations.script import run

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    run("0023_terminal_models_up.sql")


def downgrade() -> None:
    run("0023_terminal_models_down.sql")
