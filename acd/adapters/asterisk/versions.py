"""Which Asterisk can be worked with."""

import re

from acd.adapters.asterisk.errors import AsteriskUnfit

OLDEST = (22, 4, 0)
"""The first with what we use of ARI's REST and event filters."""
REFUSED = {(22, 9, 0): "deadlocks under ARI load (asterisk#1962)"}


def check_version(text: str) -> None:
    """Raise AsteriskUnfit, in one sentence, unless this version of Asterisk will do."""
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    version = tuple(int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    if version in REFUSED:
        raise AsteriskUnfit(
            f"Asterisk {text} {REFUSED[version]}: install another release of Asterisk 22."
        )
    if version < OLDEST:
        raise AsteriskUnfit(f"Asterisk {text} is too old: install 22.4 or newer.")
