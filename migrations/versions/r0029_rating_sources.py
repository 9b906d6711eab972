"""How it became known how content somebody was."""

from migrations.script import run

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    run("0029_rating_sources_up.sql")


def downgrade() -> None:
    run("0029_rating_sources_down.sql")
