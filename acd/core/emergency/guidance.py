"""Guidance: which scripts a case has, and which of their steps are done (E07, E19, E22, F35).

A script comes to a case by itself, at the opening and when something happens for which there is
one, or by an agent's hand.  Steps are done by what shows it, or because an agent says so; each is
told with the person and the time.  What is mandatory and not done is shown, and delays nothing: no
dial, no person, no end of a call.  A step that blocks keeps the case from being closed (E12), but
not when it turns out that nobody needed help.
"""

from collections.abc import Callable

from msgspec import structs

from acd.core.directory import RescueService
from acd.core.emergency.case import Case
from acd.core.emergency.guide import Script, Sign, Step, When
from acd.core.events import GuidanceDefined
from acd.core.ids import AgentId
from acd.core.state import State

NEEDLESS = ("accidental", "test", "wrong number", "nuisance")
"""Outcomes with which there is nothing to write a summary of (E44)."""

_COMES: dict[When, Callable[[Case], bool]] = {
    When.OPENED: lambda case: True,
    When.NO_RESPONSE: lambda case: case.no_response,
    When.MEDICAL: lambda case: RescueService.MEDICAL in case.services,
    When.CONTACT_MISSED: lambda case: bool(case.missed),
}

_SHOWS: dict[Sign, Callable[[Case], bool]] = {
    Sign.FORM: lambda case: all(structs.astuple(case.form)),
    Sign.SERVICE: lambda case: bool(case.services),
    Sign.CONTACT: lambda case: bool(case.reached),
    Sign.SUPERVISOR: lambda case: case.seen_by is not None,
    Sign.HELP: lambda case: case.help_ms is not None,
    Sign.SUMMARY: lambda case: bool(case.summary),
}


def defined(s: State, event: GuidanceDefined) -> None:
    """The scripts that hold from now on; a case keeps those that it has."""
    s.guidance = {script.id: script for script in event.scripts}


def followed(s: State, case: Case, by: AgentId | None) -> Case:
    """Return the case with the scripts that have come to it, and the steps that are shown to be
    done, by whoever has changed it last."""
    guides = case.guides
    ids = [one.id for one in guides]
    for script in s.guidance.values():
        if script.when is not None and script.id not in ids and _COMES[script.when](case):
            guides = (*guides, script)
    guides = tuple(_shown(s, case, one, by) for one in guides)
    return case if guides == case.guides else structs.replace(case, guides=guides)


def _shown(s: State, case: Case, script: Script, by: AgentId | None) -> Script:
    steps = tuple(
        structs.replace(step, done_ms=s.now, done_by=by)
        if step.done_ms is None and is_shown(case, step)
        else step
        for step in script.steps
    )
    return structs.replace(script, steps=steps)


def find(case: Case, script: str, step: str) -> Step | None:
    """Return a step of the case, or None."""
    steps = (one for given in case.guides if given.id == script for one in given.steps)
    return next((one for one in steps if one.id == step), None)


def marked(s: State, case: Case, script: str, step: str, by: AgentId) -> tuple[Script, ...]:
    """Return the case's scripts with one step done now, because an agent says so."""
    return _set(case, script, step, s.now, by)


def unmarked(case: Case, script: str, step: str) -> tuple[Script, ...]:
    """Return the case's scripts with one step not done; the timeline has who said so."""
    return _set(case, script, step, None, None)


def is_shown(case: Case, step: Step) -> bool:
    """Tell whether the case itself shows that a step is done, so that nobody can take it back."""
    return step.sign is not None and _SHOWS[step.sign](case)


def _set(
    case: Case, script: str, step: str, done_ms: int | None, by: AgentId | None
) -> tuple[Script, ...]:
    return tuple(
        structs.replace(
            given,
            steps=tuple(
                structs.replace(one, done_ms=done_ms, done_by=by) if one.id == step else one
                for one in given.steps
            ),
        )
        if given.id == script
        else given
        for given in case.guides
    )


def missing(case: Case) -> list[str]:
    """Return the mandatory steps that are not done, as ``script/step``, in their order."""
    return [
        f"{given.id}/{step.id}"
        for given in case.guides
        for step in given.steps
        if step.is_mandatory and step.done_ms is None
    ]


def blocking(case: Case) -> list[str]:
    """Return the steps without which the case is not closed."""
    if case.outcome in NEEDLESS:
        return []
    return [
        f"{given.id}/{step.id}"
        for given in case.guides
        for step in given.steps
        if step.blocks and step.done_ms is None
    ]
