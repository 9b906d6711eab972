"""What agents write down while the system is away."""

from migrations.script import run

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    run("0038_offline_records_up.sql")


def downgrade() -> None:
    run("0038_offline_records_down.sql")
