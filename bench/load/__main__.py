"""See the package and bench/README.md."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from acd.proof.load import dial_all
from acd.proof.phones import Account, AgentCall, Behaviour, Phones
from acd.proof.sipp import SippError, find_sipp
from acd.proof.stage import ProofFailure, Stage, Switch, Tools
from bench.load import outcome, target
from bench.load.machine import Machine
from bench.load.outcome import Sample
from bench.load.profiles import ANSWER_MS, PROFILES, Group, Profile
from bench.load.traffic import Traffic
from bench.operators import at_demo_trunks
from bench.results import page
from bench.results.model import Result
from bench.results.report import report, writable
from bench.switch.running import running
from servers.root import ensure_root
from servers.settings import load
from servers.steps import Failure, Refusal

EVERY_S = 5.0
WRAP_UP_MS = 2_000
UNHEARD_MS = 5_000
"""SIP answers an INVITE at once, if only by 100: after so long the target is asked if it lives."""
FIRST_AGENT = 8101
OWN_ENTRIES = {Group.EMERGENCY: "95001", Group.ENQUIRY: "95002", Group.FLOOD: "95001"}


class Loaded:
    """A switch under load, and what is known of it."""

    def __init__(self, tools: Tools, agents: Sequence[Account], machine: Machine) -> None:
        self.tools, self.agents, self.machine = tools, agents, machine
        self.in_talk: Callable[[AgentCall], None] = lambda call: None
        self.lives: Callable[[Traffic], None] = lambda traffic: None
        """Raises Failure or Refused when the switch is not there any more."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Load; exit code 0: what the profile wants holds; 1: it does not; 2: it could not be run."""
    given = _parser().parse_args(arguments)
    profile = PROFILES[given.profile]
    seconds = given.seconds or profile.seconds
    words = " ".join(sys.argv[1:] if arguments is None else arguments)
    name = "load" if given.target else "bench-load"
    result = Result(
        bench=f"load-{profile.name}",
        command=f'make {name} ARGS="{words}"',
        given={
            "profile": profile.name,
            "seconds": seconds,
            "target": given.target or "a switch of its own",
            "talk_ms": given.talk_ms,
            "emergency": given.emergency,
            "enquiry": given.enquiry,
        },
    )
    code = 0
    traffic: Traffic | None = None
    samples: list[Sample] = []
    try:
        with ExitStack() as stack:
            stage = stack.enter_context(Stage())
            loaded = stack.enter_context(_named(given) if given.target else _own(given))
            count = len(loaded.agents) or given.agents
            result.given["agents"] = count
            traffic = Traffic(
                stage,
                loaded.tools,
                profile.streams(
                    agents=count,
                    seconds=seconds,
                    talk_ms=given.talk_ms,
                    wrap_up_ms=given.wrap_up_ms,
                ),
                entries=dict(
                    zip(Group, (given.emergency, given.enquiry, given.emergency), strict=True)
                ),
                prefix=given.prefix,
                in_talk=loaded.in_talk,
            )
            _work(stage, loaded, traffic, samples, given)
    except (
        target.Refused, ProofFailure, SippError, Refusal, Failure, TimeoutError, ValueError,
    ) as problem:  # fmt: skip
        result.broken_off = str(problem)
        print(f"The load could not be run to its end: {problem}", file=sys.stderr)
        code = 2
    except KeyboardInterrupt:
        result.broken_off = "It was stopped by hand."
        print("Stopped; what was measured until now is kept.", file=sys.stderr)
        code = 130
    return _tell(result, profile, traffic, samples, code, given.out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.load",
        description="Load from terminals and robot agents; bench/README.md explains it.",
        epilog="Profiles: " + "; ".join(f"{one.name}: {one.text}" for one in PROFILES.values()),
    )
    parser.add_argument("--profile", choices=PROFILES, default="quiet")
    parser.add_argument("--seconds", type=float, help="instead of the profile's own length")
    parser.add_argument("--agents", type=int, default=20, help="robots, in a switch of its own")
    parser.add_argument("--talk-ms", type=int, default=10_000)
    parser.add_argument("--wrap-up-ms", type=int, default=WRAP_UP_MS, help="the target's own")
    parser.add_argument("--target", help="HOST or HOST:PORT instead of a switch of its own")
    parser.add_argument("--public", action="store_true", help="a public address may be loaded")
    parser.add_argument("--agents-file", type=Path, help="the target's phones: user;password each")
    parser.add_argument(
        "--login", default="*60", help="dialled by each phone first; empty: nothing"
    )
    parser.add_argument("--logout", default="*69", help="dialled at the end; empty: nothing")
    parser.add_argument("--emergency", default=OWN_ENTRIES[Group.EMERGENCY], help="entry dialled")
    parser.add_argument("--enquiry", default=OWN_ENTRIES[Group.ENQUIRY], help="entry dialled")
    parser.add_argument("--prefix", default="0216", help="callers' numbers: this and seven digits")
    parser.add_argument("--metrics", help="the target's metrics, http://HOST:PORT/metrics")
    parser.add_argument("--out", type=writable, help="folder of the result")
    return parser


@contextmanager
def _own(given: argparse.Namespace) -> Iterator[Loaded]:
    """A switch of its own on the demo directory, with so many agents who take everything."""
    numbers = [str(FIRST_AGENT + n) for n in range(given.agents)]

    def change(directory: dict[str, list[dict[str, Any]]]) -> None:
        for number in numbers:
            skills = {"emergency": 5, "enquiry": 5}
            directory["agents"].append({"id": number, "name": number, "skills": skills})
            seat = {"id": f"s{number}", "phones": [f"a{number}"], "agent": number}
            directory["seats"].append(seat)
        for queue in directory["queues"]:
            queue["wrap_up_ms"] = given.wrap_up_ms

    with at_demo_trunks(), running(change) as switch:
        machine = Machine(
            f"{switch.settings.http_address}/metrics", lambda: switch.stack.cpu_ms("asterisk")
        )
        tools = Tools(switch.sipp, switch.folder, switch.sip)
        found = Loaded(tools, switch.accounts(numbers), machine)

        def lives(traffic: Traffic | None = None) -> None:
            if gone := switch.gone():
                raise Failure(gone)

        def in_talk(call: AgentCall) -> None:
            """Or the emergency would be owed a callback (E33)."""
            try:
                switch.says_responded(call)
            except OSError as problem:
                lives()
                raise Failure(f"The service did not take an agent's word: {problem}.") from problem

        found.lives, found.in_talk = lives, in_talk
        yield found


@contextmanager
def _named(given: argparse.Namespace) -> Iterator[Loaded]:
    """Whatever the tester names.  Raises Refused before anything is sent but one OPTIONS."""
    address, port = target.parse(given.target, public=given.public)
    agents = target.accounts(given.agents_file) if given.agents_file else []
    target.answers(address, port)
    sipp = find_sipp(os.environ.get("HULING_SIPP"), ensure_root(load()))
    with tempfile.TemporaryDirectory(prefix="huling-load-") as folder:
        where = Switch(address, port, target.own_address(address))
        found = Loaded(Tools(sipp, Path(folder), where), agents, Machine(given.metrics))

        def lives(traffic: Traffic) -> None:
            if traffic.unheard_ms() > UNHEARD_MS:
                target.answers(address, port)

        found.lives = lives
        yield found


def _work(
    stage: Stage,
    loaded: Loaded,
    traffic: Traffic,
    samples: list[Sample],
    given: argparse.Namespace,
) -> None:
    """Bring the robots to their seats, place the calls, and let the robots go."""
    phones = None
    if loaded.agents:
        _said(f"{len(loaded.agents)} telephones register and dial {given.login or 'nothing'}.")
        phones = Phones(
            stage, loaded.tools, loaded.agents, Behaviour(answer_ms=ANSWER_MS), audio=False,
            on_answer=traffic.agent_answered,
        )  # fmt: skip
        phones.wait_registered(timeout_s=30)
        if given.login:
            dial_all(phones, given.login)
        traffic.robots = phones
    try:
        traffic.run(lambda now_s: _tick(now_s, traffic, loaded, samples))
    finally:
        traffic.close()
    if phones is not None:
        stage.run(lambda: all(call.ended_ms for call in phones.calls), 5.0)
        if given.logout:
            dial_all(phones, given.logout)
        phones.unregister()


def _tick(now_s: float, traffic: Traffic, loaded: Loaded, samples: list[Sample]) -> None:
    """A sample and a line every few seconds, as long as there is somebody to load."""
    if samples and now_s < samples[-1].at_s + EVERY_S:
        return
    loaded.lives(traffic)
    calls = list(traffic.calls())
    live = sum(not call.over for call in calls)
    samples.append(loaded.machine.sample(now_s, live))
    waits = sorted(outcome.waits_ms(calls))
    tail = f"answer p95 {outcome.at(waits, 0.95) / 1000:.1f} s" if waits else "nobody answered yet"
    used = samples[-1]
    _said(
        f"{now_s:6.0f} s  {len(calls)} placed, {live} live, {len(waits)} answered, "
        f"{sum(call.left for call in calls)} left, {sum(call.lost for call in calls)} lost, {tail}"
        + ("" if used.memory_mb is None else f", {used.memory_mb:.0f} MB")
    )


def _said(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _tell(
    result: Result,
    profile: Profile,
    traffic: Traffic | None,
    samples: Sequence[Sample],
    code: int,
    out: Path | None,
) -> int:
    calls = [] if traffic is None else list(traffic.calls())
    if not calls:
        return code or _nothing(result)
    result.figures = outcome.figures(profile, calls, samples)
    if result.broken_off:
        # What ended the run would be blamed on the switch.
        result.figures = [msgspec.structs.replace(one, holds=None) for one in result.figures]
    result.plots = list(outcome.plots(calls, samples))
    missed = [one for one in result.figures if one.holds is False]
    result.ok = code == 0 and not missed
    report(result, out)
    for one in missed:
        print(
            f"Does not hold: {one.title}: {page.number(one.value)}, wanted {one.wanted}.",
            file=sys.stderr,
        )
    return code or (1 if missed else 0)


def _nothing(result: Result) -> int:
    print(f"{result.bench}: no call was placed, so there is nothing to tell.", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
