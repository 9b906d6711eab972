"""What a caller may hear besides people, as values: what a queue plays while one waits.

Policy only: who plays what when is ``treatment``'s business.  Names of prompts are those of
``prompts/texts.yaml``; None is a thing that is not said.  All durations are milliseconds.
"""

import msgspec


class Treatment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a caller hears after the system's pick-up, until an agent is there.

    Nothing in it delays an agent: whatever plays is stopped when one has answered (C14)."""

    greets: bool = False
    """The time of day and the holiday come before the acknowledgement (V07, V10)."""
    recording_notice: str | None = None
    """Said once, to callers whose line is recorded (V08, C14)."""
    comfort: str | None = None
    comfort_every_ms: int = 0
    """Pause between the end of one announcement and the next (V12); 0 is never."""
    tells_position: bool = False
    """The place in the line and the wait to be expected come before the comfort prompt."""
    tells_agent: bool = False
    """The agent's number is heard by both under their first words (V09, C13)."""


SILENT = Treatment()
"""Music alone."""
