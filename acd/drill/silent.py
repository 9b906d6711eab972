"""Scenario 5 of the Shanghai guide, played: nobody answers who has pressed the key (E33–E42).

The elder presses the key and says nothing; the agent stays until the line drops.  The elder is
called back twice and does not pick up.  One contact has a voicemail box that picks up and presses
nothing; the other is out at first, and later presses 1.  Agent A, on that line, calls B and then
110.  Then the elder picks up after all and is well: 110 is to be called off.
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

MINUTE_MS = 60_000.0


@dataclass(slots=True)
class Played:
    """What happened, as the robots saw it, and what the switch tells of it."""

    terminal: TerminalCall
    first: AgentCall
    """The agent's side of the elder's silent call."""
    callbacks: list[CarriedCall]
    """To the elder: two that nobody takes, and the one at the end."""
    voicemail: CarriedCall
    neighbour: CarriedCall
    a: AgentCall
    """Agent A with the neighbour, and beside them with 110."""
    b: AgentCall
    police: CarriedCall
    commanded_ms: float
    """When A began to press *912#."""
    back: AgentCall
    """The agent with whom the elder is joined at the end."""
    case: Json
    timeline: list[Json]


def run(ground: Ground) -> int:
    """Play it, print what the switch tells, and judge; 0 only when all of it held."""
    with on_stage(ground) as cast:
        played = play(cast)
        return report(
            "silent", played.timeline, script(played), tones(played),
            carried=cast.carried(), more=afterwards(played),
            stood_still_ms=cast.watch.longest_ms,
        )  # fmt: skip


# ── The play ─────────────────────────────────────────────────────────────────────────────────


def play(cast: Cast) -> Played:
    """Play it to the end. Raises DrillFailure where the switch leaves the script."""
    cast.answers(VOICEMAIL, PICKS_UP_MS)
    terminal, first = silent_call(cast)
    callbacks = [_unanswered(cast, n) for n in (1, 2)]
    neighbour, a = _neighbour_presses_one(cast)
    b_asked_ms = cast.keys(a, "*90")
    b = cast.answered(b_asked_ms, "agent B to come")
    cast.flow(TALK_S)
    police, commanded_ms = _rescue(cast, a)
    cast.hang_up(neighbour)
    cast.until(lambda: a.ended_ms and b.ended_ms, "both agents to be free")
    elder, back = _elder_is_well(cast, a)
    return Played(
        terminal, first, [*callbacks, elder], cast.dialled(VOICEMAIL)[0], neighbour, a, b, police,
        commanded_ms, back, *told_until(cast, "PlacedCallEnded", elder.ended_ms or 0.0),
    )  # fmt: skip


def silent_call(cast: Cast) -> tuple[TerminalCall, AgentCall]:
    """The key is pressed, nobody speaks, and the line drops once that is flagged."""
    began = now_ms()
    terminals = Terminals(cast.stage, cast.ground.tools, [ELDER], called=ENTRY, mute=True)
    first = cast.answered(began, "an agent to answer the elder", shown=ELDER)
    cast.flow(TALK_S)
    phone = cast.phone_of(first)
    phone.quiet(first.user, quiet=True)

    def flagged() -> bool:
        caller = cast.get(f"/agents/{first.user.removeprefix('a')}")["caller"]
        return caller is not None and caller["response"] == "no_response"

    cast.asked(flagged, "the call to be flagged as without response")
    (call,) = terminals.calls
    terminals.hang_up(call)
    cast.until(lambda: call.ended_ms and first.ended_ms, "the silent call to end")
    phone.quiet(first.user, quiet=False)
    return call, first


def _unanswered(cast: Cast, n: int) -> CarriedCall:
    """The ``n``-th callback, which rings until the switch gives up."""
    cast.until(lambda: len(cast.dialled(ELDER)) >= n, f"callback {n} to the elder")
    call = cast.dialled(ELDER)[n - 1]
    cast.until(lambda: call.ended_ms, f"callback {n} to end")
    return call


def _neighbour_presses_one(cast: Cast) -> tuple[CarriedCall, AgentCall]:
    """The second contact has come home: picks up the next time, presses 1, and is with an agent."""
    home_ms = now_ms()
    cast.answers(NEIGHBOUR, PICKS_UP_MS)

    def there() -> list[CarriedCall]:
        return [
            call
            for call in cast.dialled(NEIGHBOUR)
            if call.invite_ms > home_ms and call.ack_ms and not call.ended_ms
        ]

    call = cast.until(there, "the neighbour to be called again")[0]
    pressed_ms = now_ms()
    cast.press(call, "1")
    return call, cast.answered(pressed_ms, "agent A to be with the neighbour", shown=NEIGHBOUR)


def _rescue(cast: Cast, a: AgentCall) -> tuple[CarriedCall, float]:
    """A calls 110 out of the neighbour's hearing, talks with them, and comes back."""
    police, commanded_ms = talk_with_police(cast, a)
    cast.keys(a, "*92")
    cast.flow(TALK_S)
    return police, commanded_ms


def _elder_is_well(cast: Cast, a: AgentCall) -> tuple[CarriedCall, AgentCall]:
    """The next redial is answered: an agent hears that all is well (*97)."""
    before = len(cast.dialled(ELDER))
    cast.answers(ELDER, PICKS_UP_MS)
    cast.until(lambda: len(cast.dialled(ELDER)) > before, "the elder to be called again")
    call = cast.dialled(ELDER)[before]
    cast.until(lambda: call.ack_ms, "the elder to pick up")
    back = cast.answered(a.invite_ms + 1, "an agent for the elder", shown=ELDER)
    cast.flow(TALK_S)
    cast.keys(back, "*97")
    cast.flow(TALK_S)
    cast.hang_up(call)
    cast.until(lambda: back.ended_ms, "the end of the talk with the elder")
    return call, back


# ── What the guide wants of it ───────────────────────────────────────────────────────────────


def script(played: Played) -> list[Wanted]:
    """The timeline by hand.  The times are the guide's and the standards' where they say one, and
    else what a person would still call prompt."""
    first, a, b = (call.user.removeprefix("a") for call in (played.first, played.a, played.b))
    one, two, three = played.callbacks
    neighbour, police = played.neighbour, played.police
    back = played.back.user.removeprefix("a")
    return [
        Wanted("E33", f"Caller {ELDER}, terminal {ELDER}, dialled {ENTRY}.",
               seen_ms=played.terminal.invite_ms),
        Wanted("T09", f"Agent {first} and the caller heard each other.", (0, 10_000),
               played.first.ack_ms),
        Wanted("E33", "The system asked the caller to speak…", (3_000, 15_000)),
        Wanted("E33", "Nobody had responded after…", (3_000, 15_000)),
        Wanted("E33", "The caller's line ended: hung up…", (0, 10_000), played.terminal.ended_ms),
        Wanted("E34", f"{ELDER} was dialled over…", (0, 30_000), one.invite_ms),
        Wanted("E34", f"{ELDER} did not answer…", (20_000, 40_000), one.ended_ms),
        Wanted("E39", "The case was opened.", (0, 5_000)),
        Wanted("E39", f"{VOICEMAIL} was dialled over…", (0, 10_000), played.voicemail.invite_ms),
        Wanted("E39", f"{NEIGHBOUR} was dialled over…", (0, 1_000)),
        Wanted("C17", f"{VOICEMAIL} picked up…", (500, 5_000), played.voicemail.answer_ms),
        Wanted("E39", f"{ELDER} was dialled over…", (0, 30_000), two.invite_ms),
        Wanted("C17", f"{VOICEMAIL}'s line ended: hung up…", (5_000, 30_000),
               played.voicemail.ended_ms),
        Wanted("E36", "Send police (task) was owed.", (0, 30_000)),
        Wanted("E35", f"{ELDER} did not answer…", (0, 40_000), two.ended_ms),
        Wanted("E35", "Two callbacks without response, by agent…", (0, 10_000)),
        Wanted("E40", f"{NEIGHBOUR} picked up…", (0, 60_000), neighbour.answer_ms),
        Wanted("C17", f"{NEIGHBOUR} pressed 1.", (0, 5_000)),
        Wanted("E36", f"Agent {a} and whom we called heard each other.", (0, 10_000),
               played.a.ack_ms),
        Wanted("E14", f"Agent {b} was rung to be B.", (0, 5_000), played.b.invite_ms),
        Wanted("E14", f"Agent {b} was B.", (0, 10_000), played.b.answer_ms),
        Wanted("E36", f"{POLICE} was dialled over carrier-a for agent {a}.", (0, 10_000),
               police.invite_ms),
        Wanted("E15", f"Agent {a} was in the rescue room.", (0, 1_000)),
        Wanted("E36", f"{POLICE} picked up…", (500, 5_000), police.answer_ms),
        Wanted("E36", f"110 was on the line with agent {a}.", (0, 1_000)),
        Wanted("E36", "Send police (task) was ended: done.", (0, 1_000)),
        Wanted("E36", f"{POLICE}'s line ended: hung up…", (1_000, 10_000), police.ended_ms),
        Wanted("E15", f"Agent {a} was with the caller.", (0, 5_000)),
        Wanted("E36", f"{NEIGHBOUR}'s line ended: hung up…", (0, 10_000), neighbour.ended_ms),
        Wanted("E37", f"{ELDER} was dialled over…", (0, 60_000), three.invite_ms),
        Wanted("E37", f"{ELDER} picked up…", (500, 5_000), three.answer_ms),
        Wanted("E37", f"Agent {back} and whom we called heard each other.", (0, 5_000)),
        Wanted("E41", f"The elder was said to be safe, by agent {back}.", (0, 10_000)),
        Wanted("E41", "Rescue to cancel (task) was owed.", (0, 1_000)),
        Wanted("E41", f"{ELDER}'s line ended: hung up…", (0, 10_000), three.ended_ms),
    ]  # fmt: skip


def tones(played: Played) -> list[Tone]:
    """Who must have heard whom."""
    a, b, back = played.a, played.b, played.back
    neighbour, police, elder = played.neighbour, played.police, played.callbacks[-1]
    return [
        Tone("the elder hears the agent", played.terminal.recording, played.first.tone_hz),
        Tone("A hears the neighbour", a.recording, neighbour.tone_hz),
        Tone("the neighbour hears A", neighbour.recording, a.tone_hz),
        Tone("the neighbour hears B", neighbour.recording, b.tone_hz),
        Tone("110 hears A", police.recording, a.tone_hz),
        Tone("A hears 110", a.recording, police.tone_hz),
        Tone("110 hears no neighbour", police.recording, neighbour.tone_hz, heard=False),
        Tone("the neighbour hears no 110", neighbour.recording, police.tone_hz, heard=False),
        Tone("the elder hears the agent at last", elder.recording, back.tone_hz),
        Tone("the agent hears the elder", back.recording, elder.tone_hz),
    ]


def afterwards(played: Played) -> list[str]:
    """What must hold besides: 110 only on A's command, and nothing that is forgotten."""
    wrong = []
    if played.police.invite_ms < played.commanded_ms:
        wrong.append("E36: 110 was called before A commanded it")
    if played.police.invite_ms - played.commanded_ms > MINUTE_MS:
        wrong.append("E36: 110 was called more than a minute after A's command")
    if played.voicemail.recording is None or not played.voicemail.recording.packets:
        wrong.append("C17: the voicemail box was told nothing")
    owed = {one["why"] for one in played.case["obligations"]}
    wrong += [
        f"{clause}: {why} is not owed"
        for clause, why in (("E38", "revisit"), ("E11", "report"), ("E41", "rescue_to_cancel"))
        if why not in owed
    ]
    return wrong
