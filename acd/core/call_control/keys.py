"""In-call codes: what an agent's keys mean during a conversation.

A code is a star and two digits; some want more: a number up to ``#``, or two digits.  Asterisk
absorbs every digit of every leg, so none is heard by anybody; a caller's digits are never looked at
here, so no caller commands a room.  What comes of a code is said to the agent alone.

*90 to *99 are the codes of a case; ``emergency`` says what they do.
"""

from enum import StrEnum
from typing import NamedTuple

from acd.core.asks import Ask
from acd.core.call_control import control, conversation, speech, transfers
from acd.core.emergency import beside
from acd.core.entities import Call, Leg
from acd.core.events import Control
from acd.core.facts import RequestRefused
from acd.core.ids import LegId, RequestId
from acd.core.replies import Done, Refusal, Reply
from acd.core.state import State

KEYS_MS_MAX = 8_000
"""A code that is not finished so long after its last key is forgotten."""

KEYS_MAX = 32
"""Nobody dials a number that long."""


class Ending(StrEnum):
    """What follows the two digits of a code."""

    NOTHING = "nothing"
    NUMBER = "number"
    """Digits up to #."""
    DIGIT = "digit"
    TWO_DIGITS = "two digits"


class Code(NamedTuple):
    action: Control
    ending: Ending = Ending.NOTHING
    otherwise: Control | None = None
    """The action instead for whoever has stepped aside: one code holds and resumes."""


CODES: dict[str, Code] = {
    "*10": Code(Control.HOLD, otherwise=Control.RESUME),
    "*11": Code(Control.TRANSFER, Ending.NUMBER),
    "*12": Code(Control.CONSULT, Ending.NUMBER),
    "*13": Code(Control.COMPLETE),
    "*14": Code(Control.JOIN),
    "*15": Code(Control.BACK),
    "*16": Code(Control.DIGITS, Ending.NUMBER),
    "*17": Code(Control.LOUDER),
    "*18": Code(Control.SOFTER),
    "*20": Code(Control.OUTCOME, Ending.TWO_DIGITS),
    "*21": Code(Control.FLOW, Ending.DIGIT),
    "*22": Code(Control.RECORDING),
    "*30": Code(Control.NO_RESPONSE),
    "*31": Code(Control.RESPONDED),
    "*90": Code(Control.CASE),
    "*91": Code(Control.RESCUE, Ending.NUMBER),
    "*92": Code(Control.RETURN),
    "*93": Code(Control.MERGE),
    "*94": Code(Control.SPLIT),
    "*95": Code(Control.PRIVATE),
    "*96": Code(Control.FAN_OUT),
    "*97": Code(Control.SAFE),
    "*98": Code(Control.HELP_ARRIVED),
    "*99": Code(Control.RESCUE_BESIDE, Ending.NUMBER),
}

DONE: dict[Control, tuple[str, ...]] = {
    Control.HOLD: ("call-held",),
    Control.RESUME: ("call-resumed",),
    Control.TRANSFER: ("transfer-begun",),
    Control.CONSULT: ("transfer-begun",),
    Control.COMPLETE: (),  # they are let go
    Control.JOIN: ("conference-joined",),
    Control.BACK: ("call-resumed",),
    Control.DIGITS: ("digits-sent",),
    Control.LOUDER: ("gain-changed",),
    Control.SOFTER: ("gain-changed",),
    Control.OUTCOME: ("outcome-noted",),
    Control.FLOW: ("flow-noted",),
    Control.RECORDING: ("outbound-unreachable",),
    Control.NO_RESPONSE: ("no-response-noted",),
    Control.RESPONDED: ("response-noted",),
    Control.CASE: ("case-open",),
    Control.RESCUE: (),  # it rings
    Control.RESCUE_BESIDE: (),  # it rings
    Control.RETURN: ("call-resumed",),
    Control.MERGE: ("conference-joined",),
    Control.SPLIT: ("case-apart",),
    Control.PRIVATE: (),  # they hear each other
    Control.FAN_OUT: (),  # it rings
    Control.SAFE: ("case-safe",),
    Control.HELP_ARRIVED: ("case-help-arrived",),
}
REFUSED: dict[Refusal, tuple[str, ...]] = {
    Refusal.NO_CONVERSATION: ("refused-no-conversation",),
    Refusal.NO_NUMBER: ("refused-unknown-number",),
    Refusal.UNKNOWN_NUMBER: ("refused-unknown-number",),
    Refusal.NOT_A_NUMBER: ("refused-unknown-number",),
    Refusal.OWN_NUMBER: ("refused-unknown-number",),
    Refusal.NO_TRUNK: ("refused-no-trunk",),
    Refusal.NUMBER_IN_CALL: ("refused-number-in-call",),
    Refusal.RESCUE_NUMBER: ("refused-rescue-number",),
    Refusal.TOLL_NUMBER: ("agent-not-allowed",),
    Refusal.TOO_MANY_AT_ONCE: ("agent-refused-in-this-state",),
    Refusal.COST_CEILING: ("agent-not-allowed",),
    Refusal.NOBODY_TO_HEAR: ("refused-nobody-to-hear",),
    Refusal.GAIN_AT_LIMIT: ("refused-gain-limit",),
    Refusal.UNKNOWN_OUTCOME: ("refused-unknown-outcome",),
    Refusal.KNOWN_TERMINAL: ("agent-not-allowed",),
    Refusal.UNKNOWN_FLOW: ("refused-unknown-flow",),
    Refusal.YOURSELF: ("refused-yourself",),
    Refusal.AGENT_NOT_FREE: ("refused-agent-not-free",),
    Refusal.NOT_FOR_QUEUES: ("refused-not-for-queues",),
    Refusal.NOT_ALONE: ("refused-not-alone",),
    Refusal.TRANSFER_UNDER_WAY: ("refused-transfer-under-way",),
    Refusal.NO_TRANSFER: ("refused-no-transfer",),
    Refusal.NOT_ANSWERED_YET: ("refused-not-answered-yet",),
    Refusal.CONFERENCE_FULL: ("refused-conference-full",),
    Refusal.NO_CASE: ("refused-no-case",),
    Refusal.NO_CONTACT: ("refused-no-contact",),
    Refusal.ROLE_TAKEN: ("refused-b-is-there",),
    Refusal.NO_RESCUE_NUMBER: ("refused-no-rescue-number",),
    Refusal.REAL_RESCUE_IN_TEST: ("refused-rescue-number",),
    Refusal.NO_SECOND_PHONE: ("refused-no-second-phone",),
    Refusal.NOBODY_CALLED: ("refused-nobody-called",),
}
ON_SECOND_LINE = (Control.COMPLETE, Control.JOIN, Control.BACK)
"""What an agent can do from a phone's second line, whose first holds the caller."""

INVALID_CODE = ("agent-invalid-code",)
NOT_NOW = ("agent-refused-in-this-state",)

PROMPTS = tuple(
    dict.fromkeys(
        name for spoken in (*DONE.values(), *REFUSED.values(), INVALID_CODE, NOT_NOW)
        for name in spoken
    )
)  # fmt: skip
"""Every prompt this module can ask for; a test holds the prompt list to it."""


def pressed(s: State, call: Call, leg: Leg, key: str) -> None:
    """An agent has pressed a key."""
    if key == "*":
        leg.keys = ""
    elif leg.keys is None:
        s.ignored("a key outside a code", leg.id)
        return
    leg.keys = (leg.keys or "") + key
    s.timers.set(("keys", leg.id), s.now + KEYS_MS_MAX)
    if len(leg.keys) >= 3 or "#" in leg.keys:
        _look(s, call, leg, leg.keys)


def _look(s: State, call: Call, leg: Leg, keys: str) -> None:
    code = CODES.get(keys[:3])
    if code is None or len(keys) > KEYS_MAX:
        _invalid(s, call, leg)
        return
    digits = keys[3:]
    match code.ending:
        case Ending.NOTHING:
            finished = True
        case Ending.DIGIT:
            finished = len(digits) == 1
        case Ending.TWO_DIGITS:
            finished = len(digits) == 2
        case Ending.NUMBER:
            finished = digits.endswith("#")
    if finished:
        conversation.forget_code(s, leg)
        _carry_out(s, call, leg, code, digits.rstrip("#"))


def _carry_out(s: State, call: Call, leg: Leg, code: Code, digits: str) -> None:
    action = code.action
    own = beside.first_of(s, call, leg)
    if transfers.is_second_line(call, leg) and action not in ON_SECOND_LINE:
        s.emit(RequestRefused(at_ms=s.now, agent=leg.agent, refusal=Refusal.TRANSFER_UNDER_WAY))
        speech.say(s, call, leg, REFUSED[Refusal.TRANSFER_UNDER_WAY])
        return
    if code.otherwise is not None and conversation.is_aside(call, own):
        action = code.otherwise
    reply = control.act(s, action, Ask(RequestId(leg.id), call, own, digits))
    speech.say(s, call, leg, spoken(action, reply))


def spoken(action: Control, reply: Reply) -> tuple[str, ...]:
    """Return what the agent is told of an action."""
    if isinstance(reply, Done):
        return DONE[action]
    return REFUSED.get(reply.refusal, NOT_NOW)


def second_phone_answered(s: State, call: Call, leg: Leg) -> None:
    """The second phone is picked up for the rescue room: what cannot be done there is said."""
    reply = beside.answered(s, call, leg)
    if reply is not None:
        speech.say(s, call, leg, spoken(Control.RESCUE_BESIDE, reply))


def timed_out(s: State, key: LegId) -> None:
    """The rest of a code never came."""
    leg = s.legs.get(key)
    if leg is not None and leg.keys is not None and leg.call in s.calls:
        _invalid(s, s.calls[leg.call], leg)


def _invalid(s: State, call: Call, leg: Leg) -> None:
    conversation.forget_code(s, leg)
    s.emit(RequestRefused(at_ms=s.now, agent=leg.agent, refusal=Refusal.UNKNOWN_CODE))
    speech.say(s, call, leg, INVALID_CODE)
