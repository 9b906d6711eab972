"""Offers: the right agent for the most urgent call, for the reason that is told."""

from collections import Counter

from acd.core.directory import Reach
from acd.core.facts import OfferEnded, OfferMade, OfferResult, TransferKind
from acd.core.ids import AgentId, LegId
from acd.core.state import Effect
from acd.simulation.audit.books import Books, CallBook
from acd.simulation.audit.fitness import (
    FROM,
    ORDER,
    calls_wanting,
    could_be_rung_from,
    is_at_home,
    is_spare,
    may_be_patient,
    may_serve,
    phones_max,
    queue_of,
    relaxed_by,
    tier_of,
    urgency_of,
)

REFUSED = (OfferResult.REJECTED, OfferResult.FAILED)
"""After such an end whoever was rung out of wrap-up or a break is left alone."""
STATES = ("reserved", "talking", "offered", "wrap_up", "paused", "not_responding")
STEERED = "supervisor"
"""Why somebody was preferred whom a supervisor has named."""
PERSONAL = tuple(TransferKind)
"""What stands for the rule in an offer that a colleague has asked for."""


def rung(b: Books, fact: Effect) -> None:
    """Who was rung, and what came of it."""
    match fact:
        case OfferMade():
            _offer_made(b, fact)
        case OfferEnded():
            _offer_ended(b, fact)
        case _:
            pass


def _offer_made(b: Books, made: OfferMade) -> None:
    book = b.calls[made.call]
    if is_supervisor(made):
        assert b.agents[made.agent].was in ("ready", "wrap_up", "paused")
        assert book.answered and not book.caller_gone
        b.offers[made.offer] = made
        book.offers += 1
        return
    if made.selection in PERSONAL:
        _asked_for(b, made, book)
        return
    if made.preferred == STEERED:
        _given_by_name(b, made, book)
        return
    if _is_for_a_role(made):
        _called_to_a_case(b, made, book)
        return
    _lend(b, made)
    if made.offer in b.silent:
        alone = b.is_catching_up or phones_max(b, book, b.now_ms - 1) == 1
        assert alone, "one of several picks up by itself"
        assert made.reach == Reach.READY
    came_from = FROM[b.agents[made.agent].was]
    assert made.reach == came_from
    assert book.open, f"{made.call} is offered and is in nobody's need of a phone"
    assert len(book.ringing) < phones_max(b, book, b.now_ms), f"{made.call} rings enough"
    assert made.agent not in b.left_alone, f"{made.agent} has said no"
    assert may_serve(b, made.agent, came_from, book, b.now_ms), f"{made.agent} is not fit"
    tier = tier_of(b, made.agent, book.queue)
    at_home = tier is not None and tier <= relaxed_by(b, book, b.now_ms)
    assert (made.overflow is None) == at_home or b.is_catching_up
    assert made.tier == (tier if made.overflow is None else 0)
    # What falls due in this very millisecond may have been before or after the choice.
    _is_preferred(b, made, book)
    moments = _moments(b, book)
    _is_the_nearest(b, made, _others(b, made, moments[0]), came_from)
    assert any(_is_explained(b, made, book, _others(b, made, at_ms)) for at_ms in moments)
    mine = urgency_of(b, book)
    # Who wanted this agent before what is overdue, or falls due in this very millisecond.
    before_ms = b.now_ms - (b.late_ms if b.is_catching_up else 1)
    patient_ms = before_ms if b.is_catching_up else b.now_ms
    for other in calls_wanting(b, before_ms):
        if may_be_patient(b, other, patient_ms) or is_spare(b, other):
            continue
        if other is not book and may_serve(b, made.agent, came_from, other, before_ms):
            assert mine < urgency_of(b, other), (
                f"{made.call} goes before {other.offered.call}, which is more urgent"
            )
    if is_spare(b, book):
        assert _is_one_kept(b, made, book), f"{made.call} has no number, and gets the last"
    assert made.offer not in b.offers
    book.ringing[made.offer] = b.offers[made.offer] = made
    book.offers += 1


def _offer_ended(b: Books, ended: OfferEnded) -> None:
    made = b.offers.pop(ended.offer)  # fails when it had ended before
    assert (made.agent, made.call) == (ended.agent, ended.call)
    book = b.calls[ended.call]
    if made.selection in PERSONAL or is_supervisor(made):
        return
    if b.silent.pop(made.offer, made.offer) is None:
        accepted = ended.result is OfferResult.ACCEPTED
        assert not accepted or _channel(made.leg) in b.heard, "answered by an empty chair"
    if _is_for_a_role(made):
        if made.reach != Reach.READY and ended.result in REFUSED:
            b.left_alone[made.agent] = None
        return
    del book.ringing[ended.offer]
    if ended.result is OfferResult.ACCEPTED:
        assert book.open, "two winners"
        book.open = False
    elif made.reach != Reach.READY and ended.result in REFUSED:
        b.left_alone[made.agent] = None


def _asked_for(b: Books, made: OfferMade, book: CallBook) -> None:
    """A colleague is rung into a conversation: somebody free, for a caller who was served."""
    assert b.agents[made.agent].was == "ready", f"{made.agent} was not free"
    assert not book.open and not book.caller_gone and book.answered
    assert made.offer not in b.offers
    b.offers[made.offer] = made
    book.offers += 1


def _called_to_a_case(b: Books, made: OfferMade, book: CallBook) -> None:
    """An agent is rung to be A or B: out of wrap-up or a break too, unless they said no."""
    assert made.reach == FROM[b.agents[made.agent].was]
    assert made.agent not in b.left_alone, f"{made.agent} has said no"
    assert not book.open and not book.caller_gone and book.answered
    _lend(b, made)
    if made.offer in b.silent:
        assert made.reach == Reach.READY, "out of a break every phone rings"
    assert made.offer not in b.offers
    b.offers[made.offer] = made
    book.offers += 1


def _given_by_name(b: Books, made: OfferMade, book: CallBook) -> None:
    """A supervisor has somebody rung for a caller who waits, fit or not, near or not."""
    assert b.agents[made.agent].was in FROM, f"{made.agent} was {b.agents[made.agent].was}"
    assert made.reach == FROM[b.agents[made.agent].was]
    assert book.open and made.offer not in b.offers
    book.ringing[made.offer] = b.offers[made.offer] = made
    book.offers += 1


def _lend(b: Books, made: OfferMade) -> None:
    """An offer over an open line borrows it: it must be free, and proof is asked for anew."""
    if is_over_a_line(made):
        line = b.lines[_channel(made.leg)]
        assert line.is_open and line.lent is None, f"{made.leg}: its line is not free"
        line.lent = made.leg
        if _channel(made.leg) not in b.speaking:
            b.heard.pop(_channel(made.leg), None)


def _is_one_kept(b: Books, made: OfferMade, book: CallBook) -> bool:
    """Tell whether an agent who could have served the call instead stays free."""
    return any(
        could_be_rung_from(b, agent) is Reach.READY
        and may_serve(b, agent, Reach.READY, book, b.now_ms)
        for agent in b.agents
        if agent != made.agent
    )


def _moments(b: Books, book: CallBook) -> list[int]:
    """Return as of which moments an offer of this step may have been chosen: each deadline that
    is overdue is worked off as if the later ones had not come."""
    if not b.is_catching_up:
        return [b.now_ms - 1, b.now_ms]
    queue, since_ms = queue_of(b, book), b.now_ms - b.late_ms
    after_ms = [step.after_ms for step in queue.widening]
    after_ms += [step.after_ms for step in queue.relaxation]
    due_ms = [book.offered.arrived_ms + one for one in (*after_ms, queue.overflow_ms)]
    return [since_ms, *(one for one in due_ms if since_ms < one <= b.now_ms), b.now_ms]


def _others(b: Books, made: OfferMade, at_ms: int) -> list[AgentId]:
    """Who else served the call's own queue, as its needs were at a moment."""
    book = b.calls[made.call]
    return [a for a in b.agents if a != made.agent and is_at_home(b, a, book, at_ms)]


def _is_the_nearest(b: Books, made: OfferMade, others: list[AgentId], came_from: Reach) -> None:
    """Nobody of the call's own queue who is nearer, or as near and fitter, is passed over."""
    queue = b.calls[made.call].queue
    nearer = [*ORDER[: ORDER.index(came_from)]]
    if made.overflow is not None:
        nearer.append(Reach.READY)
    for reach in nearer:
        spared = [a for a in others if could_be_rung_from(b, a) is reach]
        assert not spared, f"{made.agent} is rung from {came_from}, and {spared} from {reach}"
    for other in others if made.overflow is None and made.preferred is None else ():
        if could_be_rung_from(b, other) is came_from:
            tier = tier_of(b, other, queue)
            assert tier is not None
            assert tier >= made.tier, f"{made.agent} is rung, and {other} is fitter"


def _is_preferred(b: Books, made: OfferMade, book: CallBook) -> None:
    """C15: among those who could be rung at once, who speaks the caller's language goes first;
    who goes before the rule for a reason has that reason."""
    queue = queue_of(b, book)
    wanted = [one for one in b.languages.get(book.offered.leg, ()) if one in queue.prefers]
    if made.preferred is not None:
        assert made.reach == Reach.READY and made.overflow is None
        if made.preferred == "case":
            assert book.of_case is not None
        elif made.preferred not in ("named", "owner", "last"):
            assert made.preferred in wanted
            assert made.preferred in dict(b.profiles[made.agent].skills)
        return
    ready = [a for a in b.agents if a != made.agent and could_be_rung_from(b, a)
             is Reach.READY and is_at_home(b, a, book, b.now_ms - 1)]  # fmt: skip
    passed_over = [a for a in ready for one in wanted if one in dict(b.profiles[a].skills)]
    assert not passed_over, f"{made.call} would rather have {passed_over} than {made.agent}"


def _is_explained(b: Books, made: OfferMade, book: CallBook, at_home: list[AgentId]) -> bool:
    """Tell whether what an offer says of its choice is so."""
    queue = queue_of(b, book)
    assert made.slack_ms == book.offered.arrived_ms + queue.promise_ms - made.at_ms
    assert queue.ring_ms_min <= made.ring_limit_ms <= max(queue.ring_ms, queue.ring_ms_min)
    assert made.phones == len(book.ringing) + 1
    others = at_home
    if made.overflow is not None:
        others = [a for a in b.agents if tier_of(b, a, made.overflow) == 0
                  and a != made.agent]  # fmt: skip
    ready = [a for a in others if could_be_rung_from(b, a) is Reach.READY]
    assert all(could_be_rung_from(b, a) == made.reach for a in made.next)
    assert len(set(made.next)) == len(made.next)
    states = Counter(b.agents[a].now for a in at_home)
    del states["ready"], states["logged_out"]
    told = {why: count for why, count in made.skipped if why in STATES}
    return (
        made.free == (len(ready) + 1 if made.reach == Reach.READY else 0)
        and set(made.next) <= set(others)
        and (len(made.next) in (5, len(ready)) or made.reach != Reach.READY)
        and told == +states
    )


def is_supervisor(made: OfferMade) -> bool:
    """Tell whether somebody came into a conversation over a phone that was up already."""
    return made.selection.startswith("supervisor ")


def is_over_a_line(made: OfferMade) -> bool:
    """Tell whether the offer is a beep in a line that was open."""
    return "#" in made.leg


def _is_for_a_role(made: OfferMade) -> bool:
    """Tell whether somebody was rung to be A or B of a case."""
    return made.selection.startswith("case role ")


def _channel(account: LegId) -> LegId:
    """The channel of a leg that stands in the records under its line's number and a count."""
    return LegId(account.partition("#")[0])
