"""What is wrong with what a directory lets callers hear.

Every prompt must be one that can be said (``prompts/texts.yaml``), and an emergency caller hears
nothing that belongs to an enquiry (C13).
"""

from collections.abc import Iterator

from acd.core.directory import EntryKind
from acd.runtime.directory_file import DirectoryFile, Queue
from acd.runtime.problems import Problem
from prompts.texts import Audience, load


def problems(document: DirectoryFile) -> Iterator[Problem]:
    """Yield them, each with its path and value."""
    sayable = {
        name for name, prompt in load().prompts.items() if prompt.audience is Audience.CALLER
    }
    for path, prompt in _prompts(document):
        if prompt not in sayable:
            yield Problem(path, prompt, "is not among the prompts for callers (prompts/texts.yaml)")
    yield from _emergencies(document)


def _prompts(document: DirectoryFile) -> Iterator[tuple[str, str]]:
    """Yield (path, name) of every prompt that is named."""
    for n, queue in enumerate(document.queues or ()):
        yield f"queues[{n}].acknowledgement", queue.acknowledgement
        for field in ("recording_notice", "comfort"):
            named = getattr(queue.treatment, field)
            if named is not None:
                yield f"queues[{n}].treatment.{field}", named


def _emergencies(document: DirectoryFile) -> Iterator[Problem]:
    """A line that people in danger call says that it is being answered, and nothing else."""
    urgent = {
        entry.queue: entry.id
        for entry in document.entries or ()
        if entry.kind is EntryKind.EMERGENCY
    }
    for n, queue in enumerate(document.queues or ()):
        if queue.id in urgent:
            for field in _for_enquiries(queue):
                yield Problem(
                    f"queues[{n}].treatment.{field}",
                    True,
                    f"is not for a queue of emergencies (entry {urgent[queue.id]}; C13)",
                )


def _for_enquiries(queue: Queue) -> Iterator[str]:
    for field in ("tells_position", "tells_agent"):
        if getattr(queue.treatment, field):
            yield field
