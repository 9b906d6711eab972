"""Answers to persons.  A refusal is a value with a stable id and a sentence one can act on."""

from enum import StrEnum

import msgspec

from acd.core.ids import CallId, RequestId


class Refusal(StrEnum):
    """Stable ids; the sentence may change, the id does not."""

    UNKNOWN_AGENT = "unknown_agent"
    UNKNOWN_SEAT = "unknown_seat"
    SEAT_TAKEN = "seat_taken"
    LOGGED_IN_ELSEWHERE = "logged_in_elsewhere"
    NOT_LOGGED_IN = "not_logged_in"
    NOT_IN_WRAP_UP = "not_in_wrap_up"
    WRAP_UP_AT_LIMIT = "wrap_up_at_limit"
    NO_LEAVE_ASKED = "no_leave_asked"
    NOT_A_SUPERVISOR = "not_a_supervisor"
    NOT_FREE = "not_free"
    NOT_RESERVED = "not_reserved"
    BUSY_WITH_CALL = "busy_with_call"
    UNKNOWN_CODE = "unknown_code"
    UNKNOWN_CALL = "unknown_call"
    NO_CONVERSATION = "no_conversation"
    NO_NUMBER = "no_number"
    UNKNOWN_NUMBER = "unknown_number"
    YOURSELF = "yourself"
    AGENT_NOT_FREE = "agent_not_free"
    NOT_FOR_QUEUES = "not_for_queues"
    NOT_ALONE = "not_alone"
    TRANSFER_UNDER_WAY = "transfer_under_way"
    NO_TRANSFER = "no_transfer"
    NOT_ANSWERED_YET = "not_answered_yet"
    NOBODY_TO_HEAR = "nobody_to_hear"
    GAIN_AT_LIMIT = "gain_at_limit"
    UNKNOWN_OUTCOME = "unknown_outcome"
    KNOWN_TERMINAL = "known_terminal"
    UNKNOWN_FLOW = "unknown_flow"
    UNKNOWN_RATING = "unknown_rating"
    NOT_SERVED = "not_served"
    UNKNOWN_SCRIPT = "unknown_script"
    UNKNOWN_STEP = "unknown_step"
    STEP_MISSING = "step_missing"
    STEP_SHOWN = "step_shown"
    NO_REPORT_OWED = "no_report_owed"
    REPORT_MISSING = "report_missing"
    SUMMARY_MISSING = "summary_missing"
    NOT_GONE_THROUGH = "not_gone_through"
    NO_TERMINAL = "no_terminal"
    ANOTHER_TERMINAL = "another_terminal"
    CONFERENCE_FULL = "conference_full"
    ALREADY_ASIDE = "already_aside"
    NOT_ASIDE = "not_aside"
    UNKNOWN_REASON = "unknown_reason"
    NOT_A_NUMBER = "not_a_number"
    UNKNOWN_OBLIGATION = "unknown_obligation"
    NO_REASON = "no_reason"
    UNKNOWN_QUEUE = "unknown_queue"
    NOT_TAKEN = "not_taken"
    NOT_AHEAD = "not_ahead"
    OUTSIDE_HOURS = "outside_hours"
    NO_APPOINTMENTS = "no_appointments"
    OWN_NUMBER = "own_number"
    RESCUE_NUMBER = "rescue_number"
    TOLL_NUMBER = "toll_number"
    TOO_MANY_AT_ONCE = "too_many_at_once"
    COST_CEILING = "cost_ceiling"
    NUMBER_IN_CALL = "number_in_call"
    NO_TRUNK = "no_trunk"
    NOT_WATCHING = "not_watching"
    WATCHING_ANOTHER = "watching_another"
    NOT_WAITING = "not_waiting"
    NOBODY_ON_THE_LINE = "nobody_on_the_line"
    NO_RESCUE_NUMBER = "no_rescue_number"
    UNKNOWN_CASE = "unknown_case"
    NO_OUTCOME = "no_outcome"
    STILL_OWED = "still_owed"
    NOT_ASKED = "not_asked"
    NO_CASE = "no_case"
    NO_CONTACT = "no_contact"
    ROLE_TAKEN = "role_taken"
    NOBODY_CALLED = "nobody_called"
    NO_SECOND_PHONE = "no_second_phone"
    REAL_RESCUE_IN_TEST = "real_rescue_in_test"


class Done(msgspec.Struct, frozen=True, tag=True):
    """The request was carried out."""

    request: RequestId
    state: str
    """How what the request was about stands now: the agent, the case or the obligation; of an
    action on a live call, where the agent is to the caller (``asks.Place``)."""
    later: str | None = None
    """What follows the present conversation, when the request had to wait for its end."""
    asked: bool = False
    """A supervisor has been asked first, and nothing has changed yet."""
    call: CallId | None = None
    """The call that was begun, where one was."""
    stored: bool = True
    """The runtime's to say: False as long as PostgreSQL does not have what was promised."""


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The request was not carried out, and nothing has changed."""

    request: RequestId
    refusal: Refusal
    sentence: str


Reply = Done | Refused
