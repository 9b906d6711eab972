"""The A/B room, with a real softphone as agent A (E14–E16): out to 120, back, merge, split, a
private talk, A hangs up, A returns; then a supervisor listens, whispers and barges in.

Everybody has a tone of their own, and who hears whom in every mode is read from what the phones
have received: ``matrix``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from acd.drill.cast import Cast, DrillFailure, Ground, Json
from acd.drill.judge import Wanted
from acd.drill.matrix import Mode, Move, Person, Verdict, judge, page, rooms
from acd.drill.pause import Watch, doubt
from acd.drill.report import report
from acd.drill.scenery import ELDER, ENTRY, MEDICAL, PICKS_UP_MS, TALK_S, tell_so_far, told_until
from acd.proof import hearing
from acd.proof.operators import CarriedCall
from acd.proof.phones import AgentCall
from acd.proof.softphone import SoftCall, Softphone, read_wav
from acd.proof.stage import Stage, now_ms
from acd.proof.terminals import TerminalCall, Terminals

ELDER_HZ, A_HZ, B_HZ, RESCUE_HZ, SUPERVISOR_HZ = 1060, 1400, 1720, 2220, 2540
"""300 Hz from each other, none the harmonic of another, and none in the music."""

MODE_S = 4.0
"""So long each mode lasts: longer than whatever is said to those who have moved."""

SETTLES_MS = 300.0
"""From the moment in which the switch has moved somebody to the first sound in their ear."""

CALL_S_MAX = 300

HEARING_MS = 100.0
"""A robot that stood still for longer has left breaks of its own in what others hear."""

E, A, B, R, S = "elder", "A", "B", "120", "supervisor"


@dataclass(slots=True)
class Played:
    """What happened, as the phones saw it, and what the switch tells of it."""

    terminal: TerminalCall
    a: list[SoftCall]
    """A's two calls: before the hang-up, and after it."""
    b: AgentCall
    rescue: CarriedCall
    supervisor: AgentCall
    modes: list[Mode]
    moves: list[Move]
    case: Json = field(default_factory=dict)
    timeline: list[Json] = field(default_factory=list)


def run(ground: Ground) -> int:
    """Play it, print what the switch tells and who heard whom, and judge; 0 only when all held."""
    with _on_stage(ground) as (cast, phone):
        played = _Play(cast, phone).play()
        verdict = heard(played)
        page(played.modes, verdict, lambda line: print(line, flush=True))
        if verdict.wrong:
            doubt(
                cast.watch.longest_ms,
                f"{len(verdict.wrong)} was not heard as wanted.",
                more_than_ms=HEARING_MS,
            )
        return report(
            "ab", played.timeline, script(played), [], carried=cast.carried(), more=verdict.wrong,
            stood_still_ms=cast.watch.longest_ms,
            figures={
                "cells": verdict.cells,
                "silence_ms_max": round(max(verdict.silence_ms.values())),
                "gap_ms_max": round(max(verdict.gap_ms.values())),
            },
        )  # fmt: skip


@contextmanager
def _on_stage(ground: Ground) -> Iterator[tuple[Cast, Softphone]]:
    """A at a softphone, and robots as everybody else."""
    first, second, supervisor = ground.accounts
    with Watch() as watch, Stage() as stage:
        cast = Cast(stage, ground, watch, [second, supervisor])
        phone = Softphone(stage, ground.tools, first, tone_hz=A_HZ, tone_s=CALL_S_MAX)
        try:
            for robot, tone_hz in zip(cast.phones, (B_HZ, SUPERVISOR_HZ), strict=True):
                robot.tones_hz = dict.fromkeys(robot.tones_hz, tone_hz)
                robot.wait_registered()
            cast.until(lambda: phone.registered, "A's softphone to be registered")
            cast.until(lambda: all(o.greeted for o in cast.operators), "the switch to ask us")
            yield cast, phone
        except DrillFailure as failure:
            tell_so_far(cast)
            doubt(watch.longest_ms, str(failure))
            raise
        finally:
            phone.close()


# ── The play ─────────────────────────────────────────────────────────────────────────────────


class _Play:
    """One after the other: somebody moves, and then everybody talks for a while."""

    def __init__(self, cast: Cast, phone: Softphone) -> None:
        self.cast, self.phone = cast, phone
        self.modes: list[Mode] = []
        self.moves: list[Move] = []
        self.a, self.b = phone.user.removeprefix("a"), cast.ground.accounts[1].user[1:]
        self.supervisor = cast.ground.accounts[2].user[1:]
        self.call = ""

    def play(self) -> Played:
        """Play it to the end. Raises DrillFailure where the switch leaves the script."""
        cast, phone = self.cast, self.phone
        cast.on_dialled[MEDICAL] = self._rescue_is_called
        cast.post(f"/agents/{self.a}/login")
        terminals = Terminals(cast.stage, cast.ground.tools, [ELDER], called=ENTRY)
        (terminal,) = terminals.calls
        terminal.tone_hz = ELDER_HZ
        first = self._a_answers(0)
        cast.log_in(cast.phones[0])
        phone.press(first, "*31")
        self._mode("two", rooms(f"{E} {A}"))
        b = self._case(first)
        rescue = self._out_and_back(first)
        returned = self._a_goes_and_returns(first)
        supervisor = self._supervised()
        cast.hang_up(rescue)
        cast.until(lambda: rescue.ended_ms, "120 to be gone")
        cast.flow(TALK_S)
        phone.press(returned, "*98")
        cast.flow(TALK_S)
        terminals.hang_up(terminal)
        cast.until(lambda: terminal.ended_ms, "the elder's line to end")
        cast.until(lambda: b.ended_ms and supervisor.ended_ms, "the agents' lines to end")
        cast.until(lambda: returned.path, "A's recording")
        played = Played(terminal, [first, returned], b, rescue, supervisor, self.modes, self.moves)
        played.case, played.timeline = told_until(cast, "CallEnded", b.ended_ms or 0.0)
        return played

    def _a_answers(self, n: int) -> SoftCall:
        cast, phone = self.cast, self.phone
        call = cast.until(lambda: phone.calls[n : n + 1], "A's softphone to ring")[0]
        cast.flow(PICKS_UP_MS / 1000)
        phone.answer(call)
        cast.until(lambda: call.talks, "A to answer")
        return call

    def _rescue_is_called(self, call: CarriedCall) -> None:
        call.tone_hz = RESCUE_HZ
        self.cast.stage.after(PICKS_UP_MS, lambda: self.cast.answer(call))

    def _case(self, first: SoftCall) -> AgentCall:
        """*90, and B comes."""
        cast = self.cast
        asked_ms = now_ms()
        self.phone.press(first, "*90")
        b = cast.answered(asked_ms, "agent B to come")
        self._placed({ELDER: "caller", self.a: "caller", self.b: "caller"})
        self._mode("A and B", rooms(f"{E} {A} {B}"))
        (found,) = cast.get("/cases", terminal=ELDER)
        self.call = cast.get(f"/cases/{found['id']}")["scenes"][0]["call"]
        return b

    def _out_and_back(self, first: SoftCall) -> CarriedCall:
        """Out to 120, back, merge, split, a private talk."""
        cast, with_elder = self.cast, {ELDER: "caller", self.b: "caller"}
        with self._move("A goes to the rescue room", E, B):
            self.phone.press(first, "*911#")
            cast.until(lambda: cast.dialled(MEDICAL), "120 to be called")
            (rescue,) = cast.dialled(MEDICAL)
            cast.until(lambda: rescue.ack_ms, "120 to be connected")
            self._placed({**with_elder, self.a: "rescue", MEDICAL: "rescue"})
        self._mode("rescue room", rooms(f"{E} {B}", f"{A} {R}"))
        with self._move("A comes back", E, B):
            self.phone.press(first, "*92")
            self._placed({**with_elder, self.a: "caller", MEDICAL: "music"})
        self._mode("back", rooms(f"{E} {A} {B}", R))
        with self._move("all together", E, B):
            self.phone.press(first, "*93")
            self._placed({**with_elder, self.a: "caller", MEDICAL: "caller"})
        self._mode("merged", rooms(f"{E} {A} {B} {R}"))
        with self._move("apart again", E, B):
            self.phone.press(first, "*94")
            self._placed({**with_elder, self.a: "rescue", MEDICAL: "rescue"})
        self._mode("split", rooms(f"{E} {B}", f"{A} {R}"))
        self.phone.press(first, "*95")
        self._placed({ELDER: "music", self.a: "private", self.b: "private", MEDICAL: "music"})
        self._mode("private", rooms(E, f"{A} {B}", R))
        self.phone.press(first, "*95")
        self._placed({**with_elder, self.a: "caller", MEDICAL: "music"})
        self._mode("from private", rooms(f"{E} {A} {B}", R))
        return rescue

    def _a_goes_and_returns(self, first: SoftCall) -> SoftCall:
        """A hangs up and is rung again."""
        with self._move("A hangs up", E, B):
            self.phone.hang_up(first)
            self.cast.until(lambda: len(self.phone.calls) > 1, "A to be rung again")
        self._mode("without A", rooms(f"{E} {B}", R))
        with self._move("A returns", E, B):
            returned = self._a_answers(1)
            self._placed({ELDER: "caller", self.a: "caller", self.b: "caller", MEDICAL: "music"})
        self._mode("A again", rooms(f"{E} {A} {B}", R))
        return returned

    def _supervised(self) -> AgentCall:
        """A supervisor listens, whispers to A, and barges in."""
        cast = self.cast
        cast.log_in(cast.phones[1])
        three = rooms(f"{E} {A} {B}", R)
        all_three = frozenset({E, A, B})
        watch = f"/supervisors/{self.supervisor}/watch"
        asked_ms = now_ms()
        with self._move("a supervisor listens", E, A):
            cast.post(watch, call=self.call)
            supervisor = cast.answered(asked_ms, "the supervisor to listen")
        self._mode("listen", {**three, S: all_three})
        with self._move("a supervisor whispers", E, B):
            cast.keys(supervisor, "2")
        self._mode("whisper", {**three, A: three[A] | {S}, S: all_three})
        with self._move("a supervisor barges in", E, B):
            cast.post(watch, call=self.call, mode="barge")
        self._mode("barge", rooms(f"{E} {A} {B} {S}", R))
        return supervisor

    @contextmanager
    def _move(self, name: str, one: str, other: str) -> Iterator[None]:
        """Somebody moves meanwhile, and these two stay."""
        from_ms = now_ms()
        yield
        self.cast.flow(1.0)
        self.moves.append(Move(name, (one, other), from_ms, now_ms() - SETTLES_MS))

    def _mode(self, name: str, hears: dict[str, frozenset[str]]) -> None:
        """Everybody talks."""
        from_ms = now_ms() + SETTLES_MS
        self.cast.flow(MODE_S)
        self.modes.append(Mode(name, hears, from_ms, now_ms() - SETTLES_MS))

    def _placed(self, wanted: dict[str, str]) -> None:
        """Wait until the switch has everybody where they belong."""

        def there() -> bool:
            (found,) = self.cast.get("/cases", terminal=ELDER)
            (scene,) = self.cast.get(f"/cases/{found['id']}")["scenes"]
            places = {leg["agent"] or leg["number"]: leg["place"] for leg in scene["legs"]}
            return wanted.items() <= places.items()

        self.cast.asked(there, f"everybody to be in their room: {wanted}")


# ── What is wanted of it ─────────────────────────────────────────────────────────────────────


def heard(played: Played) -> Verdict:
    """The matrix, from the phones' recordings."""
    robots = (
        (E, ELDER_HZ, played.terminal.recording), (B, B_HZ, played.b.recording),
        (R, RESCUE_HZ, played.rescue.recording), (S, SUPERVISOR_HZ, played.supervisor.recording),
    )  # fmt: skip
    people = [Person(A, A_HZ, _of_softphone(played.a))]
    for name, tone_hz, recording in robots:
        assert recording is not None
        people.append(Person(name, tone_hz, hearing.of_robot(recording)))
    return judge(people, played.modes, played.moves, E)


def _of_softphone(calls: Sequence[SoftCall]) -> hearing.Sound:
    frames: list[tuple[float, Sequence[int]]] = []
    for call in calls:
        assert call.path is not None and call.audio_ms is not None
        sound = hearing.of_samples(read_wav(call.path), call.audio_ms)
        frames += [(frame.at_ms, frame.samples) for frame in sound.between(0, float("inf"))]
    return hearing.Sound(frames)


def script(played: Played) -> list[Wanted]:
    """The timeline by hand: what the guide wants of A and B, step by step."""
    a, b = (user.removeprefix("a") for user in ("a8002", played.b.user))
    rescue = played.rescue
    step = (MODE_S * 1000 - 1_000, 20_000.0)
    return [
        Wanted("E33", f"Caller {ELDER}, terminal {ELDER}, dialled {ENTRY}.",
               seen_ms=played.terminal.invite_ms),
        Wanted("T09", f"Agent {a} and the caller heard each other.", (0, 10_000),
               played.a[0].at_ms["CONFIRMED"]),
        Wanted("E14", f"The case was opened, by agent {a}.", (0, 20_000)),
        Wanted("E14", f"Agent {b} was rung to be B.", (0, 1_000), played.b.invite_ms),
        Wanted("E14", f"Agent {b} was B.", (0, 10_000), played.b.answer_ms),
        Wanted("E16", f"Agent {b} was with the caller.", (0, 1_000)),
        Wanted("E05", f"{MEDICAL} was dialled over carrier-a for agent {a}.", step,
               rescue.invite_ms),
        Wanted("E15", f"Agent {a} was in the rescue room.", (0, 1_000)),
        Wanted("E05", f"{MEDICAL} picked up…", (500, 5_000), rescue.answer_ms),
        Wanted("E03", f"120 was on the line with agent {a}.", (0, 1_000)),
        Wanted("E15", f"Agent {a} was with the caller.", step),
        Wanted("E10", f"{MEDICAL} was with the caller.", step),
        Wanted("E10", f"{MEDICAL} was in the rescue room.", step),
        Wanted("E16", "The caller was told: caller-we-confer.", step),
        Wanted("E16", "The caller was told: caller-hold-thanks.", step),
        Wanted("C07", f"Agent {a}'s line ended: hung up…", step,
               played.a[0].at_ms["DISCONNECTED"]),
        Wanted("E14", f"Agent {a} was rung to be A.", (0, 3_000)),
        Wanted("E14", f"Agent {a} was A.", (0, 20_000), played.a[1].at_ms["CONFIRMED"]),
        Wanted("E05", f"{MEDICAL}'s line ended: hung up…", (10_000, 60_000), rescue.ended_ms),
        Wanted("E37", f"Help was at the door, by agent {a}.", (0, 20_000)),
        Wanted("E37", "The caller's line ended: hung up…", (0, 20_000), played.terminal.ended_ms),
    ]  # fmt: skip
