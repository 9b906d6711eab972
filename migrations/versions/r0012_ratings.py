"""How content callers are: a queue's question after the call, and the answer in the record."""

from migrations.script import run

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run("0012_ratings_up.sql")


def downgrade() -> None:
    run("0012_ratings_down.sql")
