"""Figures and plots of a load: out of its calls, and of what was read of the machine meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import msgspec

from bench.load.profiles import Group, Profile
from bench.load.traffic import Call
from bench.results import chance
from bench.results.model import Figure, Line, Plot

PROMISE_MS = 10_000
KEPT_SHARE_MIN = 0.95
SHARES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What was read at one moment; None where nobody could be asked."""

    at_s: float
    live: int
    cpu_s: float | None = None
    """Used since the process began, by service and, in a switch of our own, Asterisk."""
    memory_mb: float | None = None


def figures(profile: Profile, calls: Sequence[Call], samples: Sequence[Sample]) -> list[Figure]:
    """Return the run's figures.  What did not happen has none."""
    found = [
        one
        for group in Group
        if (mine := [call for call in calls if call.group is group])
        for one in _of_group(profile, group, mine)
    ]
    return [*found, *_of_machine(calls, samples)]


def _of_group(profile: Profile, group: Group, calls: Sequence[Call]) -> Iterator[Figure]:
    count = len(calls)
    yield Figure(
        name=f"{group}_placed", title=f"{group}: calls", unit="calls", value=count,
        better="neither",
    )  # fmt: skip
    for name, title, wanted, value in (
        ("lost", "refused, or never answered", "0", sum(call.lost for call in calls)),
        ("left", "left without an agent", "", sum(call.left for call in calls)),
    ):
        low, high = chance.of_share(value, count)
        yield Figure(
            name=f"{group}_{name}", title=f"{group}: {title}", unit="calls", value=value,
            low=low * count, high=high * count, wanted=wanted,
            holds=value == 0 if wanted else None,
        )  # fmt: skip
    waits = sorted(waits_ms(calls))
    within = sum(wait <= PROMISE_MS for wait in waits)
    # A run that broke off leaves callers behind whose promise could still have been kept.
    known = sum(call.waiting_ms is None or call.waiting_ms > PROMISE_MS for call in calls)
    judged = profile.promise_kept and group is Group.EMERGENCY
    if known:
        low, high = chance.of_share(within, known)
        yield Figure(
            name=f"{group}_within_10_s", title=f"{group}: agent within 10 s, of all that came in",
            unit="%", value=100 * within / known, low=100 * low, high=100 * high, better="higher",
            wanted=f"at least {100 * KEPT_SHARE_MIN:g}" if judged else "",
            holds=within >= KEPT_SHARE_MIN * known if judged else None,
        )  # fmt: skip
    for name, title, values in (
        ("answer", "INVITE to agent's 200", waits),
        ("offer", "INVITE to agent's telephone", sorted(offers_ms(calls))),
    ):
        for share in (0.5, 0.95, 0.99) if values else ():
            least, most = chance.of_quantile(values, share)
            yield Figure(
                name=f"{group}_{name}_p{100 * share:.0f}",
                title=f"{group}: {title}, p{100 * share:.0f}",
                unit="ms", value=at(values, share), low=least, high=most,
            )  # fmt: skip


def _of_machine(calls: Sequence[Call], samples: Sequence[Sample]) -> Iterator[Figure]:
    cpu = [one.cpu_s for one in samples if one.cpu_s is not None]
    if len(cpu) > 1 and calls:
        yield Figure(
            name="cpu_per_call", title="CPU per call", unit="ms",
            value=1000 * (cpu[-1] - cpu[0]) / len(calls),
        )  # fmt: skip
    memory = [one.memory_mb for one in samples if one.memory_mb is not None]
    if memory:
        yield Figure(name="memory_peak", title="memory, most", unit="MB", value=max(memory))
        yield Figure(
            name="memory_growth", title="memory, end ÷ beginning", unit="ratio",
            value=memory[-1] / memory[0],
        )  # fmt: skip


def waits_ms(calls: Sequence[Call]) -> list[float]:
    """Return how long each answered caller waited for an agent."""
    return [
        call.answered_ms - call.invited_ms
        for call in calls
        if call.answered_ms is not None and call.invited_ms is not None
    ]


def offers_ms(calls: Sequence[Call]) -> list[float]:
    """Return how long it took until a telephone was rung, for each caller for whom one was."""
    return [
        call.offered_ms - call.invited_ms
        for call in calls
        if call.offered_ms is not None and call.invited_ms is not None
    ]


def at(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of sorted values."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def plots(calls: Sequence[Call], samples: Sequence[Sample]) -> Iterator[Plot]:
    """Draw the answer-time curve, offers, losses, and the machine over the run."""
    by_group = {g: [call for call in calls if call.group is g] for g in Group}
    present = {group: mine for group, mine in by_group.items() if mine}
    for title, values_of in (
        ("INVITE to an agent's answer", waits_ms),
        ("INVITE to an agent's telephone", offers_ms),
    ):
        lines = [
            Line(group, [at(values, share) / 1000 for share in SHARES], [100 * s for s in SHARES])
            for group, mine in present.items()
            if (values := sorted(values_of(mine)))
        ]
        if lines:
            yield Plot(title=title, x="s", y="% at most so long", lines=lines, log="x")
    yield Plot(
        title="calls over the run",
        x="s since the beginning",
        y="calls so far",
        lines=[
            Line("placed", *_steps(call.invited_ms for call in calls)),
            Line("answered", *_steps(call.answered_ms for call in calls)),
            Line("lost", *_steps(call.invited_ms for call in calls if call.lost)),
        ],
        style="steps",
    )
    if samples:
        yield _over_time("calls live", "calls", [(one.at_s, one.live) for one in samples])
    cpu = [(one.at_s, one.cpu_s) for one in samples if one.cpu_s is not None]
    used = [
        (later, 100 * (after - before) / (later - earlier))
        for (earlier, before), (later, after) in itertools.pairwise(cpu)
        if later > earlier
    ]
    if used:
        yield _over_time("CPU", "% of a core", used)
    memory = [(one.at_s, one.memory_mb) for one in samples if one.memory_mb is not None]
    if memory:
        yield _over_time("memory of the service", "MB", memory)


def _steps(moments_ms: Iterator[float | None]) -> tuple[list[float], list[float]]:
    ordered = sorted(at_ms / 1000 for at_ms in moments_ms if at_ms is not None)
    return ordered, [float(n) for n in range(1, len(ordered) + 1)]


def _over_time(title: str, unit: str, points: Sequence[tuple[float, float]]) -> Plot:
    line = Line(title, [x for x, _ in points], [float(y) for _, y in points])
    return Plot(title=title, x="s since the beginning", y=unit, lines=[line])
