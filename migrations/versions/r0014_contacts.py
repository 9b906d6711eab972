"""Who is called about a caller, and the area that help comes from."""

from migrations.script import run

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run("0014_contacts_up.sql")


def downgrade() -> None:
    run("0014_contacts_down.sql")
