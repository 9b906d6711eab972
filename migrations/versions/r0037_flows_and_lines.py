"""What a call turned out to be, in its row; and how many lines a trunk has."""

from migrations.script import run

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    run("0037_flows_and_lines_up.sql")


def downgrade() -> None:
    run("0037_flows_and_lines_down.sql")
