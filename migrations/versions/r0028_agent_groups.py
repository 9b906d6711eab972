"""The groups that agents belong to."""

from migrations.script import run

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    run("0028_agent_groups_up.sql")


def downgrade() -> None:
    run("0028_agent_groups_down.sql")
