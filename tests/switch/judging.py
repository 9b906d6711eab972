"""Whether calls, their rows and the counters tell the same story; and whether a journal does."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from acd.proof.load import CallReport
from acd.proof.records import differences
from servers.service import Service

PROMISE_MS = 10_000
BUSY_MS = 2_500
"""How far SIPp's clock and the record's may be apart on a machine that runs two such tests."""
WITHIN_SHARE_MIN = 0.95
HASH_SEEDS = ("0", "1", "7")
DIGEST_LETTERS = 32

Json = dict[str, Any]


def judged(
    reports: Sequence[CallReport],
    rows: Sequence[Mapping[str, Any]],
    counted: Mapping[str, float],
    *,
    entry: str = "95001",
    queue: str = "emergency",
) -> Json:
    """What is wrong, and the figures it was found by; ``ok`` when nothing is.

    ``counted`` is what each counter has gained over these calls: ``name{label="value"}``.
    """
    of_caller = {row["caller"]: _as_shown(row) for row in rows}
    wrong = [f"{one.number}: {problem}" for one in reports for problem in one.problems]
    for report in reports:
        row = of_caller.get(report.number)
        if row is None:
            wrong.append(f"{report.number}: there is no row")
            continue
        agent = (report.agent or "").removeprefix("a")
        found = differences(
            row, report, entry=entry, agent=agent, synthetic=False, tolerance_ms=BUSY_MS
        )
        wrong += [f"{report.number}: {one}" for one in found]
    answers_ms = [one.invite_to_answer_ms for one in reports if one.invite_to_answer_ms]
    within = sum(ms <= PROMISE_MS for ms in answers_ms)
    if within < WITHIN_SHARE_MIN * len(reports):
        wrong.append(f"{within} of {len(reports)} were answered within {PROMISE_MS} ms")
    of_rows = {
        "offered": len(rows),
        "answered": sum(row["outcome"] == "answered" for row in rows),
        "wait_s": round(sum(row["wait_ms"] for row in rows) / 1000, 3),
        "offers": sum(row["offers"] for row in rows),
    }
    of_metrics = {
        "offered": _sum(counted, "huling_calls_offered_total"),
        "answered": _sum(counted, f'huling_calls_answered_total{{queue="{queue}"}}'),
        "wait_s": round(_sum(counted, f'huling_answer_time_seconds_sum{{queue="{queue}"}}'), 3),
        "offers": _sum(counted, "huling_offers_total"),
    }
    if of_rows != of_metrics:
        wrong.append("the metrics are not what the rows say")
    if len(rows) != len(reports):
        wrong.append(f"{len(rows)} rows for {len(reports)} calls")
    return {
        "ok": not wrong,
        "wrong": wrong,
        "within_10_s": within,
        "of_rows": of_rows,
        "of_metrics": of_metrics,
    }


def _as_shown(row: Mapping[str, Any]) -> Json:
    """A row of SQL as the API shows it: moments as text."""
    return {key: one.isoformat() if hasattr(one, "isoformat") else one for key, one in row.items()}


def _sum(samples: Mapping[str, float], name: str) -> float:
    return sum(v for key, v in samples.items() if key == name or key.startswith(name + "{"))


def replayed(service: Service, journal: Path) -> dict[str, str]:
    """The journal's digest under each hash seed by `acd replay`, or what it complained of."""
    found = {}
    for seed in HASH_SEEDS:
        done = service.command("replay", str(journal), changes={"PYTHONHASHSEED": seed})
        said = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
        good = done.returncode == 0 and "digest" in said
        found[seed] = said["digest"] if good else done.stdout + done.stderr
    return found
