"""Facts become rows.  Pure: nothing here knows a database.

A batch is folded first, so that a call that came and went within one batch is one row in one
statement.
"""

from collections.abc import Iterable
from datetime import datetime

from acd.adapters.postgres.moments import moment, moment_or_none
from acd.adapters.postgres.rows import (
    CallRow,
    FactRow,
    LegRow,
    MessageRow,
    NumberRow,
    OfferRow,
    RecordingRow,
    Rows,
)
from acd.core.call_control.marks import DISPOSITIONS, TEST
from acd.core.facts import (
    AfterwordNoted,
    AgentStateChanged,
    CallAnswered,
    CallClassified,
    CallDisposed,
    CallEnded,
    CallOffered,
    CallPickedUp,
    CallPlaced,
    CallRated,
    CallReached,
    CallTakenUp,
    CaseNoted,
    Fact,
    IncidentOpened,
    LegEnded,
    LegRecorded,
    ObligationNoted,
    OfferEnded,
    OfferMade,
    PlacedCallEnded,
    PromiseBroken,
    ReplyOwed,
    TerminalTested,
    WrapUpEnded,
)
from acd.core.scripts import RatingSource


def fact_row(seq: int, fact: Fact) -> FactRow:
    """Return the row that keeps ``fact`` itself."""
    return FactRow(seq, moment(fact.at_ms), type(fact).__name__, getattr(fact, "call", None), fact)


def moments_of(fact: Fact) -> tuple[int, ...]:
    """Return the times (epoch milliseconds) whose months ``fact`` needs partitions of."""
    match fact:
        case LegEnded():
            return (fact.at_ms, fact.call_arrived_ms)
        case AgentStateChanged():
            return (fact.at_ms, fact.from_ms)
        case _:
            return (fact.at_ms, getattr(fact, "arrived_ms", fact.at_ms))


def project(facts: Iterable[Fact]) -> Rows:
    """Fold facts, in their order, into rows."""
    rows = Rows({}, {}, [], [], [], {}, {}, [], [])
    for fact in facts:
        match fact:
            case CallOffered():
                _offered(_call(rows, fact), fact)
                if fact.recording is not None:
                    rows.recordings.append(
                        _recording(fact, fact.recording, moment(fact.arrived_ms))
                    )
            case CallTakenUp():
                _taken_up(_call(rows, fact), fact)
            case OfferMade():
                _offer_made(rows, fact)
            case OfferEnded():
                offer = _offer(rows, fact)
                offer.ended_at = moment(fact.at_ms)
                offer.result = fact.result
                offer.ring_ms = fact.ring_ms
                offer.why = fact.why
            case CallPlaced():
                _placed(_call(rows, fact), fact)
            case CallReached():
                _reached(_call(rows, fact), fact)
            case PlacedCallEnded():
                _placed_ended(_call(rows, fact), fact)
            case CallPickedUp():
                _call(rows, fact).picked_up_at = moment(fact.at_ms)
            case PromiseBroken():
                _call(rows, fact).promise_broken_at = moment(fact.at_ms)
            case IncidentOpened():
                _incident(_call(rows, fact), fact)
            case CallAnswered():
                _answered(_call(rows, fact), fact)
            case CallRated():
                _rated(_call(rows, fact), fact)
            case AfterwordNoted():
                row = _call(rows, fact)
                row.response = fact.response
                row.disposition = fact.disposition or row.disposition
            case CallDisposed():
                _call(rows, fact).disposition = fact.disposition
            case CallClassified():
                _call(rows, fact).flow = fact.flow
            case TerminalTested():
                _tested(rows, fact)
            case CallEnded():
                _ended(_call(rows, fact), fact)
            case WrapUpEnded():
                _call(rows, fact).wrap_up_ms += fact.wrap_up_ms
            case LegRecorded():
                if fact.is_callers:
                    _call(rows, fact).recording = fact.recording
                rows.recordings.append(_recording(fact, fact.recording, moment(fact.at_ms)))
            case LegEnded():
                rows.legs.append(_leg(fact))
            case ObligationNoted():
                rows.obligations[fact.obligation.id] = fact
            case CaseNoted():
                rows.cases[fact.case.id] = fact
            case ReplyOwed():
                _message(rows, fact)
            case AgentStateChanged():
                rows.changes.append(fact)
            case _:
                pass  # kept as a fact, and in no row
    return rows


_OfCall = (
    CallOffered
    | CallTakenUp
    | OfferMade
    | CallPickedUp
    | PromiseBroken
    | IncidentOpened
    | CallAnswered
    | CallEnded
    | WrapUpEnded
    | CallPlaced
    | CallReached
    | PlacedCallEnded
    | CallRated
    | LegRecorded
    | AfterwordNoted
    | CallClassified
    | CallDisposed
    | TerminalTested
)


def _call(rows: Rows, fact: _OfCall) -> CallRow:
    arrived = moment(fact.arrived_ms)
    key = (fact.call, arrived)
    row = rows.calls.get(key)
    if row is None:
        row = rows.calls[key] = CallRow(fact.call, arrived)
    return row


def _offer(rows: Rows, fact: OfferMade | OfferEnded) -> OfferRow:
    key = (fact.call, fact.offer)
    row = rows.offers.get(key)
    if row is None:
        row = OfferRow(fact.offer, fact.call, moment(fact.arrived_ms), fact.agent)
        rows.offers[key] = row
    return row


def _offered(row: CallRow, fact: CallOffered) -> None:
    _who_calls_what(row, fact)
    row.trunk = fact.trunk
    row.recording = fact.recording
    row.precedence = fact.precedence
    row.repeat = fact.repeat


def _taken_up(row: CallRow, fact: CallTakenUp) -> None:
    """What the fact of its arrival says, for the case that it was lost with the life before."""
    _who_calls_what(row, fact)
    row.direction = "outbound" if fact.is_placed else None
    if row.answered_at is None:
        row.answered_at = moment_or_none(fact.answered_ms)


def _who_calls_what(row: CallRow, fact: CallOffered | CallTakenUp) -> None:
    row.caller = fact.caller
    row.called = fact.called
    row.entry = fact.entry
    row.kind = fact.kind
    row.queue = fact.queue
    row.terminal = fact.terminal
    row.elders = fact.elders
    row.synthetic = fact.synthetic


def _recording(fact: CallOffered | LegRecorded, file: str, started_at: datetime) -> RecordingRow:
    # The spool's name for it without the suffix, which says how it is written and not what it is.
    recording = file.rpartition(".")[0] or file
    return RecordingRow(recording, fact.call, moment(fact.arrived_ms), fact.leg, started_at)


def _offer_made(rows: Rows, fact: OfferMade) -> None:
    offer = _offer(rows, fact)
    offer.seat = fact.seat
    offer.phone = fact.phone
    offer.leg_id = fact.leg
    offer.made_at = moment(fact.at_ms)
    offer.slack_ms = fact.slack_ms
    offer.free = fact.free
    offer.idle_ms = fact.idle_ms
    offer.selection = fact.selection
    offer.rank = fact.rank
    offer.next = fact.next
    offer.skipped = dict(fact.skipped)
    offer.reach = fact.reach
    offer.ring_limit_ms = fact.ring_limit_ms
    offer.phones = fact.phones
    offer.tier = fact.tier
    offer.overflow = fact.overflow
    offer.preferred = fact.preferred
    call = _call(rows, fact)
    if call.first_offer_at is None:
        call.first_offer_at = offer.made_at


def _incident(row: CallRow, fact: IncidentOpened) -> None:
    # A caller left alone again can have a second; the record keeps the first.
    if row.incident_at is None:
        row.incident_at = moment(fact.at_ms)


def _answered(row: CallRow, fact: CallAnswered) -> None:
    # A caller put back in the queue keeps the first answer in the figures (C03).
    if fact.again:
        return
    row.answered_at = moment(fact.at_ms)
    row.agent = fact.agent
    row.seat = fact.seat
    row.wait_ms = fact.wait_ms
    row.queue = fact.queue
    row.kind = fact.kind
    row.synthetic = fact.synthetic


def _rated(row: CallRow, fact: CallRated) -> None:
    """The caller's own key stands, whatever people write down besides (C28)."""
    if row.rating_source == RatingSource.DIGITS and fact.source is not RatingSource.DIGITS:
        return
    row.rating_scale = fact.scale
    row.rating = fact.rating
    row.rating_source = fact.source
    row.rating_by = fact.by


def _tested(rows: Rows, fact: TerminalTested) -> None:
    row = _call(rows, fact)
    row.disposition = DISPOSITIONS[TEST]
    row.test_kind, row.test_staff = fact.kind, fact.staff
    if fact.new_number is not None:
        row.terminal = fact.terminal
        rows.numbers.append(
            NumberRow(
                number=fact.new_number,
                terminal=fact.terminal,
                at=moment(fact.at_ms),
                agent=fact.agent,
                call_id=fact.call,
                staff=fact.staff,
            )
        )


def _ended(row: CallRow, fact: CallEnded) -> None:
    row.ended_at = moment(fact.at_ms)
    row.outcome = fact.outcome
    row.offers = fact.offers
    row.wait_ms = fact.wait_ms
    row.ring_ms = fact.ring_ms
    row.talk_ms = fact.talk_ms
    row.hold_ms = fact.hold_ms
    row.synthetic = fact.synthetic
    row.response = fact.response
    row.agent = fact.agent or row.agent
    row.queue = fact.queue or row.queue
    row.kind = fact.kind or row.kind
    row.answered_at = moment_or_none(fact.answered_ms) or row.answered_at
    row.first_offer_at = moment_or_none(fact.first_offer_ms) or row.first_offer_at


def _message(rows: Rows, fact: ReplyOwed) -> None:
    if fact.recording is None or fact.message_ms is None or fact.synthetic:
        return
    rows.messages.append(
        MessageRow(
            message_id=fact.recording.rpartition(".")[0] or fact.recording,
            call_id=fact.call,
            arrived_at=moment(fact.arrived_ms),
            left_at=moment(fact.at_ms),
            number=fact.number,
            queue=fact.queue,
            terminal=fact.terminal,
            duration_ms=fact.message_ms,
            due_at=moment(fact.due_ms),
        )
    )


def _placed(row: CallRow, fact: CallPlaced) -> None:
    row.direction = "outbound"
    row.called = fact.number
    row.kind = fact.kind
    row.queue = fact.queue
    row.synthetic = fact.synthetic
    row.reference = fact.reference
    row.agent = fact.person


def _reached(row: CallRow, fact: CallReached) -> None:
    row.direction = "outbound"
    if fact.again:
        return
    row.answered_at = moment(fact.at_ms)
    row.agent = fact.agent
    row.seat = fact.seat
    row.wait_ms = fact.wait_ms


def _placed_ended(row: CallRow, fact: PlacedCallEnded) -> None:
    row.direction = "outbound"
    row.called = fact.number
    row.ended_at = moment(fact.at_ms)
    row.outcome = fact.outcome
    row.offers = fact.offers
    row.wait_ms = fact.wait_ms
    row.ring_ms = fact.ring_ms
    row.talk_ms = fact.talk_ms
    row.hold_ms = 0
    row.synthetic = fact.synthetic
    row.response = fact.response
    row.agent = fact.agent or fact.person or row.agent
    row.queue = fact.queue
    row.kind = fact.kind
    row.answered_at = moment_or_none(fact.reached_ms) or row.answered_at
    row.first_offer_at = moment_or_none(fact.first_offer_ms) or row.first_offer_at


def _leg(fact: LegEnded) -> LegRow:
    row = _life_of(fact)
    media = fact.media
    if media is not None:
        row.packets_received, row.packets_lost = media.received, media.lost
        row.jitter_us, row.packets_sent = media.jitter_us, media.sent
        if media.round_trip_us:
            row.far_packets_lost, row.far_jitter_us = media.far_lost, media.far_jitter_us
            row.round_trip_us = media.round_trip_us
    return row


def _life_of(fact: LegEnded) -> LegRow:
    return LegRow(
        leg_id=fact.leg,
        call_id=fact.call,
        arrived_at=moment(fact.call_arrived_ms),
        role=fact.role,
        number=fact.number,
        agent=fact.agent,
        started_at=moment(fact.started_ms),
        rang_at=moment_or_none(fact.rang_ms),
        answered_at=moment_or_none(fact.answered_ms),
        joined_at=moment_or_none(fact.joined_ms),
        ended_at=moment(fact.at_ms),
        why=fact.why,
        cause=fact.cause,
    )
