"""The directory."""

from migrations.script import run

revision = "0001"
down_revision = None


def upgrade() -> None:
    run("0001_directory_up.sql")


def downgrade() -> None:
    run("0001_directory_down.sql")
