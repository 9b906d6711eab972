"""What a call turns out to be: emergency, enquiry, referral or complaint (E01).

An agent says it by a key or from the desk, as soon as they know and again when it changes.  That an
enquiry is an emergency opens its case and calls B, as *90 does: somebody who asks for a car to the
hospital, or for a doctor because they are unwell (E47, E48, E49), is in the emergency's hands then.
"""

from acd.core.asks import Ask, done, refuse
from acd.core.emergency import cases, roles
from acd.core.emergency.guide import Flow
from acd.core.facts import CallClassified
from acd.core.replies import Refusal, Reply
from acd.core.state import State

FLOWS = {"1": Flow.EMERGENCY, "2": Flow.ENQUIRY, "3": Flow.REFERRAL, "4": Flow.COMPLAINT}
"""By the digit behind *21."""


def classify(s: State, ask: Ask) -> Reply:
    """Note the flow (*21 and a digit)."""
    flow = FLOWS.get(ask.digits)
    if flow is None:
        known = ", ".join(f"{digit} {name}" for digit, name in FLOWS.items())
        sentence = f"There is no flow {ask.digits or 'without a digit'}; there are {known}."
        return refuse(s, ask, Refusal.UNKNOWN_FLOW, sentence)
    ask.call.flow = flow
    s.emit(
        CallClassified(
            at_ms=s.now,
            call=ask.call.id,
            arrived_ms=ask.call.arrived_ms,
            agent=ask.leg.agent,
            flow=flow,
        )
    )
    if flow is Flow.EMERGENCY and cases.of(s, ask.call) is None:
        return roles.begin(s, ask)
    return done(ask)
