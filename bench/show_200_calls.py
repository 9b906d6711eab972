"""A show: terminals call at one a second, ten agents talk 6 s each, and everything must be right.

    make bench-show_200_calls
    make bench-show_200_calls ARGS="--calls 20"
    make bench-show_200_calls ARGS="--memory"       # 500 calls at once, and what `acd serve` holds

The whole switch runs on the demo directory, whose emergency queue has 1 s of wrap-up here.  SIPp
plays terminals and agents with a tone each.  What they saw is compared with the rows in
PostgreSQL, with /metrics and with what Asterisk has left; then the service's journal is replayed
under three values of PYTHONHASHSEED.  Prints one JSON object; exit code 1 when anything is wrong.
"""

import argparse
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from acd.demo.directory import TERMINALS
from acd.proof.load import CallReport, dial_all, run_calls
from acd.proof.phones import Behaviour, Phones
from acd.proof.records import differences
from acd.proof.stage import ProofFailure, Stage, Tools
from acd.proof.terminals import Terminals
from bench.operators import at_demo_trunks
from bench.switch.running import SETTLE_S, Running, running, said, settled, spread
from servers.service import Service

ENTRY = "95001"
AGENTS = [f"{number}" for number in range(8001, 8011)]
TALK_MS, WRAP_UP_MS = 6_000, 1_000
PROMISE_MS = 10_000
WITHIN_PROMISE_MIN = 0.95
WRAP_UP_TOLERANCE_MS = 250
HASH_SEEDS = (0, 1, 7)

EXTRA_AGENTS = range(8101, 8341)
"""With the ten, 250 talk while as many wait."""
MEMORY_MB_MAX = 150
MEMORY_CALLS_PER_S = 20
HANG_UPS_AT_ONCE, HANG_UPS_EVERY_S = 20, 0.2
"""SIPp is told by UDP, and a burst of hundreds would overflow its port."""
HOLD_S = 10.0
"""The calls are all there for so long before the memory is read."""

Json = dict[str, Any]


def main() -> int:
    """Run one of the two shows."""
    parser = argparse.ArgumentParser(prog="python -m bench.show_200_calls", description=__doc__)
    parser.add_argument("--calls", type=int, help="default: 200; with --memory 500")
    parser.add_argument("--memory", action="store_true", help="many calls at once, no audio")
    given = parser.parse_args()
    shown = memory(given.calls or 500) if given.memory else show(given.calls or 200)
    print(json.dumps(shown, ensure_ascii=False, indent=2), flush=True)
    return 0 if shown["ok"] else 1


def short_wrap_up(directory: dict[str, list[Json]]) -> None:
    """An agent is free again 1 s after a call."""
    (emergency,) = (queue for queue in directory["queues"] if queue["id"] == "emergency")
    emergency["wrap_up_ms"] = WRAP_UP_MS


# ── 200 calls ────────────────────────────────────────────────────────────────────────────────


def show(calls: int) -> Json:
    """Place the calls, and compare everything with everything."""
    with at_demo_trunks(), running(short_wrap_up) as switch:
        numbers = [f"0216{1 + index % TERMINALS:07d}" for index in range(calls)]
        said(
            f"{calls} calls, one a second, {TALK_MS / 1000:g} s of talk each, {len(AGENTS)} agents"
        )
        reports = run_calls(
            calls, 1.0, TALK_MS, switch.accounts(AGENTS), sipp=switch.sipp, switch=switch.sip,
            entry=ENTRY, numbers=numbers, folder=switch.folder,
            in_talk=switch.says_responded,
        )  # fmt: skip
        said("calls are over; comparing")
        settled(switch)
        rows = switch.rows()
        result: Json = {
            "calls": of_calls(reports),
            "records": of_records(rows, reports),
            "metrics": of_metrics(switch.metrics(), rows),
            "left_in_asterisk": switch.left(),
            "complaints_in_log": switch.service.complaints(),
            "acd_serve_mb": switch.memory_mb(),
        }
        switch.service.stop()
        result["replay"] = of_replays(switch.service)
    held = {
        "calls": not result["calls"]["wrong"],
        "records": not result["records"]["wrong"],
        "metrics": not result["metrics"]["wrong"],
        "left_in_asterisk": not any(result["left_in_asterisk"].values()),
        "complaints_in_log": not result["complaints_in_log"],
        "replay": not result["replay"]["wrong"],
    }
    return {"ok": all(held.values()), "holds": held, **result}


def of_calls(reports: Sequence[CallReport]) -> Json:
    """What the two ends of every call saw."""
    answers = sorted(r.invite_to_answer_ms for r in reports if r.invite_to_answer_ms is not None)
    rings = sorted(r.invite_to_ring_ms for r in reports if r.invite_to_ring_ms is not None)
    within = sum(answer <= PROMISE_MS for answer in answers) / len(reports)
    wrong = [f"{r.number}: {problem}" for r in reports for problem in r.problems]
    if within < WITHIN_PROMISE_MIN:
        wrong.append(f"only {within:.1%} were answered within {PROMISE_MS} ms")
    return {
        "placed": len(reports),
        "answered": sum(r.agent is not None for r in reports),
        "within_10_s": round(within, 4),
        "invite_to_ring_ms": spread(rings),
        "invite_to_answer_ms": spread(answers),
        "tone_heard_by_agent": sum(r.audio_to_agent for r in reports),
        "tone_heard_by_terminal": sum(r.audio_to_terminal for r in reports),
        "cross_talk": sum(bool(r.cross_talk_hz) for r in reports),
        "wrong": wrong,
    }


def of_records(rows: Sequence[Json], reports: Sequence[CallReport]) -> Json:
    """Each row beside the call it records, in order of arrival."""
    wrong = []
    if len(rows) != len(reports):
        wrong.append(f"there are {len(rows)} rows for {len(reports)} calls")
    arrived = sorted(reports, key=lambda report: report.invite_ms or math.inf)
    off: dict[str, list[float]] = {"wait_ms": [], "talk_ms": []}
    # Logging out at the end cuts the last wrap-up of an agent short.
    last_of = {row["agent"]: row["call_id"] for row in rows}
    for row, report in zip(rows, arrived, strict=False):
        agent = (report.agent or "").removeprefix("a")
        found = differences(row, report, entry=ENTRY, agent=agent, synthetic=False)
        wanted = {
            "queue": "emergency", "kind": "emergency", "called": ENTRY, "trunk": "carrier-a",
            "terminal": report.number, "seat": f"s{agent}", "offers": report.offers, "hold_ms": 0,
        }  # fmt: skip
        found += [
            f"{name} is {row[name]!r}, not {value!r}"
            for name, value in wanted.items()
            if row[name] != value
        ]
        if not row["elders"]:
            found.append("it names no elder")
        if row["response"] != "responded":
            found.append(f"its response is {row['response']!r}: the agent's word did not arrive")
        short = row["call_id"] == last_of[row["agent"]]
        low = 0 if short else WRAP_UP_MS - WRAP_UP_TOLERANCE_MS
        if not low <= row["wrap_up_ms"] <= WRAP_UP_MS + WRAP_UP_TOLERANCE_MS:
            found.append(f"its wrap-up is {row['wrap_up_ms']} ms")
        wrong += [f"{row['call_id']} ({report.number}): {one}" for one in found]
        for name, measured in (
            ("wait_ms", report.invite_to_answer_ms),
            ("talk_ms", report.talk_ms),
        ):
            if row[name] is not None and measured is not None:
                off[name].append(abs(row[name] - measured))
    return {
        "rows": len(rows),
        "off_by_ms": {name: spread(sorted(values)) for name, values in off.items()},
        "wrong": wrong,
    }


def of_metrics(metrics: dict[tuple[str, str], float], rows: Sequence[Json]) -> Json:
    """Every counter and every bucket against the rows it stands for."""
    waits = [row["wait_ms"] / 1000 for row in rows if row["answered_at"] is not None]
    handled = [(row["talk_ms"] + row["wrap_up_ms"]) / 1000 for row in rows if row["answered_at"]]
    wanted: dict[tuple[str, str], float] = {
        ("huling_calls_offered_total", ""): len(rows),
        ("huling_calls_answered_total", ""): len(waits),
        ("huling_calls_abandoned_total", ""): len([r for r in rows if r["outcome"] == "abandoned"]),
        ("huling_offers_total", ""): sum(row["offers"] for row in rows),
        ("huling_answer_time_seconds_count", ""): len(waits),
        ("huling_answer_time_seconds_sum", ""): round(sum(waits), 3),
        ("huling_handle_time_seconds_count", ""): len(handled),
        ("huling_handle_time_seconds_sum", ""): round(sum(handled), 3),
        ("huling_calls_live", ""): 0,
        ("huling_calls_waiting", ""): 0,
        ("huling_defects_total", ""): 0,
        ("huling_invariants_violated_total", ""): 0,
    }
    for outcome, count in Counter(row["outcome"] for row in rows).items():
        wanted["huling_calls_ended_total", outcome] = count
    for name, values in (("answer", waits), ("handle", handled)):
        for metric, bound in metrics:
            if metric == f"huling_{name}_time_seconds_bucket":
                wanted[metric, bound] = sum(value <= float(bound) for value in values)
    found = {key: round(metrics.get(key, 0.0), 3) for key in wanted}
    return {
        "compared": len(wanted),
        "answered_within_10_s": found["huling_answer_time_seconds_bucket", "10.0"],
        "wrong": [
            f"{name} {label} is {found[name, label]:g}, the rows say {value:g}"
            for (name, label), value in wanted.items()
            if abs(found[name, label] - value) > 1e-3
        ],
    }


def of_replays(service: Service) -> Json:
    """The journal through the core again, with strings hashed otherwise each time."""
    (journal,) = service.journals()
    wrong, digests, events = [], set(), ""
    for seed in HASH_SEEDS:
        done = service.command("replay", str(journal), changes={"PYTHONHASHSEED": str(seed)})
        told = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
        events = told.get("events", "")
        digests.add(told.get("digest", "none"))
        if done.returncode or told.get("divergence") != "none" or "torn" in told:
            wrong.append(f"PYTHONHASHSEED={seed}: {done.stdout}{done.stderr}")
    if len(digests) != 1 or digests == {"none"}:
        wrong.append(f"the digests differ: {sorted(digests)}")
    return {"events": events, "seeds": HASH_SEEDS, "digests": sorted(digests), "wrong": wrong}


# ── 500 calls at once ────────────────────────────────────────────────────────────────────────


def more_agents(directory: dict[str, list[Json]]) -> None:
    """Half of the calls talk: ten agents would not be enough for that."""
    for number in EXTRA_AGENTS:
        agent = str(number)
        directory["agents"].append({"id": agent, "name": agent, "skills": {"emergency": 5}})
        directory["seats"].append({"id": f"s{agent}", "phones": [f"a{agent}"], "agent": agent})


def memory(calls: int) -> Json:
    """Hold so many calls at once, half of them talking, and read what `acd serve` takes."""
    agents = [*AGENTS, *map(str, EXTRA_AGENTS)][: calls // 2]
    with at_demo_trunks(), running(more_agents) as switch, Stage() as stage:
        idle = switch.memory_mb()
        tools = Tools(switch.sipp, switch.folder, switch.sip)
        phones = Phones(stage, tools, switch.accounts(agents), Behaviour(), audio=False)
        phones.wait_registered(timeout_s=60)
        dial_all(phones, "*60")
        logged_in = switch.memory_mb()
        said(f"{len(agents)} agents are logged in; {calls} calls")
        numbers = [f"021600{index:05d}" for index in range(1, calls + 1)]
        terminals = Terminals(
            stage, tools, numbers, called=ENTRY, rate=MEMORY_CALLS_PER_S, audio=False
        )
        wanted = {"huling_calls_live": calls, "huling_calls_waiting": calls - len(agents)}
        found = until(stage, switch, wanted, seconds=calls / MEMORY_CALLS_PER_S + 60)
        stage.run(lambda: False, HOLD_S)
        held = switch.memory_mb()
        said("all are there; hanging up")
        talking = {call.number for call in phones.calls}
        # Those who wait first, or they would be offered to whoever is freed.
        order = sorted(terminals.calls, key=lambda call: call.number in talking)
        for at in range(0, calls, HANG_UPS_AT_ONCE):
            for call in order[at : at + HANG_UPS_AT_ONCE]:
                terminals.hang_up(call)
            stage.run(lambda: False, HANG_UPS_EVERY_S)
        is_over = terminals.wait(60)
        stage.run(lambda: not switch.gauge("huling_calls_live"), SETTLE_S)
        phones.close()
        settled(switch)
        left = switch.left()
        complaints = switch.service.complaints()
        cpu_ms = switch.service.server.cpu_ms()
    ok = (
        found == wanted and is_over and not any(left.values()) and not complaints
        and held["peak"] < MEMORY_MB_MAX
    )  # fmt: skip
    return {
        "ok": ok,
        "at_once": found,
        "acd_serve_mb": {"idle": idle, "agents_logged_in": logged_in, "calls_held": held},
        "limit_mb": MEMORY_MB_MAX,
        "acd_serve_cpu_s": round(cpu_ms / 1000, 1),
        "all_over": is_over,
        "left_in_asterisk": left,
        "complaints_in_log": complaints,
    }


def until(stage: Stage, switch: Running, wanted: dict[str, int], *, seconds: float) -> Json:
    """Let the calls come until the gauges say so, looking once a second; what they say then."""
    end = time.monotonic() + seconds
    while True:
        metrics = switch.metrics()
        found = {name: int(metrics.get((name, ""), 0)) for name in wanted}
        if found == wanted or time.monotonic() >= end:
            return found
        stage.run(lambda: False, 1.0)


if __name__ == "__main__":
    try:
        code = main()
    except ProofFailure as problem:
        said(f"The show could not be run: {problem}.")
        code = 1
    sys.exit(code)
