"""When whoever gave up is called back, by queue."""

from migrations.script import run

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run("0013_callbacks_up.sql")


def downgrade() -> None:
    run("0013_callbacks_down.sql")
