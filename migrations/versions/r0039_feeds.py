"""The regulator's feeds: what is due, records, acknowledgements; a role that only reads them."""

from migrations.script import run

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    run("0039_feeds_up.sql")


def downgrade() -> None:
    run("0039_feeds_down.sql")
