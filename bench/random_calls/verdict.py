"""What must be true when everybody has done what they liked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from acd.core.directory import Callback

APART = timedelta(seconds=2)
"""A row ends with its last leg, and what is owed begins with the caller's."""

ENOUGH_CALLS = 100
"""With fewer it is chance whether everything happens."""
ANSWERED_SHARE_MIN = 0.7
WANTED = (
    "held", "resumed", "agent hung up", "blind completed", "consult completed",
    "consult joined", "consult taken_back", "outside answered", "word given", "wrap-up ended",
    "placed",
)  # fmt: skip
"""Each of it happens in a show that shows anything, by the names of ``tally``."""

Json = dict[str, Any]


def of_rows(rows: list[Json], calls: int) -> list[str]:
    """K04: as many rows as calls, each with one outcome and times that fit into its life."""
    wrong = []
    if len(rows) != calls:
        wrong.append(f"there are {len(rows)} rows for {calls} calls")
    for row in rows:
        name = row["call_id"]
        if row["ended_at"] is None or row["outcome"] is None:
            wrong.append(f"{name} has no end")
        elif row["outcome"] == "answered":
            life_ms = (row["ended_at"] - row["answered_at"]).total_seconds() * 1000
            inside_ms = row["talk_ms"] + row["hold_ms"]
            if not 0 <= inside_ms <= life_ms + 50:
                wrong.append(f"{name}: talk and hold are {inside_ms} ms of {life_ms:.0f}")
        elif row["talk_ms"] or row["hold_ms"]:
            wrong.append(f"{name}: {row['outcome']}, and yet somebody talked")
    return wrong


def too_thin(rows: Sequence[Json], happened: Mapping[str, int]) -> list[str]:
    """A show in which nothing happens shows nothing: most are answered, and each kind of what
    agents do has been done."""
    if len(rows) < ENOUGH_CALLS:
        return []
    wrong = [f"nobody saw: {kind}" for kind in WANTED if not happened.get(kind)]
    answered = sum(row["outcome"] == "answered" for row in rows)
    if answered < ANSWERED_SHARE_MIN * len(rows):
        wrong.append(f"only {answered} of {len(rows)} calls were answered")
    return wrong


def of_metrics(metrics: Mapping[tuple[str, str], float]) -> list[str]:
    """What must stay 0."""
    names = ("huling_defects_total", "huling_service_defects_total",
             "huling_invariants_violated_total")  # fmt: skip
    return [
        f"{name} is {value:g}" for (name, _), value in metrics.items() if name in names and value
    ]


def forgotten(rows: Iterable[Json], owed: Iterable[Json]) -> list[str]:
    """C02, E33: whoever got no agent's word was owed a call, and that has come to its end."""
    wrong = []
    by_number: defaultdict[str, list[Json]] = defaultdict(list)
    for one in owed:
        if one["kind"] == "callback":
            by_number[one["number"]].append(one)
            if one["closed_at"] is None:
                wrong.append(f"{one['obligation_id']} ({one['why']}) is still owed")
    for row in rows:
        if not _is_owed(row):
            continue
        standing = any(
            one["owed_at"] <= row["ended_at"] + APART
            and (one["closed_at"] is None or one["closed_at"] >= row["ended_at"] - APART)
            for one in by_number[row["caller"]]
        )
        if not standing:
            wrong.append(f"{row['call_id']}: {row['outcome']}, {row['response']}, and forgotten")
    return wrong


def _is_owed(row: Json) -> bool:
    if row["ended_at"] is None:
        return False  # told already
    if row["outcome"] == "answered":
        return bool(row["response"] == "no_response")
    arrived = datetime.fromisoformat(row["arrived_at"])
    waited_ms = (row["ended_at"] - arrived).total_seconds() * 1000
    mistaken = row["kind"] != "emergency" and waited_ms < Callback().short_ms
    return not mistaken
