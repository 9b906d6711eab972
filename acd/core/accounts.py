"""The account of a call: what is written when its last leg is gone."""

from acd.core.emergency import response
from acd.core.entities import Call
from acd.core.facts import CallEnded, PlacedCallEnded
from acd.core.state import State


def of(s: State, call: Call) -> CallEnded | PlacedCallEnded:
    """Return the account of a call that is over.  It waited until an agent's audio was there, or
    until the far end left."""
    until_ms = next(
        moment for moment in (call.answered_ms, call.left_ms, s.now) if moment is not None
    )
    wait_ms = until_ms - call.arrived_ms
    return _came_in(s, call, wait_ms) if call.placed is None else _went_out(s, call, wait_ms)


def _came_in(s: State, call: Call, wait_ms: int) -> CallEnded:
    assert call.outcome is not None
    return CallEnded(
        at_ms=s.now,
        call=call.id,
        arrived_ms=call.arrived_ms,
        outcome=call.outcome,
        agent=call.first_agent,
        first_offer_ms=call.first_offer_ms,
        answered_ms=call.answered_ms,
        wait_ms=wait_ms,
        ring_ms=call.ring_ms,
        talk_ms=call.talk_ms,
        hold_ms=call.hold_ms,
        offers=call.offers,
        queue=call.entered,
        kind=call.kind,
        synthetic=call.synthetic,
        response=response.response_of(call),
    )


def _went_out(s: State, call: Call, wait_ms: int) -> PlacedCallEnded:
    placed = call.placed
    assert placed is not None and call.outcome is not None
    assert call.queue is not None and call.kind is not None
    return PlacedCallEnded(
        at_ms=s.now,
        call=call.id,
        arrived_ms=call.arrived_ms,
        number=placed.number,
        outcome=call.outcome,
        person=placed.person,
        agent=call.first_agent,
        first_offer_ms=call.first_offer_ms,
        reached_ms=call.answered_ms,
        wait_ms=wait_ms,
        ring_ms=call.ring_ms,
        talk_ms=call.talk_ms,
        offers=call.offers,
        queue=call.queue,
        kind=call.kind,
        synthetic=call.synthetic,
        response=response.response_of(call),
    )
