"""What is wrong with how a directory file's queues hand out their calls, each with path and value.

Numbers that cannot be kept, needs that never weaken or that nobody meets, help from nowhere: a
queue that could not do what it says is refused before anything of the file is loaded.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from acd.core.directory import EntryKind, Reach
from acd.runtime.directory.file import DirectoryFile
from acd.runtime.directory.queue_section import Callback, Queue

RESCUE = ("110", "119", "120")


class Fault(NamedTuple):
    """``path`` is like ``queues[2].overflow``."""

    path: str
    value: object
    sentence: str


def faults(document: DirectoryFile) -> Iterator[Fault]:
    """Yield everything that is wrong."""
    emergencies = {
        entry.queue: entry.id
        for entry in document.entries or ()
        if entry.kind is EntryKind.EMERGENCY
    }
    for n, queue in enumerate(document.queues or ()):
        path = f"queues[{n}]"
        yield from _relaxation(path, queue)
        yield from _nobody_gained(path, queue, document)
        yield from _overflow(path, queue)
        yield from _preferences(path, queue, emergencies)
        yield from _outside(path, queue, document)
        yield from _callbacks(path, queue, document)
    for n, duty in enumerate(document.duty_phones or ()):
        if duty.number in RESCUE:
            sentence = "is a rescue service: only a person on the line may call it"
            yield Fault(f"duty_phones[{n}].number", duty.number, sentence)
    yield from _named_agents(document)


def _relaxation(path: str, queue: Queue) -> Iterator[Fault]:
    before_ms, before = 0, queue.needs
    for m, step in enumerate(queue.relaxation):
        where = f"{path}.relaxation[{m}]"
        if step.after_ms <= before_ms:
            sentence = f"should be later than the step before ({before_ms})"
            yield Fault(f"{where}.after_ms", step.after_ms, sentence)
        if step.after_ms >= queue.incident_ms:
            sentence = f"should be before the incident (incident_ms is {queue.incident_ms})"
            yield Fault(f"{where}.after_ms", step.after_ms, sentence)
        for skill, level in step.needs.items():
            if skill not in before:
                sentence = "is not needed before, so nobody can come within reach by it"
                yield Fault(f"{where}.needs", skill, sentence)
            elif level > before[skill]:
                sentence = f"is {level}, more than before ({before[skill]}): needs only weaken"
                yield Fault(f"{where}.needs", skill, sentence)
        if step.needs == before:
            yield Fault(f"{where}.needs", None, "asks for as much as the step before")
        before_ms, before = step.after_ms, step.needs


def _nobody_gained(path: str, queue: Queue, document: DirectoryFile) -> Iterator[Fault]:
    """A relaxation by which no agent of the file comes within reach can never match."""
    if document.agents is None:
        return
    before = queue.needs
    for m, step in enumerate(queue.relaxation):
        gained = any(
            _meets(agent.skills, step.needs) and not _meets(agent.skills, before)
            for agent in document.agents
        )
        if not gained:
            sentence = "can never match: no agent meets it who does not meet more"
            yield Fault(f"{path}.relaxation[{m}].needs", None, sentence)
        before = step.needs


def _meets(skills: Mapping[str, int], needs: Mapping[str, int]) -> bool:
    return all(skills.get(skill, 0) >= level for skill, level in needs.items())


def _overflow(path: str, queue: Queue) -> Iterator[Fault]:
    # Two queues may help each other: a call stays in its own, so nothing goes round in a circle.
    for m, helper in enumerate(queue.overflow):
        if helper == queue.id:
            yield Fault(f"{path}.overflow[{m}]", helper, "is the queue itself")
        elif helper in queue.overflow[:m]:
            yield Fault(f"{path}.overflow[{m}]", helper, "is there already")
    if queue.overflow and queue.overflow_ms >= queue.incident_ms:
        sentence = f"should be before the incident (incident_ms is {queue.incident_ms})"
        yield Fault(f"{path}.overflow_ms", queue.overflow_ms, sentence)


def _preferences(path: str, queue: Queue, emergencies: Mapping[str, str]) -> Iterator[Fault]:
    for name in ("prefers", "sticky"):
        values = getattr(queue, name)
        for m, value in enumerate(values):
            if value in values[:m]:
                yield Fault(f"{path}.{name}[{m}]", str(value), "is there already")
    if queue.prefer_wait_ms >= queue.promise_ms:
        sentence = f"should be below promise_ms ({queue.promise_ms})"
        yield Fault(f"{path}.prefer_wait_ms", queue.prefer_wait_ms, sentence)
    elif queue.prefer_wait_ms and queue.id in emergencies:
        sentence = f"should be 0: {emergencies[queue.id]} brings emergencies, which wait for nobody"
        yield Fault(f"{path}.prefer_wait_ms", queue.prefer_wait_ms, sentence)


def _outside(path: str, queue: Queue, document: DirectoryFile) -> Iterator[Fault]:
    if document.duty_phones is None:
        return
    served = {name for duty in document.duty_phones for name in duty.queues}
    for m, step in enumerate(queue.widening):
        if step.reach is Reach.OUTSIDE and queue.id not in served:
            sentence = "reaches nobody: no duty phone serves this queue"
            yield Fault(f"{path}.widening[{m}].reach", step.reach.value, sentence)


def _callbacks(path: str, queue: Queue, document: DirectoryFile) -> Iterator[Fault]:
    rules = queue.callback
    if rules.first_ms >= rules.within_ms:
        sentence = f"should be before the deadline (within_ms is {rules.within_ms})"
        yield Fault(f"{path}.callback.first_ms", rules.first_ms, sentence)
    if rules.short_ms >= queue.promise_ms:
        # C02: whoever waited so long has been failed, and was not a wrong number.
        sentence = f"should be below promise_ms ({queue.promise_ms})"
        yield Fault(f"{path}.callback.short_ms", rules.short_ms, sentence)
    kinds = {one.kind for one in document.entries or () if one.queue == queue.id}
    if kinds == {EntryKind.EMERGENCY} and rules != Callback():
        sentence = "is not for a queue of emergencies alone: they are called back at once (E34)"
        yield Fault(f"{path}.callback", None, sentence)


def _named_agents(document: DirectoryFile) -> Iterator[Fault]:
    queues = {queue.id: queue for queue in document.queues or ()}
    skills = {agent.id: agent.skills for agent in document.agents or ()}
    for n, entry in enumerate(document.entries or ()):
        queue = queues.get(entry.queue)
        if entry.agent is None or queue is None or entry.agent not in skills:
            continue
        weakest = queue.relaxation[-1].needs if queue.relaxation else queue.needs
        if not _meets(skills[entry.agent], weakest):
            sentence = f"can never be rung here: lacks what queue {queue.id} needs"
            yield Fault(f"entries[{n}].agent", entry.agent, sentence)
