"""What the auditor learns from events: who is registered, which legs live, what was heard."""

from acd.core.events import (
    AgentDefined,
    CallArrived,
    CallerHeard,
    ChannelsCompared,
    CodeDialled,
    CommandFailed,
    DigitPressed,
    EntryDefined,
    Event,
    Hangup,
    LegGone,
    LegHungUp,
    LegJoined,
    PhoneHeld,
    PhoneReported,
    PhoneUnheld,
    QueueDefined,
    QueueRemoved,
    SeatDefined,
    SeatRemoved,
    SnoopGone,
    SpeechEnded,
    SpeechStarted,
    SwitchConnected,
)
from acd.core.ids import LegId, PhoneId
from acd.simulation.audit.books import Books, leg_gone


def hear(b: Books, event: Event) -> None:
    match event:
        case QueueDefined(queue):
            b.queues[queue.id] = queue
            b.retired.pop(queue.id, None)
        case QueueRemoved(queue_id):
            b.retired[queue_id] = None
        case AgentDefined(agent):
            b.profiles[agent.id] = agent
        case SeatDefined(seat):
            for other, phones in b.phones_of.items():
                b.phones_of[other] = tuple(p for p in phones if p not in seat.phones)
            b.phones_of[seat.id] = seat.phones
            b.modes[seat.id] = seat.mode
        case SeatRemoved(seat_id):
            b.phones_of.pop(seat_id, None)
        case PhoneHeld(leg) | PhoneUnheld(leg):
            if leg in b.lines:
                b.lines[leg].held = isinstance(event, PhoneHeld)
        case LegJoined(leg, room):
            line = b.lines.get(leg)
            if line is not None and room == line.room and leg not in b.let_go:
                line.is_open = True
        case PhoneReported():
            b.registered[event.phone] = event.registered
            b.in_use[event.phone] = event.in_use
        case EntryDefined(entry):
            b.entries[entry.id] = bool(entry.menus)
        case CallArrived(leg=leg):
            b.live_legs.setdefault(leg, None)
            b.languages.setdefault(leg, event.languages)
        case CodeDialled(leg, phone):
            b.registered[phone] = True
            b.live_legs.setdefault(leg, None)
            b.legs_on.setdefault(phone, {})[leg] = None
        case DigitPressed(leg) | SpeechStarted(leg):
            b.heard[leg] = None
            if isinstance(event, SpeechStarted):
                b.speaking[leg] = None
        case SpeechEnded(leg):
            b.speaking.pop(leg, None)
        case CallerHeard(leg, heard):
            b.sounds[leg] = heard
        case SnoopGone(snoop):
            b.snoops.pop(snoop, None)
        case LegHungUp(leg):
            b.clearing[leg] = None
        case LegGone(leg, why):
            leg_gone(b, leg, lost=why is Hangup.LOST)
        case CommandFailed(command="RingPhone" | "CallPhone", leg=leg) if leg is not None:
            leg_gone(b, leg, lost=False)
        case CommandFailed(command="HangUp", leg=leg) if leg is not None:
            b.hung_up.pop(leg, None)
        case ChannelsCompared(_, legs, occupied, private):
            _compared(b, legs, occupied, private)
        case SwitchConnected(_, legs):
            b.hung_up.clear()
            for leg in [known for known in b.live_legs if known not in legs]:
                leg_gone(b, leg, lost=True)
        case _:
            pass


def _compared(
    b: Books,
    legs: tuple[LegId, ...],
    occupied: tuple[PhoneId, ...],
    private: tuple[PhoneId, ...],
) -> None:
    """What differs twice in a row is so."""
    differs = [leg for leg in b.live_legs if leg not in legs]
    for leg in differs:
        if leg in b.doubtful:
            leg_gone(b, leg, lost=True)
    # After the legs: a phone of which one has just been found gone may still be in use.
    phones = [
        (p, p in occupied)
        for p in b.in_use
        if b.in_use[p] != (p in occupied) and not (p in occupied and b.legs_on.get(p))
    ]
    for phone, in_use in phones:
        if (phone, in_use) in b.doubtful:
            b.in_use[phone] = in_use
    shared = [
        f"{phone} shared: {phone in private}"
        for phone in b.registered
        if (phone in b.shared) != (phone in private)
    ]
    for phone in b.registered:
        if f"{phone} shared: {phone in private}" in b.doubtful:
            b.shared.pop(phone, None)
            if phone in private:
                b.shared[phone] = None
    b.doubtful = dict.fromkeys([*differs, *phones, *shared])
