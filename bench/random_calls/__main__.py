"""See the package."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from typing import Any

from acd.proof.stage import Stage
from bench.random_calls import recordings, tally, verdict
from bench.random_calls.agents import AGENTS, ENTRIES
from bench.random_calls.people import CALLS_PER_S, People
from bench.switch.running import running, said, settled
from servers.service import Desk

LATE_S = 90.0
"""After the last arrival every terminal is done: an emergency is rung for until it ends."""
CALM_S = 300.0
"""By then everybody who was owed a call has been reached."""

Json = dict[str, Any]


def main() -> int:
    """Run the show."""
    parser = argparse.ArgumentParser(prog="python -m bench.random_calls", description=__doc__)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    shown = show(given.calls, given.seed)
    print(json.dumps(shown, ensure_ascii=False, indent=2), flush=True)
    return 0 if shown["ok"] else 1


def show(calls: int, seed: int) -> Json:
    """Let everybody do what they like, then what they should, and compare."""
    with running(lambda directory: None) as switch, Stage() as stage:
        desk = Desk(switch.service)
        desk.start()
        people = People(switch, stage, calls, seed)
        said(f"{calls} calls, seed {seed}, {len(AGENTS)} agents who do as they like")
        finished = stage.run(
            lambda: all(row.ended for row in people.rows), calls / CALLS_PER_S + LATE_S
        )
        said("every terminal has hung up; who is owed a call is called")
        people.agents.calm()
        refused = _calm_down(people)
        phones = people.agents.phones
        stage.run(lambda: all(call.ended_ms for call in phones.calls), 5.0)
        settled(switch)
        agents = people.agents.all()
        stuck = [agent["id"] for agent in agents if agent["state"] in ("offered", "talking")]
        rows = switch.rows()
        came_in = [row for row in rows if row["direction"] == "inbound"]
        placed = calls // len(ENTRIES) * len(ENTRIES)
        happened = tally.of_facts(switch.counted())
        happened["agent hung up"] = sum(call.ended_by == "self" for call in phones.calls)
        result: Json = {
            "calls": calls,
            "happened": dict(sorted(happened.items())),
            "asked_and_done": dict(people.agents.asked),
            "pressed": dict(people.agents.pressed),
            "refused": dict(people.agents.refused),
            "robots_stood_still_s": round(sum(b - a for a, b in stage.stalls) / 1000, 1),
            "outcomes": dict(Counter(str(row["outcome"]) for row in came_in)),
            "held": sum(bool(row["hold_ms"]) for row in came_in),
            "called_back": len(rows) - len(came_in),
            "wrong": [
                *([] if finished else ["some terminals did not end"]),
                *refused,
                *verdict.of_rows(came_in, placed),
                *verdict.too_thin(came_in, happened),
                *verdict.of_metrics(switch.metrics()),
                *verdict.forgotten(came_in, switch.table("obligation")),
            ],
            "agents_stuck": stuck,
            "left_in_asterisk": switch.left(),
            "complaints_in_log": [*switch.service.complaints(), *desk.complaints()],
        }
        result["recordings"], wrong = recordings.of_recordings(
            switch,
            came_in,
            [call for row in people.rows for call in row.calls],
            stage.stood_still_ms,
        )
        result["wrong"] += wrong
        phones.unregister()
        desk.stop()
    result["ok"] = not (
        result["wrong"]
        or stuck
        or any(result["left_in_asterisk"].values())
        or result["complaints_in_log"]
    )
    return result


def _calm_down(people: People) -> list[str]:
    """Turn until nobody is owed a call and no case is open; what people were refused."""
    stage, refused = people.stage, []

    def over() -> bool:
        stage.run(lambda: False, 1.0)  # between two questions
        return not people.owed() and not people.switch.gauge("huling_calls_live")

    if not stage.run(over, CALM_S):
        refused.append(f"{len(people.owed())} calls were still owed after {CALM_S:g} s")
    refused += people.end_cases()
    stage.run(over, LATE_S)
    _, cases = people.switch.http("GET", "/cases")
    return refused + [f"case {case['id']} is still open" for case in cases]


if __name__ == "__main__":
    sys.exit(main())
