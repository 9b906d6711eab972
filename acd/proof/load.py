"""Many calls from terminals against robots at agents' telephones, and a report on each."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from acd.proof.phones import Account, AgentCall, Behaviour, Phones
from acd.proof.scenarios import FOR_EVER_MS
from acd.proof.stage import ProofFailure, Stage, Switch, Tools
from acd.proof.terminals import TerminalCall, Terminals
from acd.proof.tone import TONES_HZ, Heard

IN_TALK_MS = 1_000
"""By then both sides have heard each other."""

LAST_S = 20.0
"""So long the end of the last agent's leg is waited for: only a busy machine takes more than one
second."""

STAMPS_APART_MS = 50
"""A ring may bear an earlier stamp than the INVITE that caused it: two processes write them, each
after its own system call, when it has its turn again.  Calls of one number are further apart."""


class HangUp(StrEnum):
    """Who ends the talk."""

    TERMINAL = "terminal"
    AGENT = "agent"


@dataclass(slots=True)
class CallReport:
    """One call as both of its ends saw it. Times in ms; None: it never happened."""

    number: str
    tone_hz: int
    invite_ms: float | None
    """The terminal's INVITE sent, epoch ms."""
    agent: str | None = None
    """The SIP user that answered."""
    agent_tone_hz: int | None = None
    offers: int = 0
    """INVITEs sent to agents' telephones for this call."""
    invite_to_ring_ms: float | None = None
    """Terminal's INVITE sent → first agent's INVITE received."""
    invite_to_200_ms: float | None = None
    """Terminal's INVITE sent → 200 received, which may be the system's acknowledgement."""
    invite_to_answer_ms: float | None = None
    """Terminal's INVITE sent → first RTP with the agent's tone at the terminal (T09): answered
    means that an agent's audio reaches the caller. Without audio, → the agent's 200 sent."""
    talk_ms: float | None = None
    """Agent's 200 → the agent's leg ended."""
    agent_bye_gap_ms: float | None = None
    """Between the ends of the two legs."""
    refused_code: int | None = None
    audio_to_agent: bool = False
    audio_to_terminal: bool = False
    cross_talk_hz: list[int] = field(default_factory=list)
    """Tones of other calls that either side heard."""
    problems: list[str] = field(default_factory=list)
    """Each in one sentence; empty for a call that went as it should."""
    heard_by_agent: Heard | None = None
    heard_by_terminal: Heard | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing went wrong."""
        return not self.problems


@contextlib.contextmanager
def _working_folder(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="huling-proof-") as made:
        yield Path(made)


def run_calls(
    n: int,
    rate: float,
    talk_ms: int,
    agents: Sequence[Account],
    *,
    sipp: Sequence[str],
    switch: Switch | None = None,
    entry: str = "95001",
    numbers: Sequence[str] = (),
    answer_ms: int = 0,
    hang_up: HangUp = HangUp.TERMINAL,
    audio: bool = True,
    login_code: str | None = "*60",
    logout_code: str | None = "*69",
    in_talk: Callable[[AgentCall], None] | None = None,
    answer_timeout_s: float = 60.0,
    folder: Path | None = None,
    **scenario: Any,
) -> list[CallReport]:
    """Register and log in the agents, place ``n`` calls at ``rate`` per second, log out again.

    Talk lasts ``talk_ms`` from the agent's 200, whoever hangs up. ``numbers`` are the callers in
    turn (the demo's terminals and on, by default): the same number must not call twice at once,
    because a leg at an agent is told by its caller. ``in_talk`` sees each call
    ``IN_TALK_MS`` after its agent has answered. ``scenario`` goes to scenarios.terminal. SIPp's
    files stay in ``folder``, if one is given. Listening is done after the last call. Raises
    ProofFailure when the telephones cannot be brought into service; a call's own failure is in its
    report.
    """
    callers = numbers or [f"021600{index:05d}" for index in range(1, n + 1)]
    with _working_folder(folder) as made, Stage() as stage:
        tools = Tools(sipp, made, switch or Switch())
        pairing = _Pairing(stage, talk_ms, hang_up, in_talk)
        hold_ms = talk_ms if hang_up is HangUp.AGENT else FOR_EVER_MS
        phones = Phones(
            stage, tools, agents, Behaviour(answer_ms=answer_ms, hold_ms=hold_ms),
            audio=audio, on_answer=pairing.agent_answered,
        )  # fmt: skip
        left: list[str] = []
        phones.wait_registered()
        try:
            if login_code:
                dial_all(phones, login_code)
            terminals = pairing.terminals = Terminals(
                stage, tools, [callers[index % len(callers)] for index in range(n)],
                called=entry, rate=rate, audio=audio,
                answer_timeout_ms=int(answer_timeout_s * 1000), **scenario,
            )  # fmt: skip
            limit_s = n / rate + answer_timeout_s + talk_ms / 1000 + 20
            finished = terminals.wait(limit_s)
            # The agents' BYEs come a moment after the terminals'.
            stage.run(lambda: all(call.ended_ms for call in phones.calls), LAST_S)
        finally:
            left = _leave(phones, logout_code)
        late = None if finished else f"the calls were not over after {limit_s:g} s"
        reports = judge_calls(
            terminals.calls, phones.calls, talk_ms=talk_ms, audio=audio, late=late
        )
        # Seen after the last call, and so told with it.
        reports[-1].problems.extend(left)
        return reports


def _leave(phones: Phones, logout_code: str | None) -> list[str]:
    """Log out and unregister whatever happened before; what failed of it, in sentences."""
    failures: list[str] = []
    try:
        if logout_code:
            dial_all(phones, logout_code)
    except ProofFailure as problem:
        failures.append(str(problem))
    try:
        phones.unregister()
    except ProofFailure as problem:
        failures.append(str(problem))
    phones.close()
    return failures


def dial_all(phones: Phones, code: str, users: Iterable[str] | None = None) -> None:
    """These telephones (all, by default) dial a code. Raises ProofFailure naming the first that was
    refused."""
    for dialled in phones.dial(code, users):
        if dialled.refused_code is not None:
            how = f"with {dialled.refused_code}" if dialled.refused_code else "by not answering"
            raise ProofFailure(f"the switch refused {code} from {dialled.user} {how}")
        if not dialled.answered:
            raise ProofFailure(f"the call of {dialled.user} to {code} broke off unanswered")


class _Pairing:
    """What follows an agent's answer: ``in_talk``, and the end of the call after ``talk_ms``."""

    def __init__(
        self,
        stage: Stage,
        talk_ms: int,
        hang_up: HangUp,
        in_talk: Callable[[AgentCall], None] | None,
    ) -> None:
        self.terminals: Terminals | None = None
        self._stage, self._talk_ms, self._hang_up = stage, talk_ms, hang_up
        self._in_talk = in_talk

    def agent_answered(self, call: AgentCall) -> None:
        terminals, in_talk = self.terminals, self._in_talk
        if in_talk is not None:
            self._stage.after(IN_TALK_MS, lambda: in_talk(call))
        if terminals is None or self._hang_up is not HangUp.TERMINAL:
            return
        # Told by two processes: on a busy machine the answer may be read before the INVITE is.
        waiting = [
            other for other in terminals.calls if other.number == call.number and not other.done
        ]
        if waiting:
            self._stage.after(self._talk_ms, lambda: terminals.hang_up(waiting[0]))


def judge_calls(
    calls: Sequence[TerminalCall],
    agent_calls: Sequence[AgentCall],
    *,
    talk_ms: int,
    audio: bool,
    late: str | None,
) -> list[CallReport]:
    """The verdict on each of these calls; ``late`` is told of those that are not over."""
    reports = []
    for call in calls:
        offers = [
            offer
            for offer in agent_calls
            if offer.number == call.number and _within(offer.invite_ms, call)
        ]
        report = _report(call, offers, talk_ms=talk_ms, audio=audio)
        if late and not call.done:
            report.problems.append(late)
        reports.append(report)
    return reports


def _within(at_ms: float, call: TerminalCall) -> bool:
    return call.invite_ms is not None and (
        call.invite_ms - STAMPS_APART_MS <= at_ms <= (call.ended_ms or float("inf"))
    )


def _report(
    call: TerminalCall, offers: list[AgentCall], *, talk_ms: int, audio: bool
) -> CallReport:
    report = CallReport(call.number, call.tone_hz, call.invite_ms, offers=len(offers))
    report.refused_code = call.refused_code
    problem = report.problems.append
    if call.invite_ms is None:
        problem("the terminal's INVITE was never sent")
        return report
    if call.answered_ms is not None:
        report.invite_to_200_ms = round(call.answered_ms - call.invite_ms, 1)
    else:
        code = call.refused_code
        problem(f"the switch refused the call with {code}" if code else "the call got no answer")
    if offers:
        report.invite_to_ring_ms = round(offers[0].invite_ms - call.invite_ms, 1)
    else:
        problem("no agent's telephone was rung")
    if any(offer.overlaps for offer in offers):
        problem("a telephone was rung while it already had a call")
    answers = [offer for offer in offers if offer.answer_ms is not None and offer.ack_ms]
    if len(answers) > 1:
        problem(f"{len(answers)} agents answered one call")
    if not answers:
        problem("no agent answered")
        return report
    answer = answers[0]
    report.agent, report.agent_tone_hz = answer.user, answer.tone_hz
    assert answer.answer_ms is not None
    if answer.ended_ms is None:
        problem("the agent's leg did not end")
    else:
        report.talk_ms = round(answer.ended_ms - answer.answer_ms, 1)
        if call.ended_ms is not None:
            report.agent_bye_gap_ms = round(abs(answer.ended_ms - call.ended_ms), 1)
    if audio:
        _judge_audio(report, call, answer, seconds_min=min(1.0, talk_ms / 2000))
    else:
        report.invite_to_answer_ms = round(answer.answer_ms - call.invite_ms, 1)
    return report


def _judge_audio(
    report: CallReport, call: TerminalCall, answer: AgentCall, *, seconds_min: float
) -> None:
    assert call.recording is not None
    assert answer.recording is not None
    assert call.invite_ms is not None
    by_terminal = report.heard_by_terminal = call.recording.heard(TONES_HZ)
    by_agent = report.heard_by_agent = answer.recording.heard(TONES_HZ)
    report.audio_to_terminal = by_terminal.seconds_of(answer.tone_hz) >= seconds_min
    report.audio_to_agent = by_agent.seconds_of(call.tone_hz) >= seconds_min
    found = by_terminal.tones.get(answer.tone_hz)
    if found:
        report.invite_to_answer_ms = round(found.first_ms - call.invite_ms, 1)
    own = (call.tone_hz, answer.tone_hz)
    report.cross_talk_hz = sorted({*by_terminal.foreign(own), *by_agent.foreign(own)})
    for ok, side, heard, wanted in (
        (report.audio_to_terminal, "terminal", by_terminal, answer.tone_hz),
        (report.audio_to_agent, "agent", by_agent, call.tone_hz),
    ):
        if not ok:
            report.problems.append(
                f"the {side} heard the other's tone for {heard.seconds_of(wanted):g} s "
                f"of the {seconds_min:g} s wanted, in {heard.packets} packets"
            )
    if report.cross_talk_hz:
        report.problems.append(f"tones of other calls were heard: {report.cross_talk_hz} Hz")
