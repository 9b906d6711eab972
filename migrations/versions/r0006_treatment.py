"""What waiting callers hear."""

from migrations.script import run

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run("0006_treatment_up.sql")


def downgrade() -> None:
    run("0006_treatment_down.sql")
