"""What is done when a timer is due: every way into the core that begins with time alone."""

from collections.abc import Callable
from typing import Any, NamedTuple

from acd.core import calls, departures, memos
from acd.core.call_control import busy_tone, conversation, keys, supervision
from acd.core.emergency import agreement, alone, beside, guard, noresponse, parties, silence
from acd.core.follow_up import callbacks
from acd.core.ids import AgentId, CallId, CaseId, DialId, LegId, ObligationId, OfferId
from acd.core.moves import hang_up_again
from acd.core.outside import outbound, placing
from acd.core.queueing import preferences, presence, treatment, waiting
from acd.core.resync import attendance
from acd.core.self_service import answers
from acd.core.staff import agents, desk, leave, open_lines, trial_rings
from acd.core.state import State
from acd.core.tables import DeskState
from acd.core.timers import TimerName


def _of_agent(s: State, agent: AgentId) -> CallId | None:
    return s.agents[agent].call


def _of_offer(s: State, offer: OfferId) -> CallId | None:
    return s.offers[offer].call


def _of_dial(s: State, dial: DialId) -> CallId | None:
    return s.dials[dial].call


def _of_obligation(s: State, key: ObligationId) -> CallId | None:
    return s.obligations[key].working


def _of_leg(s: State, leg: LegId) -> CallId | None:
    record = s.legs.get(leg)
    return None if record is None else record.call


def _of_case(s: State, case: CaseId) -> CallId | None:
    return None


def _itself(s: State, call: CallId) -> CallId | None:
    return call


def speech_timed_out(s: State, key: LegId) -> None:
    """The end of what was said to a leg was never reported."""
    conversation.speech_timed_out(s, key)
    leg = s.legs.get(key)
    if leg is not None and leg.call in s.calls:
        parties.ring_back(s, s.calls[leg.call])


def desk_timed_out(s: State, key: CallId) -> None:
    """A call to or from a desk has gone on for too long."""
    call = s.desk_calls[key]
    if call.watch is not None:
        supervision.timed_out(s, call)
    elif call.line is not None:
        open_lines.timed_out(s, call)
    elif call.agrees is not None and call.state is not DeskState.CONFIRMING:
        agreement.timed_out(s, call)
    elif call.tested is not None and call.state is not DeskState.CONFIRMING:
        trial_rings.timed_out(s, call)
    else:
        desk.timed_out(s, key)


class Due(NamedTuple):
    """What is done when a timer is due, and which call that is about.  Both are given whose timer
    it is: a call, a leg, an offer, a dial, an agent, a case or an obligation."""

    do: Callable[[State, Any], None]
    call_of: Callable[[State, Any], CallId | None]


TIMERS: dict[TimerName, Due] = {
    "ring": Due(departures.ring_timed_out, _of_offer),
    "clearing": Due(departures.never_cleared, _of_leg),
    "home": Due(departures.home_due, _of_leg),
    "unanswered": Due(outbound.unanswered, _of_dial),
    "unfollowed": Due(outbound.gone_unseen, _of_leg),
    "unheard": Due(outbound.unheard, _of_dial),
    "told": Due(placing.told, _itself),
    "silence": Due(silence.due, _itself),
    "silent": Due(silence.overdue, _itself),
    "dead": Due(silence.dead, _itself),
    "let_go": Due(departures.let_silent_caller_go, _itself),
    "owed": Due(noresponse.fell_due, _of_obligation),
    "escalate": Due(noresponse.escalated, _of_obligation),
    "no_agent": Due(callbacks.no_agent, _itself),
    "pick_up": Due(calls.pick_up, _itself),
    "treatment": Due(treatment.due, _itself),
    "dialogue": Due(answers.timed_out, _itself),
    "widen": Due(waiting.widen, _itself),
    "prefer": Due(preferences.wait_over, _itself),
    "promise": Due(waiting.promise_broken, _itself),
    "incident": Due(waiting.incident_due, _itself),
    "place": Due(departures.place_timed_out, _of_leg),
    "speech": Due(speech_timed_out, _of_leg),
    "hush": Due(parties.hush_again, _of_leg),
    "hold_notice": Due(conversation.notice_due, _itself),
    "release": Due(busy_tone.over, _itself),
    "keys": Due(keys.timed_out, _of_leg),
    "role": Due(alone.nobody, _itself),
    "asked": Due(parties.silent, _of_dial),
    "agree": Due(agreement.next_due, _of_case),
    "line": Due(guard.due, _itself),
    "beside": Due(beside.ring_timed_out, _of_leg),
    "memo": Due(memos.keep_again, _itself),
    "wrap_up": Due(agents.wrap_up_ended, _of_agent),
    "rest": Due(agents.rest_ended, _of_agent),
    "unread": Due(attendance.read_enough, _of_agent),
    "leave": Due(leave.lapsed, _of_agent),
    "echo": Due(presence.echo_over, _of_offer),
    "reserved": Due(agents.reservation_ended, _of_agent),
    "desk": Due(desk_timed_out, _itself),
    "test_ring": Due(trial_rings.due, _of_agent),
    "open_line": Due(open_lines.try_again, _of_agent),
    "HangUp": Due(hang_up_again, _of_leg),
    "AnswerLeg": Due(calls.answer_again, _of_leg),
}
