"""Presence: an offer on a phone that picks up by itself is answered by a person's word or key.

Such a pick-up proves nothing, nor does a line that is open: the chair may be empty.  The agent
hears a beep, and the caller goes on waiting as before; the first word or key joins them, within
some ten milliseconds of it, so the caller hears nearly all of "hello", and "answered" stays what it
is: an agent's audio reaches the caller.  Neither within ``CHAIR_MS_MAX`` is an empty chair: the
call is offered on, and the agent is not responding at once, for nobody can miss what answers
itself.

The beep may come back through a headset that lies on the desk.  What is heard while it sounds
counts only when it has not stopped shortly after.
"""

from acd.core import calls
from acd.core.commands import Play
from acd.core.emergency import roles
from acd.core.entities import Call, Leg, Offer
from acd.core.facts import ChairFoundEmpty
from acd.core.ids import OfferId, PlaybackId
from acd.core.queueing import offers
from acd.core.queueing.matching import Choice
from acd.core.state import State
from acd.core.tables import OfferState

CHAIR_MS_MAX = 4_000
"""From the pick-up to the first word or key; shorter than any ring limit, longer than a breath."""

ECHO_MS = 400
"""So long after the beep its echo has died away, and who speaks now is a person."""

BEEP = ("beep",)


def make_offer(s: State, call: Call, choice: Choice) -> None:
    """Offer the call to whoever was chosen: their phone rings, or a beep sounds in the line that is
    open."""
    offer = offers.make(s, call, choice)
    if offer is not None and (leg := s.legs[offer.leg]).is_lent:
        picked_up(s, call, leg, offer)


def picked_up(s: State, call: Call, leg: Leg, offer: Offer) -> None:
    """The phone has answered, or its line was open: announce the call by a beep and listen."""
    if not offers.picked_up(s, offer):
        return
    s.timers.set(("ring", offer.id), s.now + CHAIR_MS_MAX)
    offer.beep = s.new_playback_id(call.node, call.id)
    s.emit(Play(call.id, leg.id, offer.beep, BEEP))


def speech(s: State, leg: Leg, *, begins: bool) -> None:
    """The agent's phone sends something loud, or has stopped."""
    leg.speaks = begins
    offer = _listening(s, leg)
    if begins and offer is not None and offer.beep is None and ("echo", offer.id) not in s.timers:
        _present(s, leg, offer)


def key_pressed(s: State, leg: Leg) -> bool:
    """A key of the agent's phone: proof of a person while one is waited for, else False."""
    offer = _listening(s, leg)
    if offer is None:
        return False
    _present(s, leg, offer)
    return True


def beep_over(s: State, call: Call, playback: PlaybackId) -> bool:
    """A playback has ended; False when it was no beep."""
    for key in (*call.ringing, *(() if call.scene is None else call.scene.ringing)):
        offer = s.offers[key]
        if offer.beep == playback:
            _listen_on(s, offer)
            return True
    return False


def beep_failed(s: State, leg: Leg) -> bool:
    """The beep could not be played: listen without it.  False when there was none."""
    offer = _listening(s, leg)
    if offer is None or offer.beep is None:
        return False
    s.playbacks.pop(offer.beep, None)
    _listen_on(s, offer)
    return True


def _listen_on(s: State, offer: Offer) -> None:
    offer.beep = None
    s.timers.set(("echo", offer.id), s.now + ECHO_MS)


def echo_over(s: State, key: OfferId) -> None:
    """Whoever still speaks is no echo."""
    offer = s.offers[key]
    leg = s.legs[offer.leg]
    if leg.speaks and _listening(s, leg) is not None:
        _present(s, leg, offer)


def chair_is_empty(s: State, offer: Offer) -> None:
    """Nobody has said a word: write it down."""
    seat = s.agents[offer.agent].seat
    assert seat is not None
    s.emit(ChairFoundEmpty(at_ms=s.now, call=offer.call, agent=offer.agent, seat=seat))


def _listening(s: State, leg: Leg) -> Offer | None:
    offer = None if leg.offer is None else s.offers.get(leg.offer)
    if offer is None or not offer.picks_up or offer.state is not OfferState.PICKED_UP:
        return None
    return offer


def _present(s: State, leg: Leg, offer: Offer) -> None:
    call = s.calls[offer.call]
    offers.drop_beep(s, offer)
    if offer.role is None:
        calls.offer_answered(s, call, leg, offer)
    else:
        roles.answered(s, call, leg, offer)
