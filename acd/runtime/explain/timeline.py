"""An emergency from its first call to its end, in plain words and to the millisecond (E42).

Pure: from the facts of the case and of all its calls to sentences.  A kind of fact that has none
here tells nothing about the emergency, and is left out.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from acd.adapters.postgres.cases import CaseFact
from acd.adapters.postgres.history import HappeningRecord
from acd.adapters.postgres.moments import moment
from acd.runtime.explain import happenings

_MS = timedelta(milliseconds=1)

Body = dict[str, Any]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One moment; ``after_ms`` counts from the first one."""

    at: datetime
    after_ms: int
    call: str | None
    kind: str
    sentence: str


def entries(facts: Sequence[CaseFact]) -> list[Entry]:
    """Return the timeline in its order; facts of one moment stay in the order of cause and
    effect."""
    told = sorted(_told(_without_repeats(facts)), key=lambda entry: entry[0])
    if not told:
        return []
    begin = told[0][0]
    return [
        Entry(
            at=at, after_ms=(at - begin) // _MS, call=fact.call, kind=fact.kind, sentence=sentence
        )
        for at, fact, sentence in told
    ]


def _told(facts: Iterable[CaseFact]) -> Iterator[tuple[datetime, CaseFact, str]]:
    for fact in facts:
        if fact.kind == "CallOffered":
            # It is told with what is known of the caller; it happened when the INVITE came.
            yield moment(fact.body["arrived_ms"]), fact, _offered(fact.body)
            continue
        if _rang(fact):
            yield moment(fact.body["rang_ms"]), fact, f"{_who(fact.body)}'s telephone rang."
        sentence = _sentence(fact)
        if sentence is not None:
            yield fact.at, fact, sentence


def _rang(fact: CaseFact) -> bool:
    """Tell whether a line that is over had rung; the caller's own says that we did."""
    body = fact.body
    return fact.kind == "LegEnded" and body["role"] != "caller" and body["rang_ms"] is not None


def _sentence(fact: CaseFact) -> str | None:
    if fact.kind in _TOLD:
        return _TOLD[fact.kind](fact.body)
    return happenings.sentence(HappeningRecord(at=fact.at, kind=fact.kind, body=fact.body))


def _without_repeats(facts: Sequence[CaseFact]) -> Iterator[CaseFact]:
    """Leave out what an obligation says again and again on its way."""
    for fact in facts:
        if fact.kind != "ObligationNoted" or fact.body["what"] in _OWED:
            yield fact


def _who(body: Body) -> str:
    """Return whose line it is."""
    match body["role"]:
        case "caller":
            return "The caller"
        case "agent":
            return f"Agent {body['agent']}"
        case _:
            return str(body["number"] or "Somebody outside")


# What came in and who was rung ------------------------------------------------------------------


def _offered(body: Body) -> str:
    caller = "A caller without a number" if body["caller"] is None else f"Caller {body['caller']}"
    terminal = "" if body["terminal"] is None else f", terminal {body['terminal']},"
    return f"{caller}{terminal} dialled {body['called']}."


def _placed(body: Body) -> str:
    return f"{body['number']} is to be called back by us."


def _offer_made(body: Body) -> str:
    words = str(body["selection"]).split(" ")
    what = f" to be {words[-1].upper()}" if words[:2] == ["case", "role"] else ""
    return f"Agent {body['agent']} was rung{what}."


_OFFER_ENDS = {
    "accepted": "answered",
    "missed": "did not answer",
    "rejected": "refused",
    "withdrawn": "was not needed any more",
    "failed": "could not be rung",
    "unattended": "was not there: the phone picked up by itself",
}


def _offer_ended(body: Body) -> str:
    return f"Agent {body['agent']} {_OFFER_ENDS[body['result']]}."


def _picked_up(_: Body) -> str:
    return "The system picked up the line: nobody was there yet."


def _answered(body: Body) -> str:
    return f"Agent {body['agent']} and the caller heard each other."


def _reached(body: Body) -> str:
    return f"Agent {body['agent']} and whom we called heard each other."


def _call_ended(body: Body) -> str:
    return f"The call was over: {body['outcome']}."


# Who is called ----------------------------------------------------------------------------------


def _dialled(body: Body) -> str:
    person = f" for agent {body['person']}" if body["person"] else ", by the switch itself"
    again = "" if body["attempt"] == 1 else f", attempt {body['attempt']}"
    return f"{body['number']} was dialled over {body['trunk']}{person}{again}."


_DIAL_ENDS = {
    "answered": "picked up",
    "busy": "was busy",
    "no_answer": "did not answer",
    "rejected": "refused the call",
    "unreachable": "could not be reached",
    "no_trunk": "was not tried: no operator could carry it",
    "withdrawn": "was not called any more",
}


def _dial_ended(body: Body) -> str:
    rang = "" if body["ring_ms"] is None else f" after ringing for {_seconds(body['ring_ms'])}"
    return f"{body['number']} {_DIAL_ENDS[body['result']]}{rang}."


_LEG_ENDS = {
    "normal": "hung up",
    "busy": "was busy",
    "no_answer": "was let go: no answer",
    "rejected": "was refused",
    "unreachable": "could not be reached",
    "failed": "failed",
    "lost": "was gone after the link to Asterisk had been away",
}


def _leg_ended(body: Body) -> str:
    up_ms = None if body["answered_ms"] is None else body["at_ms"] - body["answered_ms"]
    up = "" if up_ms is None else f"; the line had been up for {_seconds(up_ms)}"
    return f"{_who(body)}'s line ended: {_LEG_ENDS[body['why']]}{up}."


# What people heard and did ----------------------------------------------------------------------


def _prompted(body: Body) -> str:
    return f"{_who(body)} was told: {' '.join(body['prompts'])}."


def _key(body: Body) -> str:
    return f"{_who(body)} pressed {body['key']}."


_LABELS = {
    "speech": "speech",
    "sound": "sound, and no near speech",
    "silence": "silence",
    "no_rtp": "no audio at all",
    "packets": "audio again",
}


def _heard(body: Body) -> str:
    return f"From the caller came {_LABELS[body['heard']]}."


_PLACES = {
    "caller": "with the caller",
    "rescue": "in the rescue room",
    "private": "in the private room",
    "aside": "in a room beside",
    "music": "at the music",
    "nowhere": "in no room",
}


def _moved(body: Body) -> str:
    if body["role"] == "caller" and body["place"] == "caller":
        return "The caller was in the conversation."
    return f"{_who(body)} was {_PLACES[body['place']]}."


# What became of the case ------------------------------------------------------------------------

_CASE = {
    "opened": "The case was opened",
    "restored": "The service had begun anew and took the case in",
    "another call": "Another call about the case came in",
    "all called": "All contacts were to be called",
    "safe": "The elder was said to be safe",
    "help arrived": "Help was at the door",
    "car sent": "120 had sent a car",
    "form": "The form was written",
    "summary": "The summary was written",
    "assigned": "The case was given into other hands",
    "agreement asked": "It was to be closed with nobody sent: a second person was asked",
    "agreed": "A second person agreed, and the case was closed",
    "not agreed": "A second person did not agree, and the case went on",
    "closed": "The case was closed",
}


_SERVICES = {"medical": "120", "police": "110", "fire": "119"}


def _case(body: Body) -> str:
    what, by = str(body["what"]), body["by"]
    role, _, change = what.partition(" ")
    if change in ("taken", "gone") and role in ("a", "b"):
        became = "was" if change == "taken" else "was no longer"
        return f"Agent {by} {became} {role.upper()}."
    if change == "reached" and role in _SERVICES:
        return f"{_SERVICES[role]} was on the line with agent {by}."
    if change == "called before" and role in _SERVICES:
        return f"{_SERVICES[role]} had been called already, without us, said agent {by}."
    if role == "step":
        return f"Step {change} was done, said agent {by}."
    if role == "undone":
        return f"Step {change} was not done after all, said agent {by}."
    if role == "guide":
        return f"Script {change} was taken up, by agent {by}."
    told = _CASE.get(what, f"{what[:1].upper()}{what[1:]}")
    whose = "" if by is None else f", by agent {by}"
    return f"{told}{whose}."


_OWED = {
    "owed": "owed",
    "due": "due",
    "escalated": "told to the next person, for nobody had done it",
    "ended": "ended",
}
"""Of what becomes of an obligation, what belongs to the emergency's story."""


def _obligation(body: Body) -> str:
    owed = body["obligation"]
    number = "" if owed["number"] is None else f" {owed['number']}"
    how = f": {owed['closing']}" if body["what"] == "ended" and owed["closing"] else ""
    what = f"{owed['why'].replace('_', ' ')}{number} ({owed['kind']})"
    return f"{what[:1].upper()}{what[1:]} was {_OWED[body['what']]}{how}."


def _supervised(body: Body) -> str:
    return f"Supervisor {body['supervisor']} was at the conversation ({body['mode']})."


def _unsupervised(body: Body) -> str:
    return f"Supervisor {body['supervisor']} left the conversation."


def _seconds(duration_ms: int) -> str:
    return f"{duration_ms / 1000:.3f} s"


_TOLD: dict[str, Callable[[Body], str]] = {
    "CallPlaced": _placed,
    "OfferMade": _offer_made,
    "OfferEnded": _offer_ended,
    "CallPickedUp": _picked_up,
    "CallAnswered": _answered,
    "CallReached": _reached,
    "CallEnded": _call_ended,
    "PlacedCallEnded": _call_ended,
    "NumberDialled": _dialled,
    "DialEnded": _dial_ended,
    "LegEnded": _leg_ended,
    "PromptStarted": _prompted,
    "KeyPressed": _key,
    "LegHeard": _heard,
    "LegMoved": _moved,
    "CaseNoted": _case,
    "ObligationNoted": _obligation,
    "SupervisionStarted": _supervised,
    "SupervisionEnded": _unsupervised,
}
