"""Trunks whose operator asks for a login."""

from migrations.script import run

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    run("0035_trunk_accounts_up.sql")


def downgrade() -> None:
    run("0035_trunk_accounts_down.sql")
