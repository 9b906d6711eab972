"""What is written of a call: whether anybody has responded (E33, V13)."""

from acd.core.directory import EntryKind
from acd.core.entities import Call
from acd.core.facts import Response

_EMERGENCY, _ENQUIRY = EntryKind.EMERGENCY, EntryKind.ENQUIRY

SAID_SILENT = "no response"
"""The outcome (*2010) that says so."""


def concerns(call: Call) -> bool:
    """Tell whether silence means anything in this call: one that came in, or our callback to an
    emergency; not a contact's."""
    if call.kind is _EMERGENCY:
        placed = call.placed
        return placed is None or (placed.obligation is not None and not placed.is_contact)
    return call.kind is _ENQUIRY and call.placed is None


def response_of(call: Call) -> Response | None:
    """Return what is to be written of a call that is over.  An emergency that was connected and
    has neither an agent's word nor an outcome is without response, whatever was heard."""
    connected = call.picked_up or call.answered_ms is not None
    if not concerns(call) or not connected or call.left_ms is None:
        return None  # whoever was handed to the dialplan has not left
    if call.disposition is not None:
        silent = call.disposition == SAID_SILENT
        return Response.NO_RESPONSE if silent else Response.RESPONDED
    if call.is_without_response:
        return Response.NO_RESPONSE
    if call.responds:
        return Response.RESPONDED
    if call.kind is _EMERGENCY:
        return Response.NO_RESPONSE
    return None


def has_talked(call: Call) -> bool:
    """Tell whether an agent has talked with whoever was on the line.  That is enough for a
    contact: no agent has to say of them that they respond."""
    return call.answered_ms is not None and not call.dropped and not call.is_without_response
