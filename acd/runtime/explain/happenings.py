"""What was done with a call while it went on, in plain words: hold, transfers, outcome, release."""

from typing import Any

from acd.adapters.postgres.history import HappeningRecord
from acd.core.facts import TransferKind, TransferResult


def sentence(happening: HappeningRecord) -> str | None:
    """Return what a fact tells, or None for one that has no sentence."""
    return _TOLD[happening.kind](happening.body) if happening.kind in _TOLD else None


def _held(body: dict[str, Any]) -> str:
    return f"Agent {_who(body)} stepped aside: the caller heard music."


def _resumed(body: dict[str, Any]) -> str:
    return f"The caller was with somebody again after {body['hold_ms'] / 1000:.1f} s on hold."


def _requeued(body: dict[str, Any]) -> str:
    return f"Agent {_who(body)} was gone and the caller still there, who waited again."


def _transfer_started(body: dict[str, Any]) -> str:
    number = body["number"]
    if body["kind"] == TransferKind.CONSULT:
        return f"Agent {body['by']} asked {number} out of the caller's hearing."
    return f"Agent {body['by']} gave the call to {number}; the caller was told."


_RESULTS = {
    TransferResult.COMPLETED: "{number} took the call over.",
    TransferResult.JOINED: "{number} came into the conversation, and {by} stayed.",
    TransferResult.TAKEN_BACK: "{by} let {number} go and went back to the caller.",
    TransferResult.FAILED: "{number} did not come: the call returned to {by}.",
    TransferResult.LEFT: "{number} hung up in the consultation with {by}.",
    TransferResult.CALLER_LEFT: "The caller left before {number} had been brought in.",
}


def _transfer_ended(body: dict[str, Any]) -> str:
    if body.get("queue"):
        return f"The call waits for queue {body['queue']}, at the place of its arrival."
    return _RESULTS[TransferResult(body["result"])].format(number=body["number"], by=body["by"])


def _disposed(body: dict[str, Any]) -> str:
    return f"Agent {body['agent']} said how it went: {body['disposition']}."


_DEVICE = {
    "low_battery": "its battery is low",
    "fault": "it has a fault",
    "test": "it is being tested",
    "mains_lost": "it has lost the mains",
    "mains_back": "the mains are back",
    "tampered": "it has been tampered with",
    "other": "something",
}


def _device(body: dict[str, Any]) -> str:
    return f"The terminal said by {body['digits']}: {_DEVICE[body['meaning']]}."


_TESTERS = {
    "user": "whoever lives with it",
    "revisit": "somebody on a visit",
    "maintenance": "whoever maintains it",
}


def _tested(body: dict[str, Any]) -> str:
    staff = f" (staff number {body['staff']})" if body["staff"] else ""
    new = " It has a new number." if body["new_number"] else ""
    who = f"{_TESTERS[body['kind']]}{staff}"
    return f"Agent {body['agent']} said that {who} tested terminal {body['terminal']}.{new}"


def _reported(body: dict[str, Any]) -> str:
    # What the family has told is health: it stands in the report alone (L2).
    said = body["rating"] or "not asked"
    return f"Agent {body['agent']} handed in the report; how content: {said}."


def _classified(body: dict[str, Any]) -> str:
    return f"Agent {_who(body)} said what the call was: {body['flow']}."


def _response(body: dict[str, Any]) -> str:
    what = "responds" if body["responds"] else "does not respond"
    return f"Agent {body['agent']} said that the caller {what}."


_RATED = {
    "agent": "in the conversation",
    "revisit": "on a revisit",
    "sms": "by SMS",
}


def _rated(body: dict[str, Any]) -> str:
    word = f"{body['rating']} ({body['scale']})"
    if body.get("by") is None:
        return f"The caller rated the service of {_who(body)}: {word}."
    how = _RATED[body["source"]]
    return f"Agent {body['by']} wrote down what was said {how} of {_who(body)}'s service: {word}."


def _afterword(body: dict[str, Any]) -> str:
    silent = body["response"] == "no_response"
    what = body["disposition"] or ("nobody had responded" if silent else "somebody had responded")
    return f"Agent {body['agent']} said in the notes: {what}."


_HEARD = {
    "speech": "somebody spoke",
    "sound": "there was a sound, and no near speech",
    "silence": "there was silence",
    "no_rtp": "no audio came at all",
}


def _heard(body: dict[str, Any]) -> str:
    return _HEARD.get(body.get("heard") or "", "nothing judged the sound")


def _prompted(body: dict[str, Any]) -> str:
    return f"The system asked the caller to speak; {_heard(body)}."


def _responded(body: dict[str, Any]) -> str:
    return f"The caller spoke, {body['after_ms'] / 1000:.1f} s after they could first."


def _no_response(body: dict[str, Any]) -> str:
    return (
        f"Nobody had responded after {body['after_ms'] / 1000:.1f} s, and {_heard(body)}: "
        "the call was flagged, and the line kept for people to decide."
    )


def _released(body: dict[str, Any]) -> str:
    how = " with busy tone, by which a terminal clears" if body["busy_tone"] else ""
    return f"The caller was let go{how}."


def _who(body: dict[str, Any]) -> str:
    return body.get("agent") or "nobody"


_TOLD = {
    "CallHeld": _held,
    "CallResumed": _resumed,
    "CallRequeued": _requeued,
    "TransferStarted": _transfer_started,
    "TransferEnded": _transfer_ended,
    "CallDisposed": _disposed,
    "DeviceReported": _device,
    "TerminalTested": _tested,
    "EmergencyReported": _reported,
    "CallClassified": _classified,
    "ResponseNoted": _response,
    "AfterwordNoted": _afterword,
    "CallRated": _rated,
    "SilencePrompted": _prompted,
    "CallerResponded": _responded,
    "NoResponseFlagged": _no_response,
    "CallReleased": _released,
}
