"""What is wrong with what a directory lets callers hear.

Every prompt must be one that can be said (``prompts/texts.yaml``), and an emergency caller hears
nothing that belongs to an enquiry (C13).
"""

from collections.abc import Iterator
from enum import StrEnum

from acd.core.directory import EntryKind
from acd.runtime.directory.file import DirectoryFile, MenuChoice
from acd.runtime.directory.problems import Problem
from acd.runtime.directory.queue_section import Queue
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
    yield from _ways_out(document)


def named(document: DirectoryFile) -> Iterator[tuple[str, str, str]]:
    """Yield (path, section that should have it, id) of what menus name."""
    for path, choice in _choices(document):
        if choice.queue is not None:
            yield f"{path}.queue", "queues", choice.queue
        if choice.menu is not None:
            yield f"{path}.menu", "menus", choice.menu


def _choices(document: DirectoryFile) -> Iterator[tuple[str, MenuChoice]]:
    for n, menu in enumerate(document.menus or ()):
        for key, choice in menu.choices.items():
            yield f"menus[{n}].choices.{key}", choice
        yield f"menus[{n}].otherwise", menu.otherwise


def _ways_out(document: DirectoryFile) -> Iterator[Problem]:
    """However a caller presses or does not press, something must come of it, and 0 is a person."""
    menus = {menu.id: menu for menu in document.menus or ()}
    for n, menu in enumerate(document.menus or ()):
        person = menu.choices.get("0")
        if person is not None and person.queue is None:
            yield Problem(
                f"menus[{n}].choices.0", person.then, "should be a queue: 0 is a person everywhere"
            )
        seen = {menu.id}
        following = menu.otherwise.menu
        while following is not None and following in menus and following not in seen:
            seen.add(following)
            following = menus[following].otherwise.menu
        if menu.otherwise.information is not None or following in seen:
            yield Problem(
                f"menus[{n}].otherwise",
                menu.otherwise.target,
                "should come to an end: a caller who presses nothing would hear menus for ever",
            )


def _prompts(document: DirectoryFile) -> Iterator[tuple[str, str]]:
    """Yield (path, name) of every prompt that is named."""
    for n, queue in enumerate(document.queues or ()):
        yield f"queues[{n}].acknowledgement", queue.acknowledgement
        for field in ("recording_notice", "comfort"):
            named = getattr(queue.treatment, field)
            if named is not None:
                yield f"queues[{n}].treatment.{field}", named
    for n, menu in enumerate(document.menus or ()):
        yield f"menus[{n}].prompt", menu.prompt
    for path, choice in _choices(document):
        if choice.information is not None:
            yield f"{path}.information", choice.information


def _emergencies(document: DirectoryFile) -> Iterator[Problem]:
    """A line that people in danger call says that it is being answered, and nothing else."""
    urgent = {
        entry.queue: entry.id
        for entry in document.entries or ()
        if entry.kind is EntryKind.EMERGENCY
    }
    for n, entry in enumerate(document.entries or ()):
        if entry.menu is not None and entry.kind is not EntryKind.ENQUIRY:
            yield Problem(
                f"entries[{n}].menu",
                entry.menu,
                f"is not for an entry of kind {entry.kind.value}: there people answer (C13)",
            )
    for n, queue in enumerate(document.queues or ()):
        if queue.id in urgent:
            for field in _for_enquiries(queue):
                yield Problem(
                    f"queues[{n}].treatment.{field}",
                    _plain(getattr(queue.treatment, field)),
                    f"is not for a queue of emergencies (entry {urgent[queue.id]}; C13)",
                )


def _plain(value: object) -> object:
    return value.value if isinstance(value, StrEnum) else value


def _for_enquiries(queue: Queue) -> Iterator[str]:
    for field in ("tells_position", "tells_agent"):
        if getattr(queue.treatment, field):
            yield field
    for field in ("callback_from_ms", "rating"):
        if getattr(queue.treatment, field) is not None:
            yield field
