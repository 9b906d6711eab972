"""See the package."""

from __future__ import annotations

import argparse
import math
import os
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from bench.music.ears import HOST, PACKETS_PER_S, Ears, Heard
from bench.offer.bed import CALLER_PORT, DIALLED, MUSIC_EXTENSION, Bed, bed, sipp, switch_address
from bench.offer.bed import FIRST_CALLER as FIRST
from bench.offer.sipp import CallsFailed
from bench.peer.ratios import NARROW, Measure, figures, ratio
from bench.results import page
from bench.results.model import Figure, Result
from bench.results.report import report, writable
from servers.steps import Failure, Refusal
from servers.waiting import wait_until

CALLERS = 800
LEVELS = (1.0, 0.75, 0.5, 0.25)
"""Shares of the callers that are tried, until both hold them."""
SAMPLE = 40
PACKETS_SHARE_MIN = 0.98
"""A caller hears the music who gets so much of it."""
GAP_MS_MAX = 100.0
"""What a telephone's buffer bridges; of the sample."""
ARRIVALS_PER_S = 40
PICKED_UP_S = 60.0
SETTLE_S = 5.0
ORDERS_AT_ONCE, ORDERS_MAX, GONE_S = 20, 6, 10.0
CALLER_AT = 7
"""Where a line of Asterisk's concise list of channels has the caller's number."""
PATIENCE_MS = 3_600_000
SCENARIO = Path(__file__).with_name("scenarios") / "waiting_caller.xml"
SIDES = {"queue": "Queue()", "service": "switch"}

CPU = Measure(name="cpu", title="CPU per caller on music", unit="ms/s", ratio_max=1.0)


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What so many callers on music cost, and what they heard."""

    kind: str
    callers: int
    hearing: int
    """Callers with at least ``PACKETS_SHARE_MIN`` of their packets."""
    packets_share_min: float
    """Of the one who got least; 1 is everything."""
    gap_ms: float
    missing: int
    sounding: float
    cpu_ms: float
    """Of Asterisk and the service, per caller and second."""
    service_cpu_ms: float
    asterisk_mb: float
    service_mb: float

    @property
    def held(self) -> bool:
        """Whether everybody heard it, the sample without a gap."""
        return self.hearing == self.callers and self.gap_ms <= GAP_MS_MAX


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; exit code 1 when something that is wanted does not hold, 2 when it failed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.music", description="What callers on music cost, beside Queue()."
    )
    parser.add_argument("--callers", type=int, default=CALLERS)
    parser.add_argument("--seconds", type=int, default=10, help="of listening, in each round")
    parser.add_argument("--pairs", type=int, default=3, help="at least, where both hold as many")
    parser.add_argument("--pairs-max", type=int, default=6, help="no more, even if unsure")
    parser.add_argument("--out", type=writable, help="folder of the result")
    given = parser.parse_args(arguments)
    if given.callers < len(LEVELS) or given.seconds < 1:
        parser.error("at least four callers and a second")
    if not 2 <= given.pairs <= given.pairs_max:
        parser.error("at least two pairs, and --pairs-max not below --pairs")
    result = Result(
        bench="music",
        command="make bench-music" + (f' ARGS="{" ".join(sys.argv[1:])}"' if sys.argv[1:] else ""),
        given={"callers": given.callers, "seconds": given.seconds, "pairs": given.pairs},
    )
    rounds: list[Round] = []
    code = 0
    try:
        with bed(0, recording=False, extension=MUSIC_EXTENSION, change=waits_with_music) as both:
            for one in measured(both, given):
                rounds.append(one)
                told(one)
    except (Failure, Refusal, TimeoutError, ValueError, RuntimeError) as problem:
        result.broken_off = str(problem)
        print(f"The run ended before its time: {problem}", file=sys.stderr)
        code = 2
    if not rounds:
        return code
    result.figures = list(of_rounds(rounds, wanted=given.callers))
    result.remarks += list(remarks(rounds, wanted=given.callers))
    missed = [one for one in result.figures if one.holds is False]
    result.ok = code == 0 and not missed
    report(result, given.out)
    for sentence in result.remarks:
        print(sentence, file=sys.stderr)
    for figure in missed:
        print(
            f"Does not hold: {figure.title}: {page.number(figure.value)}, wanted {figure.wanted}.",
            file=sys.stderr,
        )
    return code or (1 if missed else 0)


def waits_with_music(queue: dict[str, Any]) -> None:
    """Picked up at once, nothing said, and nothing done about a long wait."""
    queue.update(
        pick_up_ms=0,
        promise_ms=PATIENCE_MS,
        incident_ms=PATIENCE_MS,
        overflow=[],
        overflow_ms=PATIENCE_MS,
        widening=[{"after_ms": 0, "phones": 1, "reach": "ready"}],
    )


def measured(both: Bed, given: argparse.Namespace) -> Iterator[Round]:
    """Measure in turn; with fewer callers where not both hold as many."""
    for share in LEVELS:
        callers = int(given.callers * share)
        pair = [one_round(both, kind, callers, given.seconds) for kind in DIALLED]
        yield from pair
        if all(one.held for one in pair):
            break
    pairs = [pair]
    while len(pairs) < given.pairs or (not narrow_enough(pairs) and len(pairs) < given.pairs_max):
        pairs.append([])
        for kind in DIALLED:
            pairs[-1].append(one_round(both, kind, callers, given.seconds))
            yield pairs[-1][-1]


def narrow_enough(pairs: Sequence[Sequence[Round]]) -> bool:
    """Tell whether the ratio of CPU is known well enough."""
    return ratio(CPU, [(queue.cpu_ms, switch.cpu_ms) for queue, switch in pairs]).is_narrow


def one_round(both: Bed, kind: str, callers: int, seconds: int) -> Round:
    """Let so many wait, listen, and let them go.  Raises Failure and TimeoutError."""
    name = f"waiting-{time.monotonic_ns()}"
    with Ears(callers, sample=min(SAMPLE, callers)) as ears:
        rows = [f"0{FIRST + n};{DIALLED[kind]};{port}" for n, port in enumerate(ears.ports)]
        (both.folder / "waiting.csv").write_text("\n".join(["SEQUENTIAL", *rows, ""]), "utf-8")
        arguments = [
            "-p", str(CALLER_PORT), "-inf", "waiting.csv", "-r", str(ARRIVALS_PER_S),
            "-m", str(callers), "-l", str(callers), "-cid_str", f"%u-{name}",
            switch_address(both.stack),
        ]  # fmt: skip
        ears.begin()
        with sipp(both.stack, SCENARIO, both.folder, *arguments) as waiting:

            def all_picked_up() -> bool:
                waiting.must_run()
                return ears.all_hear()

            # Who hears nothing by then is not held, and shows in the counts.
            with suppress(TimeoutError):
                wait_until(
                    all_picked_up,
                    seconds=callers / ARRIVALS_PER_S + PICKED_UP_S,
                    what="everybody to hear anything",
                    look_s=1.0,
                )
            time.sleep(SETTLE_S)  # what their arrival has left to do is no part of waiting
            used_s = time.monotonic()
            cpu_ms, own_ms = both.cpu_ms(kind), both.own_cpu_ms(kind)
            ears.begin()
            time.sleep(seconds)
            lasted_s = ears.listening_s
            cpu_ms, own_ms = both.cpu_ms(kind) - cpu_ms, both.own_cpu_ms(kind) - own_ms
            used_s = time.monotonic() - used_s
            counts, heard = ears.end()
            asterisk_kb = both.stack.server("asterisk").rss_kb()
            service_kb = both.service.server.rss_kb()
            waiting.must_run()
            let_go(both, callers, name)
            try:
                waiting.wait()
            except CallsFailed:
                if hearing(counts, lasted_s) == callers:
                    raise  # they could not hang up
    return judged(
        counts, heard, kind=kind, lasted_s=lasted_s, cpu_ms=cpu_ms / used_s, own_ms=own_ms / used_s,
        asterisk_mb=asterisk_kb / 1024, service_mb=service_kb / 1024,
    )  # fmt: skip


def let_go(both: Bed, callers: int, name: str) -> None:
    """Have every caller hang up.  Raises TimeoutError naming how many are still there."""
    left = list(range(callers))
    for _ in range(ORDERS_MAX):
        hang_up(left, name)
        with suppress(TimeoutError):
            wait_until(lambda: not still_there(both), seconds=GONE_S, what="", look_s=0.5)
            return
        # On a full machine SIPp loses an order: again, to those who are still there.
        left = still_there(both)
    raise TimeoutError(f"{len(left)} callers did not hang up")


def still_there(both: Bed) -> list[int]:
    """Return the callers, counted from 0, who have a channel."""
    return callers_in(both.stack.cli("core show channels concise"))


def callers_in(listing: str) -> list[int]:
    """Return the callers, counted from 0, of Asterisk's concise list of channels."""
    lines = (line.split("!") for line in listing.splitlines() if line.startswith("PJSIP/"))
    return sorted(int(line[CALLER_AT]) - FIRST for line in lines)


def hang_up(callers: Sequence[int], name: str) -> None:
    """Tell SIPp to end these calls: a MESSAGE within each, as its scenario waits for."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as orders:
        for at, caller in enumerate(callers, 1):
            order = (
                f"MESSAGE sip:order@{HOST}:{CALLER_PORT} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {HOST};branch=z9hG4bK-order-{caller}\r\n"
                f"From: <sip:order@{HOST}>;tag=order\r\nTo: <sip:order@{HOST}>\r\n"
                f"Call-ID: {caller + 1}-{name}\r\nCSeq: 1 MESSAGE\r\n"
                "Content-Length: 0\r\n\r\n"
            )
            orders.sendto(order.encode(), (HOST, CALLER_PORT))
            if at % ORDERS_AT_ONCE == 0:
                time.sleep(0.1)  # or a busy SIPp loses some


def hearing(counts: Sequence[int], seconds: float) -> int:
    """Return how many got what they should in so many seconds."""
    whole = seconds * PACKETS_PER_S
    return sum(count >= PACKETS_SHARE_MIN * whole for count in counts)


def judged(
    counts: Sequence[int],
    heard: Sequence[Heard],
    *,
    kind: str,
    lasted_s: float,
    cpu_ms: float,
    own_ms: float,
    asterisk_mb: float,
    service_mb: float,
) -> Round:
    """Return the round of callers who got so many packets in so many seconds, while so many ms of
    CPU were used per second."""
    whole = lasted_s * PACKETS_PER_S
    packets = sum(one.packets for one in heard)
    return Round(
        kind=kind,
        callers=len(counts),
        hearing=hearing(counts, lasted_s),
        packets_share_min=min(counts) / whole,
        gap_ms=max(one.gap_ms for one in heard),
        missing=sum(one.missing for one in heard),
        sounding=sum(one.sounding * one.packets for one in heard) / packets if packets else 0.0,
        cpu_ms=cpu_ms / len(counts),
        service_cpu_ms=own_ms / len(counts),
        asterisk_mb=asterisk_mb,
        service_mb=service_mb,
    )


def of_rounds(rounds: Sequence[Round], *, wanted: int) -> Iterator[Figure]:
    """Return the figures: how many were held, and of the rounds with equal numbers the rest."""
    for kind, side in SIDES.items():
        mine = [one for one in rounds if one.kind == kind]
        # A level holds when each of its rounds does.
        broken = {one.callers for one in mine if not one.held}
        held = max((one.callers for one in mine if one.callers not in broken), default=0)
        ours = kind == "service"
        yield Figure(
            name=f"held_{kind}", title=f"callers who all hear it, {side}", unit="callers",
            value=held, better="higher", wanted=f"at least {wanted}" if ours else "",
            holds=held >= wanted if ours else None,
        )  # fmt: skip
    last = [one for one in rounds if one.callers == rounds[-1].callers]
    pairs = list(zip(last[::2], last[1::2], strict=False))
    if len(pairs) > 1:
        yield from figures("music", ratio(CPU, [(a.cpu_ms, b.cpu_ms) for a, b in pairs]))
    for kind, side in SIDES.items():
        mine = [one for one in last if one.kind == kind]
        if not mine:
            continue
        for name, title, unit, value in (
            ("packets", "least packets that a caller got", "%",
             100 * min(one.packets_share_min for one in mine)),
            ("gap", "longest gap in the sample", "ms", max(one.gap_ms for one in mine)),
            ("sounding", "packets of the sample with more than silence", "%",
             100 * min(one.sounding for one in mine)),
            ("asterisk_mb", "memory of Asterisk", "MB", max(one.asterisk_mb for one in mine)),
            ("service_mb", "memory of the service", "MB", max(one.service_mb for one in mine)),
        ):  # fmt: skip
            if math.isinf(value):
                continue  # nobody of the sample got two packets
            yield Figure(
                name=f"{name}_{kind}", title=f"{title}, {side}, {mine[0].callers} callers",
                unit=unit, value=value,
                better="higher" if name in ("packets", "sounding") else "lower",
            )  # fmt: skip


def remarks(rounds: Sequence[Round], *, wanted: int) -> Iterator[str]:
    """Say what a reader must know of the rounds that did not hold."""
    for one in rounds:
        if not one.held:
            yield (
                f"Not held: {one.callers} callers of {SIDES[one.kind]}: {one.hearing} got at least "
                f"{100 * PACKETS_SHARE_MIN:g} % of their packets, the longest gap of the sample "
                f"was {one.gap_ms:.0f} ms."
            )
    last = [one for one in rounds if one.callers == rounds[-1].callers]
    pairs = list(zip(last[::2], last[1::2], strict=False))
    if len(pairs) > 1 and not narrow_enough(pairs):
        yield (
            f"After {len(pairs)} pairs the interval of the ratio of CPU is not narrower than "
            f"{NARROW:g}: not known well enough."
        )
    if rounds[-1].callers < wanted:
        yield (
            f"CPU and memory are those of {rounds[-1].callers} callers, not of {wanted}: more were "
            "not held by both on this machine at this load."
        )


def told(one: Round) -> None:
    """A line of progress."""
    print(
        f"{time.strftime('%H:%M:%S')} {SIDES[one.kind]:8} {one.callers} callers, {one.hearing} "
        f"hear all of it (the least {100 * one.packets_share_min:.1f} %), longest gap "
        f"{one.gap_ms:.0f} ms, {one.missing} lost | CPU {one.cpu_ms:.2f} ms per caller and second, "
        f"{one.service_cpu_ms:.3f} of it the service | Asterisk {one.asterisk_mb:.0f} MB, service "
        f"{one.service_mb:.0f} MB | load {os.getloadavg()[0]:.1f}",
        file=sys.stderr,
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
