"""What the directory was, to go back to."""

from migrations.script import run

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    run("0026_directory_versions_up.sql")


def downgrade() -> None:
    run("0026_directory_versions_down.sql")
