"""Reads a directory file and says everything that is wrong with it, each with path and value.

Two steps: ``parse`` looks at the file alone, ``cross_check`` at what its entries say of each other
and of what the database keeps for sections that the file does not have.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from acd.core.directory import EntryKind, Reach
from acd.core.numbers import NumberRules, called_forms
from acd.runtime.credentials import ConfigurationError
from acd.runtime.directory import heard_check, yaml_values
from acd.runtime.directory.dispatch_check import faults
from acd.runtime.directory.file import DirectoryFile
from acd.runtime.directory.problems import Problem
from acd.runtime.directory.queue_section import Queue, Widening

PROBLEMS_SHOWN_MAX = 20


class DirectoryInvalid(ConfigurationError):
    """The file cannot be loaded; nothing has changed.  The message has a line per problem."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        self.path = path
        self.problems = tuple(problems)
        lines = [f"{path}: {problem}" for problem in problems[:PROBLEMS_SHOWN_MAX]]
        if len(problems) > PROBLEMS_SHOWN_MAX:
            lines.append(f"{path}: and {len(problems) - PROBLEMS_SHOWN_MAX} more")
        super().__init__("\n".join(lines))


def parse(path: Path) -> DirectoryFile:
    """Read and validate a file by itself.  Raises DirectoryInvalid."""
    try:
        with path.open("rb") as file:
            document = yaml_values.read(file)
    except FileNotFoundError:
        raise DirectoryInvalid(path, [Problem("", None, "there is no such file")]) from None
    except OSError as error:
        sentence = f"cannot be read: {error.strerror}"
        raise DirectoryInvalid(path, [Problem("", None, sentence)]) from error
    except UnicodeError as error:
        raise DirectoryInvalid(path, [Problem("", None, "is not text in UTF-8")]) from error
    except yaml.YAMLError as error:
        raise DirectoryInvalid(path, [Problem("", None, yaml_values.sentence(error))]) from error
    if not isinstance(document, dict) or not document:
        sentence = f"should have sections, such as {', '.join(DirectoryFile.model_fields)}"
        raise DirectoryInvalid(path, [Problem("", None, sentence)])
    try:
        return DirectoryFile.model_validate(document)
    except ValidationError as error:
        all_found = error.errors(include_url=False)
        problems = [
            Problem(_path(found["loc"]), _value(found), _sentence(found))
            for found in all_found
            if not _is_told_already(found, all_found)
        ]
        raise DirectoryInvalid(path, problems) from None


def missing_sections(document: DirectoryFile) -> list[str]:
    """Return the sections whose ids ``cross_check`` needs from the database."""
    return [name for name in DirectoryFile.model_fields if getattr(document, name) is None]


def cross_check(document: DirectoryFile, elsewhere: Mapping[str, set[str]]) -> list[Problem]:
    """Return what is wrong between entries.  ``elsewhere`` holds, for each section that the file
    does not have, the ids that the database has."""
    return [
        *_duplicates(document, elsewhere),
        *_references(document, elsewhere),
        *_policies(document),
        *(Problem(*fault) for fault in faults(document)),
        *heard_check.problems(document),
        *_trunks(document),
        *_dialled(document),
        *_logins(document, elsewhere),
        *_emergency(document),
    ]


def _duplicates(document: DirectoryFile, elsewhere: Mapping[str, set[str]]) -> Iterator[Problem]:
    for section in DirectoryFile.model_fields:
        entries = getattr(document, section) or ()
        yield from _repeated((f"{section}[{n}].id", entry.id) for n, entry in enumerate(entries))
    phones = [
        (f"seats[{n}].phones[{m}]", phone)
        for n, seat in enumerate(document.seats or ())
        for m, phone in enumerate(seat.phones)
    ]
    yield from _repeated(phones)
    # Both are SIP endpoints, and a name can be only one.
    trunks = elsewhere.get("trunks", set()) | {trunk.id for trunk in document.trunks or ()}
    for path, phone in phones:
        if phone in trunks:
            yield Problem(path, phone, "is a trunk's name already")
    yield from _repeated(
        (f"duty_phones[{n}].number", duty.number)
        for n, duty in enumerate(document.duty_phones or ())
    )
    # Both are who answers a call, and a name can be only one's.
    agents = elsewhere.get("agents", set()) | {agent.id for agent in document.agents or ()}
    for n, duty in enumerate(document.duty_phones or ()):
        if duty.id in agents:
            yield Problem(f"duty_phones[{n}].id", duty.id, "is an agent's name already")
    yield from _repeated(
        (f"terminals[{n}].numbers[{m}]", number)
        for n, terminal in enumerate(document.terminals or ())
        for m, number in enumerate(terminal.numbers)
    )
    for n, elder in enumerate(document.elders or ()):
        yield from _repeated(
            (f"elders[{n}].contacts[{m}].grade", contact.grade)
            for m, contact in enumerate(elder.contacts)
        )
    for n, trunk in enumerate(document.trunks or ()):
        yield from _repeated((f"trunks[{n}].areas[{m}]", a) for m, a in enumerate(trunk.areas))


def _references(document: DirectoryFile, elsewhere: Mapping[str, set[str]]) -> Iterator[Problem]:
    ids = dict(elsewhere)
    for section in DirectoryFile.model_fields:
        entries = getattr(document, section)
        if entries is not None:
            ids[section] = {entry.id for entry in entries}
    for path, section, named in _named(document):
        if named not in ids[section]:
            yield Problem(path, named, f"is not among the {section}")
    # A directory that lists no model at all says nothing of what terminals send.
    for n, terminal in enumerate(document.terminals or () if ids["terminal_models"] else ()):
        if terminal.model is not None and terminal.model not in ids["terminal_models"]:
            sentence = "is not among the terminal_models (list it there, also without codes)"
            yield Problem(f"terminals[{n}].model", terminal.model, sentence)
    if document.elders is not None and document.organisations is not None:
        kinds = {one.id: one.kind for one in document.organisations}
        for n, elder in enumerate(document.elders):
            for field in ("committee", "property", "service_centre", "district_office"):
                named = getattr(elder, field)
                if named is not None and kinds.get(named, field) != field:
                    yield Problem(
                        f"elders[{n}].{field}", named, f"is a {kinds[named]}, not a {field}"
                    )


def _named(document: DirectoryFile) -> Iterator[tuple[str, str, str]]:
    """Yield (path, section that should have it, id) of everything that names something else."""
    for n, trunk in enumerate(document.trunks or ()):
        for m, area in enumerate(trunk.areas):
            yield f"trunks[{n}].areas[{m}]", "areas", area
    for n, queue in enumerate(document.queues or ()):
        for skill in queue.needs:
            yield f"queues[{n}].needs", "skills", skill
        for m, step in enumerate(queue.relaxation):
            for skill in step.needs:
                yield f"queues[{n}].relaxation[{m}].needs", "skills", skill
        for m, skill in enumerate(queue.prefers):
            yield f"queues[{n}].prefers[{m}]", "skills", skill
        for m, helper in enumerate(queue.overflow):
            yield f"queues[{n}].overflow[{m}]", "queues", helper
    for n, entry in enumerate(document.entries or ()):
        yield f"entries[{n}].queue", "queues", entry.queue
        if entry.agent is not None:
            yield f"entries[{n}].agent", "agents", entry.agent
        if entry.menu is not None:
            yield f"entries[{n}].menu", "menus", entry.menu
    for n, duty in enumerate(document.duty_phones or ()):
        for m, name in enumerate(duty.queues):
            yield f"duty_phones[{n}].queues[{m}]", "queues", name
    yield from heard_check.named(document)
    for n, agent in enumerate(document.agents or ()):
        for skill in agent.skills:
            yield f"agents[{n}].skills", "skills", skill
    for n, seat in enumerate(document.seats or ()):
        if seat.agent is not None:
            yield f"seats[{n}].agent", "agents", seat.agent
    for n, terminal in enumerate(document.terminals or ()):
        if terminal.area is not None:
            yield f"terminals[{n}].area", "areas", terminal.area
    for n, elder in enumerate(document.elders or ()):
        if elder.terminal is not None:
            yield f"elders[{n}].terminal", "terminals", elder.terminal
        for field in ("committee", "property", "service_centre", "district_office"):
            named = getattr(elder, field)
            if named is not None:
                yield f"elders[{n}].{field}", "organisations", named


def _policies(document: DirectoryFile) -> Iterator[Problem]:
    for n, queue in enumerate(document.queues or ()):
        path = f"queues[{n}]"
        yield from _times(path, queue)
        yield from _repeated((f"{path}.consent[{m}]", r) for m, r in enumerate(queue.consent))
        yield from _widening(f"{path}.widening", queue.widening)
    for n, area in enumerate(document.areas or ()):
        for service in ("police", "fire", "medical"):
            rescue = getattr(area, service)
            if rescue.kind == "simulator" and rescue.number in ("110", "119", "120"):
                yield Problem(
                    f"areas[{n}].{service}.number",
                    rescue.number,
                    "is the real service and can never be a simulator's",
                )
    for n, elder in enumerate(document.elders or ()):
        for m, absence in enumerate(elder.habits.absences):
            if absence.until < absence.since:
                yield Problem(
                    f"elders[{n}].habits.absences[{m}].until",
                    absence.until.isoformat(),
                    f"should not be before since ({absence.since})",
                )


def _times(path: str, queue: Queue) -> Iterator[Problem]:
    promise, ring = f"promise_ms ({queue.promise_ms})", f"ring_ms ({queue.ring_ms})"
    over = f"the promise is over (promise_ms is {queue.promise_ms})"
    wrong = (
        # C01: or no second agent could keep the promise.
        ("ring_ms", queue.ring_ms >= queue.promise_ms, f"should be below {promise}"),
        ("pick_up_ms", queue.pick_up_ms >= queue.promise_ms, f"should be below {promise}"),
        ("ring_ms_min", queue.ring_ms_min > queue.ring_ms, f"should not be above {ring}"),
        ("incident_ms", queue.incident_ms < queue.promise_ms, f"should not be before {over}"),
        (
            "wrap_up_ms_max",
            queue.wrap_up_ms_max < queue.wrap_up_ms,
            f"should not be below wrap_up_ms ({queue.wrap_up_ms})",
        ),
    )
    for field, is_wrong, sentence in wrong:
        if is_wrong:
            yield Problem(f"{path}.{field}", getattr(queue, field), sentence)


def _widening(path: str, steps: Sequence[Widening]) -> Iterator[Problem]:
    """A queue only ever goes further: a caller loses no phone that rings for them already."""
    if steps[0].after_ms != 0:
        yield Problem(
            f"{path}[0].after_ms",
            steps[0].after_ms,
            "should be 0: the first step holds from the arrival on",
        )
    reaches = list(Reach)
    for n, (before, step) in enumerate(pairwise(steps), 1):
        if step.after_ms <= before.after_ms:
            yield Problem(
                f"{path}[{n}].after_ms",
                step.after_ms,
                f"should be later than the step before ({before.after_ms})",
            )
        if step.phones < before.phones:
            yield Problem(
                f"{path}[{n}].phones",
                step.phones,
                f"should not be fewer than in the step before ({before.phones})",
            )
        if reaches.index(step.reach) < reaches.index(before.reach):
            yield Problem(
                f"{path}[{n}].reach",
                step.reach.value,
                f"should not be nearer than in the step before ({before.reach})",
            )


def _trunks(document: DirectoryFile) -> Iterator[Problem]:
    if document.trunks is None:
        return
    if len({trunk.provider for trunk in document.trunks}) < 2:
        yield Problem(
            "trunks", None, "should be at least two, of two operators (T31: lines of two networks)"
        )
    networks: list[tuple[str, IPv4Network | IPv6Network]] = [
        (f"trunks[{n}].addresses[{m}]", network)
        for n, trunk in enumerate(document.trunks)
        for m, network in enumerate(trunk.addresses)
    ]
    for (earlier, one), (path, other) in combinations(networks, 2):
        if one.version == other.version and one.overlaps(other):
            yield Problem(path, str(other), f"overlaps {one} ({earlier})")


def _logins(document: DirectoryFile, elsewhere: Mapping[str, set[str]]) -> Iterator[Problem]:
    """Calls that the operator sends to where a trunk has registered dial the account's number."""
    entries = elsewhere.get("entries", set()) | {entry.id for entry in document.entries or ()}
    for n, trunk in enumerate(document.trunks or ()):
        account = None if trunk.outbound is None else trunk.outbound.account
        if account is None or not account.registers:
            continue
        dialled = called_forms(NumberRules(area_code=trunk.area_code), account.address_number)
        if not entries.intersection(dialled):
            yield Problem(
                f"trunks[{n}].outbound.account",
                account.address_number,
                "is no entry: whoever the operator sends us by it would be refused",
            )


def _emergency(document: DirectoryFile) -> Iterator[Problem]:
    """A line without a number for emergencies is told so before anybody dials it (T13, E25)."""
    entries = document.entries
    if entries is not None and all(one.kind is not EntryKind.EMERGENCY for one in entries):
        yield Problem(
            "entries",
            None,
            "should have one of kind emergency: whoever presses the key for help would be refused",
        )


def _dialled(document: DirectoryFile) -> Iterator[Problem]:
    """Two trunks to one place are one operator, and no help when it is away (T31)."""
    yield from _repeated(
        (f"trunks[{n}].outbound.host", f"{trunk.outbound.host}:{trunk.outbound.port}")
        for n, trunk in enumerate(document.trunks or ())
        if trunk.outbound is not None
    )


_Value = TypeVar("_Value", str, int)


def _repeated(paths: Iterable[tuple[str, _Value]]) -> Iterator[Problem]:
    first: dict[_Value, str] = {}
    for path, value in paths:
        if value in first:
            yield Problem(path, value, f"is there already ({first[value]})")
        first.setdefault(value, path)


# ── what pydantic says, in our words ────────────────────────────────────────────────────────


def _path(location: Sequence[str | int]) -> str:
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part == "[key]":
            continue  # pydantic's own mark: the key of a mapping is wrong, not its value
        else:
            path += f".{part}" if path else part
    return path


def _is_told_already(found: Any, all_found: Sequence[Any]) -> bool:
    """What it is worked out from, or one of a list that is too short without it, is wrong."""
    if found["type"] == "too_short":
        where = found["loc"]
        return any(one["loc"][: len(where)] == where != one["loc"] for one in all_found)
    return bool(found["type"] == "default_factory_not_called")


def _value(found: Any) -> object:
    # A missing field's input is the whole entry: no value to show.
    if found["type"] == "missing" or isinstance(found["input"], (dict, list)):
        return None
    return found["input"]


def _sentence(found: Any) -> str:
    match found["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a known key"
        case "too_short":
            return f"should have at least {found['ctx']['min_length']}"
        case "too_long":
            return f"should have at most {found['ctx']['max_length']}"
        case "string_pattern_mismatch":
            return f"should match {found['ctx']['pattern']}"
        case "value_error":
            return str(found["ctx"]["error"])
        case _:
            sentence = str(found["msg"])
            return sentence[:1].lower() + sentence[1:]
