"""Which service decides."""

from migrations.script import run

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    run("0022_lease_up.sql")


def downgrade() -> None:
    run("0022_lease_down.sql")
