"""The same emergency with one agent on duty: the switch is B (C17).

The elder presses the key and says nothing.  The only agent opens a case; nobody can be B, so the
switch calls the contacts while the agent calls 110.  A voicemail box picks up and presses nothing;
the neighbour presses 1 and is brought to the elder's line.  Then help is at the door.
"""

from __future__ import annotations

from dataclasses import dataclass

from acd.drill.cast import Cast, Ground, Json
from acd.drill.judge import Tone, Wanted
from acd.drill.report import report
from acd.drill.scenery import (
    ELDER,
    ENTRY,
    NEIGHBOUR,
    PICKS_UP_MS,
    POLICE,
    TALK_S,
    VOICEMAIL,
    on_stage,
    talk_with_police,
    told_until,
)
from acd.proof.operators import CarriedCall
from acd.proof.phones import AgentCall
from acd.proof.stage import now_ms
from acd.proof.terminals import TerminalCall, Terminals


@dataclass(slots=True)
class Played:
    """What happened, as the robots saw it, and what the switch tells of it."""

    terminal: TerminalCall
    a: AgentCall
    voicemail: CarriedCall
    neighbour: CarriedCall
    police: CarriedCall
    commanded_ms: float
    """When A began to press *912#."""
    case: Json
    timeline: list[Json]


def run(ground: Ground) -> int:
    """Play it, print what the switch tells, and judge; 0 only when all of it held."""
    with on_stage(ground) as cast:
        played = play(cast)
        early = played.police.invite_ms < played.commanded_ms
        return report(
            "alone", played.timeline, script(played), tones(played), carried=cast.carried(),
            more=["E36: 110 was called before A commanded it"] if early else [],
            stood_still_ms=cast.watch.longest_ms,
        )  # fmt: skip


def play(cast: Cast) -> Played:
    """Play it to the end. Raises DrillFailure where the switch leaves the script."""
    cast.answers(VOICEMAIL, PICKS_UP_MS)
    terminals = Terminals(cast.stage, cast.ground.tools, [ELDER], called=ENTRY, mute=True)
    a = cast.answered(now_ms() - 1_000, "the agent to answer the elder", shown=ELDER)
    cast.flow(TALK_S)
    cast.keys(a, "*90")
    cast.until(
        lambda: cast.dialled(VOICEMAIL) and cast.dialled(NEIGHBOUR), "the switch to call contacts"
    )
    voicemail, neighbour = cast.dialled(VOICEMAIL)[0], cast.dialled(NEIGHBOUR)[0]
    cast.until(lambda: voicemail.ack_ms, "the voicemail box to be connected")
    police, commanded_ms = talk_with_police(cast, a)
    cast.flow(TALK_S)
    cast.answer(neighbour)
    cast.until(lambda: neighbour.ack_ms, "the neighbour to be connected")
    cast.press(neighbour, "1")
    cast.flow(TALK_S)
    cast.keys(a, "*93")
    cast.until(lambda: voicemail.ended_ms, "the voicemail box to be let go")
    cast.flow(TALK_S)
    cast.keys(a, "*98")
    cast.flow(TALK_S)
    (terminal,) = terminals.calls
    terminals.hang_up(terminal)
    cast.until(lambda: terminal.ended_ms, "the elder's line to end")
    cast.hang_up(neighbour)
    cast.until(lambda: a.ended_ms, "the agent to be free")
    case, timeline = told_until(cast, "CallEnded", a.ended_ms or 0.0)
    return Played(terminal, a, voicemail, neighbour, police, commanded_ms, case, timeline)


def script(played: Played) -> list[Wanted]:
    """The timeline by hand, from the guide's and the standards' times where they say one."""
    a = played.a.user.removeprefix("a")
    voicemail, neighbour, police = played.voicemail, played.neighbour, played.police
    return [
        Wanted("E33", f"Caller {ELDER}, terminal {ELDER}, dialled {ENTRY}.",
               seen_ms=played.terminal.invite_ms),
        Wanted("T09", f"Agent {a} and the caller heard each other.", (0, 10_000), played.a.ack_ms),
        Wanted("E14", f"The case was opened, by agent {a}.", (0, 10_000)),
        Wanted("C17", "Nobody is b yet.", (9_000, 12_000)),
        Wanted("C17", "One agent on duty.", (0, 1_000)),
        Wanted("C17", f"{VOICEMAIL} was dialled over…", (0, 1_000), voicemail.invite_ms),
        Wanted("C17", f"{NEIGHBOUR} was dialled over…", (0, 1_000), neighbour.invite_ms),
        Wanted("C17", f"{VOICEMAIL} picked up…", (500, 5_000), voicemail.answer_ms),
        Wanted("E36", f"{POLICE} was dialled over carrier-a for agent {a}.", (0, 10_000),
               police.invite_ms),
        Wanted("E15", f"Agent {a} was in the rescue room.", (0, 1_000)),
        Wanted("E36", f"{POLICE} picked up…", (500, 5_000), police.answer_ms),
        Wanted("E36", f"110 was on the line with agent {a}.", (0, 1_000)),
        Wanted("E36", f"{POLICE}'s line ended: hung up…", (1_000, 10_000), police.ended_ms),
        Wanted("C17", f"{NEIGHBOUR} picked up…", (0, 5_000), neighbour.answer_ms),
        Wanted("C17", f"{NEIGHBOUR} pressed 1.", (0, 5_000)),
        Wanted("C17", f"Contact {NEIGHBOUR} accepted.", (0, 1_000)),
        Wanted("T35", f"{NEIGHBOUR} was with the caller.", (0, 10_000)),
        Wanted("C17", f"{VOICEMAIL}'s line ended: hung up…", (0, 30_000), voicemail.ended_ms),
        Wanted("E37", f"Help was at the door, by agent {a}.", (0, 10_000)),
        Wanted("E37", "The caller's line ended: hung up…", (0, 10_000), played.terminal.ended_ms),
    ]  # fmt: skip


def tones(played: Played) -> list[Tone]:
    """Who must have heard whom."""
    a, terminal, neighbour, police = played.a, played.terminal, played.neighbour, played.police
    return [
        Tone("the elder hears A", terminal.recording, a.tone_hz),
        Tone("the elder hears the neighbour", terminal.recording, neighbour.tone_hz),
        Tone("the neighbour hears A", neighbour.recording, a.tone_hz),
        Tone("110 hears A", police.recording, a.tone_hz),
        Tone("A hears 110", a.recording, police.tone_hz),
        Tone("the elder hears no 110", terminal.recording, police.tone_hz, heard=False),
    ]
