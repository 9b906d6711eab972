"""Outside numbers are dialled over trunks."""

from migrations.script import run

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run("0005_outbound_up.sql")


def downgrade() -> None:
    run("0005_outbound_down.sql")
