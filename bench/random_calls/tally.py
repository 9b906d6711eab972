"""What has really happened, counted from the facts and not from what was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

NAMES = {
    "CallHeld": "held",
    "CallResumed": "resumed",
    "CallDisposed": "outcome noted",
    "ResponseNoted": "word given",
    "WrapUpEnded": "wrap-up ended",
    "WrapUpExtended": "wrap-up extended",
    "CallPlaced": "placed",
    "CallReached": "reached",
    "CallRequeued": "put back",
    "RequestRefused": "refused",
    "OfferMade": "offered",
    "PromiseBroken": "promise broken",
    "IncidentOpened": "incident",
    "Repaired": "repaired",
    "Ignored": "ignored",
    "Defect": "defect",
}
"""Facts that are counted as they are; transfers and calls to outside by their result."""


def of_facts(counted: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Name what ``Running.counted`` has counted."""
    happened: Counter[str] = Counter()
    for one in counted:
        match one["kind"]:
            case "TransferEnded":
                happened[f"{one['way']} {one['result']}"] += one["times"]
            case "DialEnded":
                happened[f"outside {one['result']}"] += one["times"]
            case kind if kind in NAMES:
                happened[NAMES[kind]] += one["times"]
    return happened
