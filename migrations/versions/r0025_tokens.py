"""Tokens with roles for the HTTP APIs."""

from migrations.script import run

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    run("0025_tokens_up.sql")


def downgrade() -> None:
    run("0025_tokens_down.sql")
