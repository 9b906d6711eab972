"""How it became known how content somebody was."""

from migrations.script import run

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    run("0027_rating_sources_up.sql")


def downgrade() -> None:
    run("0027_rating_sources_down.sql")
