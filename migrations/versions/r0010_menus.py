"""Menus, callbacks instead of waiting, and the time within which answers are promised."""

from migrations.script import run

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run("0010_menus_up.sql")


def downgrade() -> None:
    run("0010_menus_down.sql")
