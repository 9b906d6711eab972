"""The hours of queues, for appointments, what agents write down of calls, and whose record they
have gone through."""

from migrations.script import run

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    run("0036_appointments_and_notes_up.sql")


def downgrade() -> None:
    run("0036_appointments_and_notes_down.sql")
