"""A change of the configuration under which calls could not be served, and which was taken back.

Who tries a change and takes it back is the runtime; that it happened is kept like anything else.
"""

from acd.core.events import ConfigurationRefused
from acd.core.facts import ConfigurationTakenBack
from acd.core.state import State


def refused(s: State, event: ConfigurationRefused) -> None:
    """It is what it was before; nobody's call is touched by that."""
    s.emit(
        ConfigurationTakenBack(
            at_ms=s.now, what=event.what, why=event.why, to_version=event.to_version
        )
    )
