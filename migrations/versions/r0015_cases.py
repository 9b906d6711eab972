"""Cases, and the calls that belong to them."""

from migrations.script import run

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run("0015_cases_up.sql")


def downgrade() -> None:
    run("0015_cases_down.sql")
