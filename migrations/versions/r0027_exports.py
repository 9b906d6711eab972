"""Exports that two persons make."""

from migrations.script import run

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    run("0027_exports_up.sql")


def downgrade() -> None:
    run("0027_exports_down.sql")
