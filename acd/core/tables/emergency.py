"""A case, those who are called in it, and a caller's silence."""

from enum import StrEnum

from acd.core.tables.table import Ignore, Table


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
