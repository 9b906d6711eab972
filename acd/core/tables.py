"""State tables: which event may meet which state, and what comes of it.

Two rules hold in this file and wherever a state is changed.  First, the table is asked before
anything is touched, so that a refused event leaves nothing changed.  Second, every cell of
state × event is one of three things: a *move* to a state, a *named ignore* (harmless where it
comes, and counted under that name), or *illegal*, which is our own bug.  There is no fourth.

Tables say whether; the functions in ``calls``, ``agents``, ``desk`` say what.  The diagrams in
``docs/state-machines.md`` are drawn from these tables and cannot go stale.

An event from outside may find its entity gone; that is not a cell but an unknown key, and is
counted as such by whoever looked it up.

To look up a member of an enumeration takes Python 3.11 six times as long as a global name.  Those
that are asked after in nearly every step are looked up once, as constants of the module that asks.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class IllegalTransition(Exception):
    """The core's one exception: an event met a state for which nobody wrote an answer."""


class Ignore(str):
    """A cell that changes nothing; its text is the name under which it is counted."""

    __slots__ = ()


class Table(Generic[S, E]):
    """The moves of one kind of entity."""

    def __init__(
        self,
        name: str,
        states: type[S],
        events: type[E],
        cells: Mapping[S, Mapping[E, S | Ignore]],
    ) -> None:
        self.name = name
        self.states = states
        self.events = events
        self._cells: dict[tuple[S, E], S | Ignore] = {
            (state, event): cell for state, row in cells.items() for event, cell in row.items()
        }

    def cell(self, state: S, event: E) -> S | Ignore | None:
        """Return the move, the named ignore, or None where the meeting is illegal."""
        return self._cells.get((state, event))

    def after(self, state: S, event: E) -> S | Ignore:
        """Return what follows; raise ``IllegalTransition`` where nothing can."""
        cell = self._cells.get((state, event))
        if cell is None:
            raise IllegalTransition(f"{self.name} in state {state} met {event}")
        return cell

    def moves(self) -> Iterator[tuple[S, E, S]]:
        """Yield every real move, for diagrams."""
        for (state, event), cell in self._cells.items():
            if not isinstance(cell, Ignore):
                yield state, event, cell


class CallState(StrEnum):
    SELF_SERVICE = "self_service"
    """Alone with the machine: a menu, a message, a rating, a goodbye."""
    WAITING = "waiting"
    OFFERING = "offering"
    CONNECTING = "connecting"
    REACHING = "reaching"
    """The agent is there, and the number that we dial is not yet."""
    TALKING = "talking"
    ENDING = "ending"
    ENDED = "ended"


class CallMove(StrEnum):
    TURNED = "turned to self-service"
    QUEUED = "queued"
    OFFERED = "offered"
    OFFER_LOST = "offer lost"
    LAST_OFFER_LOST = "last offer lost"
    ACCEPTED = "accepted"
    REACHING = "reaching"
    REACHED = "reached"
    JOINED = "joined"
    REQUEUED = "requeued"
    RELEASED = "released"
    CALLER_LEFT = "caller left"
    LAST_LEG_GONE = "last leg gone"
    HANDED_OVER = "handed over"


CALL = Table(
    "call",
    CallState,
    CallMove,
    {
        CallState.SELF_SERVICE: {
            CallMove.QUEUED: CallState.WAITING,
            CallMove.RELEASED: CallState.ENDING,
            CallMove.CALLER_LEFT: CallState.ENDING,
            CallMove.HANDED_OVER: CallState.ENDED,
        },
        CallState.WAITING: {
            CallMove.TURNED: CallState.SELF_SERVICE,
            CallMove.OFFERED: CallState.OFFERING,
            CallMove.RELEASED: CallState.ENDING,
            CallMove.CALLER_LEFT: CallState.ENDING,
            CallMove.HANDED_OVER: CallState.ENDED,
        },
        CallState.OFFERING: {
            CallMove.TURNED: CallState.SELF_SERVICE,
            CallMove.OFFERED: CallState.OFFERING,
            CallMove.OFFER_LOST: CallState.OFFERING,
            CallMove.LAST_OFFER_LOST: CallState.WAITING,
            CallMove.RELEASED: CallState.ENDING,
            CallMove.ACCEPTED: CallState.CONNECTING,
            CallMove.CALLER_LEFT: CallState.ENDING,
            CallMove.HANDED_OVER: CallState.ENDED,
        },
        CallState.CONNECTING: {
            CallMove.REACHING: CallState.REACHING,
            CallMove.RELEASED: CallState.ENDING,
            CallMove.JOINED: CallState.TALKING,
            CallMove.REQUEUED: CallState.WAITING,
            CallMove.CALLER_LEFT: CallState.ENDING,
            CallMove.HANDED_OVER: CallState.ENDED,
        },
        CallState.REACHING: {
            CallMove.REACHED: CallState.CONNECTING,
            CallMove.REQUEUED: CallState.WAITING,
            CallMove.RELEASED: CallState.ENDING,
            CallMove.HANDED_OVER: CallState.ENDED,
        },
        CallState.TALKING: {
            CallMove.TURNED: CallState.SELF_SERVICE,
            CallMove.REQUEUED: CallState.WAITING,
            CallMove.RELEASED: CallState.ENDING,
            CallMove.CALLER_LEFT: CallState.ENDING,
            CallMove.HANDED_OVER: CallState.ENDED,
        },
        CallState.ENDING: {
            CallMove.JOINED: Ignore("joined a call that is ending"),
            CallMove.CALLER_LEFT: CallState.ENDING,
            CallMove.LAST_LEG_GONE: CallState.ENDED,
            CallMove.HANDED_OVER: CallState.ENDED,
        },
        CallState.ENDED: {},
    },
)


class LegState(StrEnum):
    DIALLING = "dialling"
    RINGING = "ringing"
    UP = "up"
    GONE = "gone"


class LegMove(StrEnum):
    RANG = "rang"
    ANSWERED = "answered"
    HUNG_UP = "hung up"
    GONE = "gone"


LEG = Table(
    "leg",
    LegState,
    LegMove,
    {
        LegState.DIALLING: {
            LegMove.RANG: LegState.RINGING,
            LegMove.ANSWERED: LegState.UP,
            LegMove.HUNG_UP: LegState.DIALLING,
            LegMove.GONE: LegState.GONE,
        },
        LegState.RINGING: {
            LegMove.RANG: Ignore("rang again"),
            LegMove.ANSWERED: LegState.UP,
            LegMove.HUNG_UP: LegState.RINGING,
            LegMove.GONE: LegState.GONE,
        },
        LegState.UP: {
            LegMove.RANG: Ignore("rang after the answer"),
            LegMove.ANSWERED: Ignore("answered twice"),
            LegMove.HUNG_UP: LegState.UP,
            LegMove.GONE: LegState.GONE,
        },
        LegState.GONE: {},
    },
)


class OfferState(StrEnum):
    DIALLING = "dialling"
    RINGING = "ringing"
    PICKED_UP = "picked_up"
    """By the phone itself; nobody has said a word yet."""
    ACCEPTED = "accepted"
    MISSED = "missed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    UNATTENDED = "unattended"


class OfferMove(StrEnum):
    RANG = "rang"
    PICKED_UP = "picked up"
    ANSWERED = "answered"
    TIMED_OUT = "timed out"
    REFUSED = "refused"
    UNREACHED = "unreached"
    WITHDRAWN = "withdrawn"


_OVER = {
    OfferMove.PICKED_UP: Ignore("pick-up of an offer that ended"),
    OfferMove.RANG: Ignore("rang after the offer ended"),
    OfferMove.ANSWERED: Ignore("answer to an offer that ended"),
    OfferMove.REFUSED: Ignore("refusal of an offer that ended"),
    OfferMove.UNREACHED: Ignore("failure of an offer that ended"),
}

OFFER = Table(
    "offer",
    OfferState,
    OfferMove,
    {
        OfferState.DIALLING: {
            OfferMove.RANG: OfferState.RINGING,
            OfferMove.PICKED_UP: OfferState.PICKED_UP,
            OfferMove.ANSWERED: OfferState.ACCEPTED,
            OfferMove.TIMED_OUT: OfferState.FAILED,
            OfferMove.REFUSED: OfferState.REJECTED,
            OfferMove.UNREACHED: OfferState.FAILED,
            OfferMove.WITHDRAWN: OfferState.WITHDRAWN,
        },
        OfferState.RINGING: {
            OfferMove.RANG: Ignore("rang again"),
            OfferMove.PICKED_UP: OfferState.PICKED_UP,
            OfferMove.ANSWERED: OfferState.ACCEPTED,
            OfferMove.TIMED_OUT: OfferState.MISSED,
            OfferMove.REFUSED: OfferState.REJECTED,
            OfferMove.UNREACHED: OfferState.FAILED,
            OfferMove.WITHDRAWN: OfferState.WITHDRAWN,
        },
        OfferState.PICKED_UP: {
            OfferMove.RANG: Ignore("rang after the pick-up"),
            OfferMove.PICKED_UP: Ignore("picked up twice"),
            OfferMove.ANSWERED: OfferState.ACCEPTED,
            OfferMove.TIMED_OUT: OfferState.UNATTENDED,
            OfferMove.REFUSED: OfferState.REJECTED,
            OfferMove.UNREACHED: OfferState.FAILED,
            OfferMove.WITHDRAWN: OfferState.WITHDRAWN,
        },
        OfferState.ACCEPTED: {
            OfferMove.PICKED_UP: Ignore("picked up twice"),
            OfferMove.RANG: Ignore("rang after the answer"),
            OfferMove.ANSWERED: Ignore("answered twice"),
        },
        OfferState.MISSED: _OVER,
        OfferState.REJECTED: _OVER,
        OfferState.WITHDRAWN: _OVER,
        OfferState.FAILED: _OVER,
        OfferState.UNATTENDED: _OVER,
    },
)


class AgentState(StrEnum):
    LOGGED_OUT = "logged_out"
    READY = "ready"
    RESERVED = "reserved"
    OFFERED = "offered"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    NOT_RESPONDING = "not_responding"


class AgentMove(StrEnum):
    LOGGED_IN = "logged in"
    FREED = "freed"
    RESERVED = "reserved"
    OFFERED = "offered"
    ANSWERED = "answered"
    CONVERSATION_ENDED = "conversation ended"
    WRAP_UP_RESUMED = "wrap-up resumed"
    SILENT = "silent"
    PAUSED = "paused"
    LOGGED_OUT = "logged out"


_AT_REST = {
    AgentMove.FREED: AgentState.READY,
    AgentMove.SILENT: AgentState.NOT_RESPONDING,
    AgentMove.PAUSED: AgentState.PAUSED,
    AgentMove.LOGGED_OUT: AgentState.LOGGED_OUT,
}

AGENT = Table(
    "agent",
    AgentState,
    AgentMove,
    {
        AgentState.LOGGED_OUT: {
            AgentMove.LOGGED_IN: AgentState.READY,
            AgentMove.SILENT: AgentState.NOT_RESPONDING,
        },
        AgentState.READY: {
            AgentMove.OFFERED: AgentState.OFFERED,
            AgentMove.RESERVED: AgentState.RESERVED,
            AgentMove.FREED: Ignore("ready already"),
            AgentMove.SILENT: AgentState.NOT_RESPONDING,
            AgentMove.PAUSED: AgentState.PAUSED,
            AgentMove.LOGGED_OUT: AgentState.LOGGED_OUT,
        },
        # For a callback or an outbound call: only whoever has reserved the agent rings them.
        AgentState.RESERVED: {AgentMove.OFFERED: AgentState.OFFERED, **_AT_REST},
        AgentState.OFFERED: {
            AgentMove.ANSWERED: AgentState.TALKING,
            AgentMove.WRAP_UP_RESUMED: AgentState.WRAP_UP,
            **_AT_REST,
        },
        AgentState.TALKING: {
            AgentMove.CONVERSATION_ENDED: AgentState.WRAP_UP,
            **_AT_REST,
        },
        # A caller whose promise is in danger may interrupt both (C01).
        AgentState.WRAP_UP: {AgentMove.OFFERED: AgentState.OFFERED, **_AT_REST},
        AgentState.PAUSED: {AgentMove.OFFERED: AgentState.OFFERED, **_AT_REST},
        AgentState.NOT_RESPONDING: _AT_REST,
    },
)


class DialState(StrEnum):
    """An attempt to reach an outside number, over one trunk after the other."""

    DIALLING = "dialling"
    CHANGING = "changing"
    """The trunk is being given up; the next is dialled when the leg is gone."""
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDING = "ending"
    """Given up or withdrawn before an answer."""
    OVER = "over"


class DialMove(StrEnum):
    RANG = "rang"
    ANSWERED = "answered"
    TRUNK_GIVEN_UP = "trunk given up"
    NEXT_TRUNK = "next trunk"
    GIVEN_UP = "given up"
    LEG_GONE = "leg gone"


DIAL = Table(
    "dial",
    DialState,
    DialMove,
    {
        DialState.DIALLING: {
            DialMove.RANG: DialState.RINGING,
            DialMove.ANSWERED: DialState.ANSWERED,
            DialMove.TRUNK_GIVEN_UP: DialState.CHANGING,
            DialMove.NEXT_TRUNK: DialState.DIALLING,
            DialMove.GIVEN_UP: DialState.ENDING,
            DialMove.LEG_GONE: DialState.OVER,
        },
        DialState.CHANGING: {
            DialMove.RANG: Ignore("rang on a trunk that was given up"),
            DialMove.ANSWERED: Ignore("answered on a trunk that was given up"),
            DialMove.TRUNK_GIVEN_UP: Ignore("trunk given up twice"),
            DialMove.NEXT_TRUNK: DialState.DIALLING,
            DialMove.GIVEN_UP: DialState.ENDING,
            DialMove.LEG_GONE: DialState.OVER,
        },
        DialState.RINGING: {
            DialMove.RANG: Ignore("rang again"),
            DialMove.ANSWERED: DialState.ANSWERED,
            DialMove.TRUNK_GIVEN_UP: Ignore("trunk gone while the number rings"),
            DialMove.NEXT_TRUNK: DialState.DIALLING,
            DialMove.GIVEN_UP: DialState.ENDING,
            DialMove.LEG_GONE: DialState.OVER,
        },
        DialState.ANSWERED: {
            DialMove.RANG: Ignore("rang after the answer"),
            DialMove.ANSWERED: Ignore("answered twice"),
            DialMove.TRUNK_GIVEN_UP: Ignore("trunk gone during the conversation"),
            DialMove.GIVEN_UP: Ignore("given up after the answer"),
            DialMove.LEG_GONE: DialState.OVER,
        },
        DialState.ENDING: {
            DialMove.RANG: Ignore("rang after it was given up"),
            DialMove.ANSWERED: Ignore("answered after it was given up"),
            DialMove.TRUNK_GIVEN_UP: Ignore("trunk gone after it was given up"),
            DialMove.GIVEN_UP: Ignore("given up twice"),
            DialMove.LEG_GONE: DialState.OVER,
        },
        DialState.OVER: {},
    },
)


class TransferState(StrEnum):
    """An agent brings somebody else into a call."""

    RINGING = "ringing"
    TALKING = "talking"
    """The agent talks with them; the caller waits at the music."""
    ENDED = "ended"


class TransferMove(StrEnum):
    ANSWERED = "answered"
    COMPLETED = "completed"
    JOINED = "joined"
    TAKEN_BACK = "taken back"
    FAILED = "failed"
    LEFT = "left"
    CALLER_LEFT = "caller left"


TRANSFER = Table(
    "transfer",
    TransferState,
    TransferMove,
    {
        TransferState.RINGING: {
            TransferMove.ANSWERED: TransferState.TALKING,
            TransferMove.COMPLETED: TransferState.ENDED,
            TransferMove.TAKEN_BACK: TransferState.ENDED,
            TransferMove.FAILED: TransferState.ENDED,
            TransferMove.CALLER_LEFT: TransferState.ENDED,
        },
        TransferState.TALKING: {
            TransferMove.COMPLETED: TransferState.ENDED,
            TransferMove.JOINED: TransferState.ENDED,
            TransferMove.TAKEN_BACK: TransferState.ENDED,
            TransferMove.FAILED: TransferState.ENDED,
            TransferMove.LEFT: TransferState.ENDED,
            TransferMove.CALLER_LEFT: TransferState.ENDED,
        },
        TransferState.ENDED: {},
    },
)


class ObligationState(StrEnum):
    OWED = "owed"
    DUE = "due"
    """Its moment has come; it waits for somebody who is free."""
    WORKED = "worked"
    """A call is being made for it, or a person is at it."""
    DONE = "done"
    CLOSED = "closed"
    """Ended undone, by a person with a reason."""


class ObligationMove(StrEnum):
    FELL_DUE = "fell due"
    TAKEN_UP = "taken up"
    PUT_BACK = "put back"
    ESCALATED = "escalated"
    FULFILLED = "fulfilled"
    CLOSED = "closed"


_ENDED_OBLIGATION = {
    ObligationMove.FULFILLED: ObligationState.DONE,
    ObligationMove.CLOSED: ObligationState.CLOSED,
}

OBLIGATION = Table(
    "obligation",
    ObligationState,
    ObligationMove,
    {
        ObligationState.OWED: {
            ObligationMove.FELL_DUE: ObligationState.DUE,
            ObligationMove.TAKEN_UP: ObligationState.WORKED,
            ObligationMove.ESCALATED: ObligationState.OWED,
            **_ENDED_OBLIGATION,
        },
        ObligationState.DUE: {
            ObligationMove.TAKEN_UP: ObligationState.WORKED,
            ObligationMove.ESCALATED: ObligationState.DUE,
            **_ENDED_OBLIGATION,
        },
        ObligationState.WORKED: {
            ObligationMove.PUT_BACK: ObligationState.OWED,
            ObligationMove.TAKEN_UP: Ignore("is being worked already"),
            ObligationMove.ESCALATED: ObligationState.WORKED,
            **_ENDED_OBLIGATION,
        },
        ObligationState.DONE: {},
        ObligationState.CLOSED: {},
    },
)


class CaseState(StrEnum):
    OPEN = "open"
    UNCONFIRMED = "unconfirmed"
    """Nobody was sent though nobody responded: a second person has to agree to that."""
    CLOSED = "closed"


class CaseMove(StrEnum):
    CHANGED = "changed"
    AGREEMENT_ASKED = "agreement asked"
    NOT_AGREED = "not agreed"
    CLOSED = "closed"


CASE = Table(
    "case",
    CaseState,
    CaseMove,
    {
        CaseState.OPEN: {
            CaseMove.CHANGED: CaseState.OPEN,
            CaseMove.AGREEMENT_ASKED: CaseState.UNCONFIRMED,
            CaseMove.CLOSED: CaseState.CLOSED,
        },
        CaseState.UNCONFIRMED: {
            CaseMove.CHANGED: CaseState.UNCONFIRMED,
            CaseMove.NOT_AGREED: CaseState.OPEN,
            CaseMove.CLOSED: CaseState.CLOSED,
        },
        CaseState.CLOSED: {},
    },
)


class PartyState(StrEnum):
    """Somebody who is called in a case: a rescue service, or a contact."""

    DIALLING = "dialling"
    ASKED = "asked"
    """Has picked up, and is to press a key: a voicemail box never does (C17)."""
    WAITING = "waiting"
    """On the line, with music, until an agent talks with them."""
    TALKING = "talking"
    OVER = "over"


class PartyMove(StrEnum):
    ASKED = "asked"
    ACCEPTED = "accepted"
    TAKEN = "taken"
    PARKED = "parked"
    OVER = "over"


PARTY = Table(
    "party",
    PartyState,
    PartyMove,
    {
        PartyState.DIALLING: {
            PartyMove.ASKED: PartyState.ASKED,
            PartyMove.ACCEPTED: PartyState.WAITING,
            PartyMove.OVER: PartyState.OVER,
        },
        PartyState.ASKED: {
            PartyMove.ACCEPTED: PartyState.WAITING,
            PartyMove.OVER: PartyState.OVER,
        },
        PartyState.WAITING: {
            PartyMove.ACCEPTED: Ignore("accepted twice"),
            PartyMove.TAKEN: PartyState.TALKING,
            PartyMove.PARKED: Ignore("parked already"),
            PartyMove.OVER: PartyState.OVER,
        },
        PartyState.TALKING: {
            PartyMove.ACCEPTED: Ignore("accepted twice"),
            PartyMove.TAKEN: Ignore("taken already"),
            PartyMove.PARKED: PartyState.WAITING,
            PartyMove.OVER: PartyState.OVER,
        },
        PartyState.OVER: {},
    },
)


class RoomState(StrEnum):
    EMPTY = "empty"
    OCCUPIED = "occupied"
    CLOSED = "closed"


class RoomMove(StrEnum):
    JOINED = "joined"
    EMPTIED = "emptied"
    CLOSED = "closed"


ROOM = Table(
    "room",
    RoomState,
    RoomMove,
    {
        RoomState.EMPTY: {
            RoomMove.JOINED: RoomState.OCCUPIED,
            RoomMove.CLOSED: RoomState.CLOSED,
        },
        RoomState.OCCUPIED: {
            RoomMove.JOINED: RoomState.OCCUPIED,
            RoomMove.EMPTIED: RoomState.EMPTY,
        },
        RoomState.CLOSED: {},
    },
)


class DeskState(StrEnum):
    """A short call of an agent's phone to the switch itself."""

    DIALLING = "dialling"
    ASKING = "asking"
    WATCHING = "watching"
    OPEN = "open"
    """A line that stays open; its leg may be lent to a call."""
    CONFIRMING = "confirming"
    ENDING = "ending"
    ENDED = "ended"


class DeskMove(StrEnum):
    ANSWERED = "answered"
    WATCHED = "watched"
    OPENED = "opened"
    PRESENT = "present"
    DIGIT = "digit"
    TIMED_OUT = "timed out"
    PROMPT_FINISHED = "prompt finished"
    LEG_GONE = "leg gone"


DESK = Table(
    "desk call",
    DeskState,
    DeskMove,
    {
        # A phone that we dial ourselves: see ``trial``, ``supervision`` and ``open_lines``.
        DeskState.DIALLING: {
            DeskMove.ANSWERED: DeskState.ASKING,
            DeskMove.WATCHED: DeskState.WATCHING,
            DeskMove.OPENED: DeskState.OPEN,
            DeskMove.DIGIT: Ignore("a digit before the answer"),
            DeskMove.TIMED_OUT: DeskState.ENDING,
            DeskMove.LEG_GONE: DeskState.ENDED,
        },
        DeskState.ASKING: {
            DeskMove.PRESENT: DeskState.CONFIRMING,
            DeskMove.DIGIT: DeskState.CONFIRMING,
            DeskMove.TIMED_OUT: DeskState.CONFIRMING,
            DeskMove.PROMPT_FINISHED: Ignore("the question has been asked"),
            DeskMove.LEG_GONE: DeskState.ENDED,
        },
        DeskState.WATCHING: {
            DeskMove.TIMED_OUT: DeskState.ENDING,
            DeskMove.LEG_GONE: DeskState.ENDED,
        },
        DeskState.OPEN: {
            DeskMove.TIMED_OUT: DeskState.ENDING,
            DeskMove.LEG_GONE: DeskState.ENDED,
        },
        DeskState.CONFIRMING: {
            DeskMove.PRESENT: Ignore("a key during the confirmation"),
            DeskMove.DIGIT: Ignore("a digit during the confirmation"),
            DeskMove.TIMED_OUT: DeskState.ENDING,
            DeskMove.PROMPT_FINISHED: DeskState.ENDING,
            DeskMove.LEG_GONE: DeskState.ENDED,
        },
        DeskState.ENDING: {
            DeskMove.ANSWERED: Ignore("an answer to a ring that was ended"),
            DeskMove.WATCHED: Ignore("a supervisor has answered a ring that was ended"),
            DeskMove.OPENED: Ignore("a line that was ended has opened"),
            DeskMove.PRESENT: Ignore("a key after the end"),
            DeskMove.DIGIT: Ignore("a digit after the confirmation"),
            DeskMove.TIMED_OUT: Ignore("a desk call that is ending timed out"),
            DeskMove.PROMPT_FINISHED: Ignore("a prompt of a desk call that is ending"),
            DeskMove.LEG_GONE: DeskState.ENDED,
        },
        DeskState.ENDED: {},
    },
)


class DialogueState(StrEnum):
    """A caller with the machine: it asks, they answer by keys or speak a message."""

    ASKING = "asking"
    LISTENING = "listening"
    RECORDING = "recording"
    CLOSING = "closing"
    ENDED = "ended"


class DialogueMove(StrEnum):
    ASKED = "asked"
    HEARD = "heard"
    KEY = "key"
    TIMED_OUT = "timed out"
    RECORDED = "recorded"
    RECORDING_ENDED = "recording ended"
    CLOSED = "closed"


_ANSWERING = {
    DialogueMove.ASKED: DialogueState.ASKING,
    DialogueMove.KEY: DialogueState.LISTENING,
    DialogueMove.TIMED_OUT: DialogueState.LISTENING,
    DialogueMove.RECORDED: DialogueState.RECORDING,
    DialogueMove.CLOSED: DialogueState.CLOSING,
}

DIALOGUE = Table(
    "dialogue",
    DialogueState,
    DialogueMove,
    {
        DialogueState.ASKING: {**_ANSWERING, DialogueMove.HEARD: DialogueState.LISTENING},
        DialogueState.LISTENING: {
            **_ANSWERING,
            DialogueMove.HEARD: Ignore("a question whose answer has begun was heard"),
        },
        DialogueState.RECORDING: {
            DialogueMove.ASKED: DialogueState.ASKING,
            DialogueMove.KEY: Ignore("a key during a message"),
            DialogueMove.HEARD: Ignore("a prompt during a message"),
            DialogueMove.TIMED_OUT: DialogueState.LISTENING,
            DialogueMove.RECORDING_ENDED: DialogueState.LISTENING,
            DialogueMove.CLOSED: DialogueState.CLOSING,
        },
        DialogueState.CLOSING: {
            DialogueMove.KEY: Ignore("a key during the goodbye"),
            DialogueMove.HEARD: DialogueState.ENDED,
            DialogueMove.TIMED_OUT: DialogueState.ENDED,
        },
        DialogueState.ENDED: {},
    },
)


class SilenceState(StrEnum):
    """Whether somebody speaks at the other end (E33): the clock of a silent call."""

    FIRST_WINDOW = "first_window"
    """The caller has been spoken to, and may answer."""
    SECOND_WINDOW = "second_window"
    """They have not, and have been asked to speak."""
    RESPONDED = "responded"
    NO_RESPONSE = "no_response"
    """Presumed to be in danger; people decide."""


class SilenceMove(StrEnum):
    JOINED = "joined"
    LAPSED = "lapsed"
    SPOKE = "spoke"
    SAID_TO_RESPOND = "said to respond"
    SAID_TO_BE_SILENT = "said to be silent"
    OVERDUE = "overdue"


_SAID = {
    SilenceMove.SAID_TO_RESPOND: SilenceState.RESPONDED,
    SilenceMove.SAID_TO_BE_SILENT: SilenceState.NO_RESPONSE,
}

SILENCE = Table(
    "silence",
    SilenceState,
    SilenceMove,
    {
        SilenceState.FIRST_WINDOW: {
            SilenceMove.JOINED: SilenceState.FIRST_WINDOW,
            SilenceMove.LAPSED: SilenceState.SECOND_WINDOW,
            SilenceMove.SPOKE: SilenceState.RESPONDED,
            SilenceMove.OVERDUE: SilenceState.NO_RESPONSE,
            **_SAID,
        },
        SilenceState.SECOND_WINDOW: {
            SilenceMove.JOINED: SilenceState.FIRST_WINDOW,
            SilenceMove.LAPSED: SilenceState.NO_RESPONSE,
            SilenceMove.SPOKE: SilenceState.RESPONDED,
            SilenceMove.OVERDUE: SilenceState.NO_RESPONSE,
            **_SAID,
        },
        SilenceState.RESPONDED: {
            SilenceMove.JOINED: SilenceState.FIRST_WINDOW,
            SilenceMove.LAPSED: SilenceState.FIRST_WINDOW,
            SilenceMove.SPOKE: SilenceState.RESPONDED,
            **_SAID,
        },
        # What a machine hears does not clear it: a television that passes for a person must not.
        SilenceState.NO_RESPONSE: {
            SilenceMove.JOINED: SilenceState.NO_RESPONSE,
            SilenceMove.SPOKE: Ignore("speech on a line without response: people decide"),
            **_SAID,
        },
    },
)

TABLES: tuple[Table[StrEnum, StrEnum], ...] = (
    CALL,
    LEG,
    OFFER,
    AGENT,
    DIAL,
    OBLIGATION,
    CASE,
    PARTY,
    TRANSFER,
    ROOM,
    DESK,
    DIALOGUE,
    SILENCE,
)  # type: ignore[assignment]
