"""A guidance script as a plain value: what an agent says and does in a kind of call, step by step
(E07, E19, F35).

The words stand outside the core, which knows a step by its id, whether it is mandatory, and what
shows that it was done.  A case keeps the steps that it was given, in the version that held then.
"""

from enum import StrEnum

import msgspec

from acd.core.ids import AgentId


class Flow(StrEnum):
    """What a call turns out to be (E01)."""

    EMERGENCY = "emergency"
    ENQUIRY = "enquiry"
    """Public and convenience services."""
    REFERRAL = "referral"
    COMPLAINT = "complaint"


class When(StrEnum):
    """What gives a script to a case; others are taken up by hand."""

    OPENED = "opened"
    NO_RESPONSE = "no_response"
    MEDICAL = "medical"
    """120 was reached."""
    CONTACT_MISSED = "contact_missed"
    """A contact whom an agent called was not reached."""


class Sign(StrEnum):
    """What shows that a step was done, so that nobody has to say it."""

    FORM = "form"
    """All four facts are written (E02)."""
    SERVICE = "service"
    """An agent has talked with 120, 110 or 119."""
    CONTACT = "contact"
    """A contact was reached."""
    SUPERVISOR = "supervisor"
    """A supervisor has done something with the case (E09)."""
    HELP = "help"
    """Help was at the door (E17)."""
    SUMMARY = "summary"
    """The summary is written (E12)."""


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of a script; with ``done_ms`` set, of a case."""

    id: str
    is_mandatory: bool = False
    blocks: bool = False
    """The case is not closed before it is done, unless nobody needed help after all."""
    sign: Sign | None = None
    done_ms: int | None = None
    """Epoch milliseconds."""
    done_by: AgentId | None = None
    """None where nobody had to do it."""


class Script(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All steps of one kind of call, in their order."""

    id: str
    version: int
    flow: Flow | None = None
    """None: it is of use in every call."""
    when: When | None = None
    steps: tuple[Step, ...]
