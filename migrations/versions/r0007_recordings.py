"""Recordings and the audit."""

from migrations.script import run

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run("0007_recordings_up.sql")


def downgrade() -> None:
    run("0007_recordings_down.sql")
