"""The switch's own record of a call, read through its public HTTP API and compared with ours."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from acd.proof.load import CallReport
from acd.proof.stage import ProofFailure

# The switch's clock starts when its process has the event, ours when the packet is on the wire, and
# the first audible frame is up to a window away: half a second is far more than either.
TOLERANCE_MS = 500.0
_POLL_S = 0.1
_REQUEST_S = 3.0


def read_record(
    url: str,
    report: CallReport,
    *,
    entry: str,
    token: str | None = None,
    deadline_s: float = 10.0,
) -> Mapping[str, Any]:
    """Poll ``POST /calls/search`` until this call's row is there and over, and return it.

    ``url`` is the API's base; ``token`` a bearer token. Raises ProofFailure when the row does not
    come in time or the API does not answer.
    """
    assert report.invite_ms is not None
    asked = json.dumps({"caller": report.number, "entry": entry, "limit": 1})
    request = urllib.request.Request(f"{url.rstrip('/')}/calls/search", data=asked.encode())
    request.add_header("Accept", "application/json")
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    end = time.monotonic() + deadline_s
    trouble = "it has no row"
    while True:
        try:
            row = _newest(request)
            if row is not None and _is_ours(row, report.invite_ms):
                if row.get("ended_at") is not None:
                    return row
                trouble = "its row has no end"
        except urllib.error.HTTPError as problem:
            # 4xx will not get better by asking again.
            if problem.code < 500:
                hint = "; HULING_API_TOKEN has to be a good token" if problem.code == 401 else ""
                raise ProofFailure(
                    f"the API refused {url}/calls with {problem.code}{hint}"
                ) from problem
            trouble = f"the API answers {problem.code}"
        except (OSError, ValueError) as problem:
            trouble = f"the API at {url} does not answer properly ({problem})"
        if time.monotonic() >= end:
            raise ProofFailure(f"the call was not recorded within {deadline_s:g} s: {trouble}")
        time.sleep(_POLL_S)


def _newest(request: urllib.request.Request) -> Mapping[str, Any] | None:
    with urllib.request.urlopen(request, timeout=_REQUEST_S) as answer:
        rows = json.load(answer)
    if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
        raise ValueError("no list of calls")
    return rows[0] if rows else None


def _epoch_ms(moment: object) -> float | None:
    if not isinstance(moment, str):
        return None
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp() * 1000


def _is_ours(row: Mapping[str, Any], invite_ms: float) -> bool:
    arrived_ms = _epoch_ms(row.get("arrived_at"))
    return arrived_ms is not None and arrived_ms >= invite_ms - TOLERANCE_MS


def differences(
    row: Mapping[str, Any],
    report: CallReport,
    *,
    entry: str,
    agent: str,
    synthetic: bool,
    tolerance_ms: float = TOLERANCE_MS,
) -> list[str]:
    """What the row says otherwise than SIPp saw it, one sentence each; empty when it is right.

    ``tolerance_ms`` is more where the machine is known to be busy: each clock starts when its
    process has its turn.
    """
    assert report.invite_ms is not None
    wanted: dict[str, object] = {
        "outcome": "answered", "caller": report.number, "entry": entry, "agent": agent,
        "synthetic": synthetic,
    }  # fmt: skip
    found = [
        f"the record says {name} {row.get(name)!r}, not {value!r}"
        for name, value in wanted.items()
        if row.get(name) != value
    ]
    arrived_ms = _epoch_ms(row.get("arrived_at"))
    for name, recorded, measured in (
        ("arrival", arrived_ms and arrived_ms - report.invite_ms, 0.0),
        ("wait_ms", row.get("wait_ms"), report.invite_to_answer_ms),
        ("talk_ms", row.get("talk_ms"), report.talk_ms),
    ):
        if measured is None:
            continue
        if not isinstance(recorded, int | float):
            found.append(f"the record has no {name}")
        elif abs(recorded - measured) > tolerance_ms:
            found.append(f"the record's {name} is {recorded:.0f} ms, measured were {measured:.0f}")
    return found
