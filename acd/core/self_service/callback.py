"""Callback instead of waiting: the caller goes, and keeps the place they had (T09, V03).

Offered between the music when the wait is long, and as a key of menus.  The number is the one they
call from, or one keyed in and read back.  Until it is settled the caller stands in the line as
before, and an agent who answers meanwhile is joined at once; nobody gives a place up by asking.
"""

from acd.core import calls, spoken
from acd.core.entities import Call, Topic
from acd.core.facts import Outcome, ReplyKind
from acd.core.follow_up import promises
from acd.core.queueing import treatment
from acd.core.self_service import dialogue
from acd.core.state import State
from acd.core.tables import CallState

NUMBER_IS = "caller-callback-number"
NUMBER_RIGHT = "caller-callback-right"
ASK_NUMBER = "caller-callback-key-in"
BAD_NUMBER = "caller-callback-bad-number"
NOTED = "caller-callback-noted"
STAY = "caller-callback-stay"
GOODBYE = "caller-goodbye"

PROMPTS = (NUMBER_IS, NUMBER_RIGHT, ASK_NUMBER, BAD_NUMBER, NOTED, STAY, GOODBYE)

OFFER_KEY = "1"
YES = "1"
OTHER = "2"

ANSWER_MS = 8_000
NUMBER_DIGITS_MIN = 3
NUMBER_DIGITS_MAX = 15
"""E.164's longest; the shortest is an extension of an institution."""
TRIES_MAX = 3


def wanted(s: State, call: Call) -> None:
    """A caller in the line has pressed the key that was offered."""
    s.timers.cancel(("treatment", call.id))
    dialogue.begin(s, call)
    ask(s, call)


def ask(s: State, call: Call) -> None:
    """Read the caller's number to them, or ask for one where none is shown."""
    assert call.dialogue is not None
    call.dialogue.tries = 0
    number = call.dialogue.number or call.caller or ""
    if len(spoken.digits(number)) < NUMBER_DIGITS_MIN:
        _ask_number(s, call, ())
    else:
        _read_back(s, call, number)


def number_right(s: State, call: Call) -> None:
    """Is this the number?"""
    asked = call.dialogue
    assert asked is not None
    if asked.digits == YES:
        _noted(s, call)
    elif asked.digits == OTHER:
        _ask_number(s, call, ())
    elif _once_more(s, call):
        _read_back(s, call, asked.number or call.caller or "")


def number_given(s: State, call: Call) -> None:
    """A number has been keyed in."""
    asked = call.dialogue
    assert asked is not None
    if len(asked.digits) >= NUMBER_DIGITS_MIN and asked.digits.isdigit():
        asked.number = asked.digits
        _read_back(s, call, asked.number)
    elif _once_more(s, call):
        _ask_number(s, call, (BAD_NUMBER,) if asked.digits else ())


def _read_back(s: State, call: Call, number: str) -> None:
    words = (NUMBER_IS, *spoken.digits(number), NUMBER_RIGHT)
    dialogue.ask(s, call, Topic.NUMBER_RIGHT, words, answer_ms=ANSWER_MS)


def _ask_number(s: State, call: Call, before: tuple[str, ...]) -> None:
    words = (*before, ASK_NUMBER)
    dialogue.ask(s, call, Topic.NUMBER, words, answer_ms=ANSWER_MS, keys=NUMBER_DIGITS_MAX)


def _once_more(s: State, call: Call) -> bool:
    """Count a try without an answer; after the last one the caller waits on, for people."""
    asked = call.dialogue
    assert asked is not None
    asked.tries += 1
    if asked.tries < TRIES_MAX:
        return True
    dialogue.drop(s, call)
    if call.state is CallState.SELF_SERVICE:
        calls.enter_line(s, call, None)
    else:
        treatment.say(s, call, (STAY,))
        treatment.resume(s, call)
    return False


def _noted(s: State, call: Call) -> None:
    """The caller leaves the line; what is owed keeps the arrival as its place."""
    assert call.dialogue is not None
    promises.owe(s, call, ReplyKind.CALLBACK, number=call.dialogue.number or None)
    calls.leave_line(s, call)
    call.outcome = call.outcome or Outcome.CALLBACK
    words = (NOTED, *promises.within(s, call), GOODBYE, *call.closing)
    dialogue.close(s, call, words)
