"""Which Asterisks there are: one by the environment, or those of a file, which is read again.

The file (``HULING_NODES``) is YAML, readable by its owner alone, since it may hold passwords::

    n1: {ari_url: "http://10.0.0.1:8088", ami: "10.0.0.1:5038", sip: "10.0.0.1:5060"}
    n2: {ari_url: "http://10.0.0.2:8088", ami: "10.0.0.2:5038", sip: "10.0.0.2:5060", drained: yes}

Passwords that it leaves out are those of the environment or of ``secrets.json``.
"""

import asyncio
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import yaml

from acd.adapters.asterisk import NodeSettings
from acd.core.decoding import UNREADABLE
from acd.core.ids import Node
from acd.runtime.asterisk_settings import node_settings
from acd.runtime.configuration_trial import Trial, Verdict
from acd.runtime.credentials import ConfigurationError
from acd.runtime.logs import logger
from acd.runtime.settings import AMI_USER, ARI_APPLICATION, Settings, http_url, node_name

log = logger(__name__)

LOOK_S = 1.0
"""Between two looks whether the file has changed."""

SIZE_MAX = 100_000

UNSERVED = "No node of the new file can be commanded."


class Nodes(msgspec.Struct, frozen=True):
    """All nodes, and which of them are to become empty."""

    all: tuple[NodeSettings, ...]
    drained: frozenset[Node] = frozenset()


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    ari_url: str
    ami: str
    sip: str
    ari_password: str | None = None
    ami_password: str | None = None
    drained: bool = False


def load(settings: Settings) -> Nodes:
    """Read which nodes there are.  Raises ConfigurationError with one sentence."""
    if settings.nodes is None:
        return Nodes((node_settings(settings),))
    return _read(settings.nodes, settings)


async def follow(
    path: Path,
    settings: Settings,
    changed: Callable[[Nodes], Awaitable[None]],
    *,
    is_served: Callable[[], bool],
    taken_back: Callable[[str], None],
) -> None:
    """Tell of every change of the file, for ever.  One that cannot be used is told in the log, and
    the nodes of before stay.  One after which no node can be commanded, while one could before, is
    taken back after ``configuration_trial_s``; the file stays as it is, and is tried again when it
    changes."""
    before, seen = _read(path, settings), _stamp(path)
    now = asyncio.get_running_loop().time
    good, trial = before, None
    while True:
        if trial is not None and trial.verdict is Verdict.OPEN:
            served = is_served()
            match trial.look(int(now() * 1000), [] if served else [UNSERVED], can_tell=True):
                case Verdict.GOOD:
                    good = before
                case Verdict.BAD:
                    log.error("No node of the new file can be commanded; those of before are used.")
                    before = good
                    await changed(good)
                    taken_back(UNSERVED)
                case Verdict.OPEN:
                    pass
        await asyncio.sleep(LOOK_S)
        stamp = _stamp(path)
        if stamp == seen:
            continue
        seen = stamp
        try:
            found = _read(path, settings)
        except ConfigurationError as error:
            log.error("The nodes' file cannot be used; the nodes of before stay.", why=str(error))
            continue
        if found != before:
            was_served = is_served()
            before = found
            await changed(found)
            trial = None
            if was_served and settings.configuration_trial_s:
                patience_ms = settings.configuration_trial_s * 1000
                trial = Trial(patience_ms=patience_ms, now_ms=int(now() * 1000))
            elif is_served():
                good = found


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path, settings: Settings) -> Nodes:
    try:
        with path.open("rb") as file:
            content = file.read(SIZE_MAX + 1)
            mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        raise ConfigurationError(f"HULING_NODES: {path}: {error.strerror}.") from None
    if mode & 0o077:
        raise ConfigurationError(
            f"HULING_NODES: {path} may be read by others (mode {mode:o}): `chmod 600` it."
        )
    if len(content) > SIZE_MAX:
        raise ConfigurationError(f"HULING_NODES: {path} is longer than {SIZE_MAX} bytes.")
    try:
        found = msgspec.convert(yaml.safe_load(content), dict[str, _Entry])
    except (yaml.YAMLError, msgspec.ValidationError, *UNREADABLE) as error:
        words = " ".join(str(error).split())
        raise ConfigurationError(f"HULING_NODES: {path} cannot be read: {words}") from None
    if not found:
        raise ConfigurationError(f"HULING_NODES: {path} names no node.")
    return Nodes(
        tuple(_of(path, name, entry, settings) for name, entry in found.items()),
        frozenset(Node(name) for name, entry in found.items() if entry.drained),
    )


def _of(path: Path, name: str, entry: _Entry, settings: Settings) -> NodeSettings:
    secrets = settings.secrets()
    place = f"HULING_NODES: {path}: {name}"
    try:
        node_name(name)
    except ValueError as error:
        raise ConfigurationError(f"{place}: a node's name {error}.") from None
    try:
        ari_url = http_url(entry.ari_url)
    except ValueError as error:
        raise ConfigurationError(f"{place}: ari_url {error}.") from None
    ami_host, ami_port = _address(entry.ami, f"{place}: ami")
    return NodeSettings(
        node=Node(name),
        ari_url=ari_url,
        ari_password=entry.ari_password or secrets.ari_password,
        ami_host=ami_host,
        ami_port=ami_port,
        ami_password=entry.ami_password or secrets.ami_password,
        user=AMI_USER,
        app=ARI_APPLICATION,
        sip=_address(entry.sip, f"{place}: sip"),
        recording=settings.recording,
        shut_out_s=settings.sip_shut_out_min * 60.0,
    )


def _address(text: str, place: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConfigurationError(f"{place} is {text!r}, but should look like 10.0.0.1:5060.")
    return host.strip("[]"), int(port)
