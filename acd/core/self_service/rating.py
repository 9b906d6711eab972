"""Ratings: when the agent has gone, a caller with keys says how content they are (V17).

Only on lines of enquiry, and only after a service: never after an emergency, never a one-key
terminal (C28), nor a call that the agent has marked as none that could be rated.  Nobody has to
answer: whoever hangs up or presses nothing has been served all the same.  The answer is kept in the
words of the queue's scale (C04); which of them satisfy is a report's business.

Whoever is not asked by the machine may be by people: what is said to an agent, on a revisit or by
SMS is written down over the API, for any call that was answered, and says who wrote it (C28).
"""

from acd.core.asks import refuse_for
from acd.core.call_control import rooms
from acd.core.call_control.marks import DISPOSITIONS
from acd.core.directory import EntryKind
from acd.core.entities import Call, Topic
from acd.core.events import RatingGiven
from acd.core.facts import CallRated, RatingAsked
from acd.core.ids import AgentId
from acd.core.moves import move_call
from acd.core.replies import Done, Refusal, Reply
from acd.core.scripts import RATINGS, RatingScale
from acd.core.self_service import dialogue
from acd.core.state import State
from acd.core.tables import CallMove

QUESTIONS = {RatingScale.S0: "caller-rating-s0", RatingScale.S2: "caller-rating-s2"}
NO_SUCH_KEY = "caller-no-such-key"
THANKS = "caller-rating-thanks"
GOODBYE = "caller-goodbye"

PROMPTS = (*QUESTIONS.values(), NO_SUCH_KEY, THANKS, GOODBYE)

ANSWER_MS = 6_000
TRIES_MAX = 2

NO_SERVICE = frozenset(DISPOSITIONS[code] for code in ("06", "07", "08", "09", "10"))
"""Accidental calls, tests, wrong numbers, nuisance, silence: nothing was done that one could be
content with."""


def is_wanted(s: State, call: Call) -> bool:
    """Tell whether a caller whose agent has gone is to be asked."""
    return (
        _scale(s, call) is not None
        and call.kind is EntryKind.ENQUIRY
        and call.placed is None
        and call.has_keys
        and call.disposition not in NO_SERVICE
    )


def ask(s: State, call: Call, agent: AgentId | None) -> None:
    """Ask for the first time; the conversation is over."""
    scale = _scale(s, call)
    assert scale is not None and call.queue is not None
    move_call(s, call, CallMove.TURNED)
    rooms.stay(s, s.legs[call.caller_leg])
    call.agent, call.agent_leg = None, None
    call.rated, call.rating_scale = agent, scale
    s.emit(
        RatingAsked(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            agent=agent,
            queue=call.queue,
            scale=scale,
        )
    )
    dialogue.begin(s, call)
    _put(s, call, ())


def answered(s: State, call: Call) -> None:
    """A key, or nothing in time."""
    asked, scale = call.dialogue, call.rating_scale
    assert asked is not None and scale is not None and call.queue is not None
    words = RATINGS[scale]
    if asked.digits.isdigit() and 1 <= int(asked.digits) <= len(words):
        s.emit(
            CallRated(
                at_ms=s.now,
                call=call.id,
                arrived_ms=call.arrived_ms,
                agent=call.rated,
                queue=call.queue,
                scale=scale,
                rating=words[int(asked.digits) - 1],
            )
        )
        dialogue.close(s, call, (THANKS, GOODBYE, *call.closing))
        return
    asked.tries += 1
    if asked.digits and asked.tries < TRIES_MAX:
        _put(s, call, (NO_SUCH_KEY,))
    else:
        # Nobody is asked twice who says nothing: they may be hanging up.
        dialogue.close(s, call, (GOODBYE, *call.closing))


def given(s: State, event: RatingGiven) -> None:
    """Write down what somebody has said to a person."""
    s.emit(_note(s, event))


def _note(s: State, event: RatingGiven) -> Reply:
    by = s.agents.get(event.by)
    if by is None:
        sentence = f"There is no agent {event.by}."
        return refuse_for(s, event.request, None, Refusal.UNKNOWN_AGENT, sentence)
    if event.answered_ms is None or event.queue is None:
        sentence = f"Call {event.call} was not served in any line: there is nothing to rate."
        return refuse_for(s, event.request, by.id, Refusal.NOT_SERVED, sentence)
    words = RATINGS[event.scale]
    if event.rating not in words:
        known = ", ".join(words)
        sentence = f"{event.rating} is no word of the scale {event.scale}; its words are {known}."
        return refuse_for(s, event.request, by.id, Refusal.UNKNOWN_RATING, sentence)
    s.emit(
        CallRated(
            at_ms=s.now,
            call=event.call,
            arrived_ms=event.arrived_ms,
            agent=event.served,
            queue=event.queue,
            scale=event.scale,
            rating=event.rating,
            source=event.source,
            by=by.id,
        )
    )
    return Done(event.request, by.state)


def _put(s: State, call: Call, before: tuple[str, ...]) -> None:
    assert call.rating_scale is not None
    words = (*before, QUESTIONS[call.rating_scale])
    dialogue.ask(s, call, Topic.RATING, words, answer_ms=ANSWER_MS)


def _scale(s: State, call: Call) -> RatingScale | None:
    line = None if call.queue is None else s.lines.get(call.queue)
    return None if line is None else line.queue.treatment.rating
