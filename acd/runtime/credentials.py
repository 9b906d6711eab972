"""Passwords on this machine: ``secrets.json`` for servers, ``credentials.json`` for phones.

The first is generated once; the second is a copy of what the directory has, for people and tests
that register phones.  Both are readable by their owner alone (mode 600) and are never committed.
"""

import json
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import msgspec

from acd.core.decoding import UNREADABLE


class ConfigurationError(Exception):
    """Something a person has set or left unset is wrong.  The message is one sentence that says
    what to do; a command line prints it and ends with exit code 2."""


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """The servers' passwords."""

    ari_password: str
    ami_password: str
    postgres_password: str

    def __repr__(self) -> str:
        return "Secrets(…)"

    @classmethod
    def generate(cls) -> Self:
        return cls(**{name: _password() for name in cls.__struct_fields__})


def read_secrets(path: Path, given: Mapping[str, str]) -> Secrets:
    """Return the secrets in ``path``, each replaced by the one in ``given`` when it is there.

    Raises ConfigurationError when one is in neither place or the file cannot be read.
    """
    needed = [name for name in Secrets.__struct_fields__ if name not in given]
    if not needed:
        return Secrets(**given)
    try:
        found = _read(path)
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path} does not exist: start the servers once with `make run`, or set "
            f"{_variable(needed[0])}."
        ) from None
    missing = [name for name in needed if not found.get(name)]
    if missing:
        raise ConfigurationError(
            f"{path} has no {missing[0]!r}: add it, or set {_variable(missing[0])}."
        )
    return Secrets(
        **{name: given.get(name, found.get(name, "")) for name in Secrets.__struct_fields__}
    )


def ensure_secrets(path: Path) -> Secrets:
    """Return the secrets in ``path``, generated first where they are not there yet."""
    try:
        found = _read(path)
    except FileNotFoundError:
        found = {}
    fresh = Secrets.generate()
    whole = {name: found.get(name) or getattr(fresh, name) for name in Secrets.__struct_fields__}
    if whole != found:
        write_private(path, whole)
    return Secrets(**whole)


def read_phone_passwords(path: Path) -> dict[str, str]:
    """Return phone → SIP password, empty when there is no file yet.

    Raises ConfigurationError when the file is not a JSON object of strings.
    """
    try:
        return _read(path)
    except FileNotFoundError:
        return {}


def write_phone_passwords(path: Path, passwords: Mapping[str, str]) -> None:
    """Replace the file with the phones' passwords as they are in the directory."""
    write_private(path, dict(sorted(passwords.items())))


def _password() -> str:
    return secrets.token_urlsafe(18)


def _variable(name: str) -> str:
    return "HULING_DATABASE_URL" if name == "postgres_password" else f"HULING_{name.upper()}"


def _read(path: Path) -> dict[str, str]:
    """Return what a file of passwords holds; one that others may read too is refused."""
    content = read_private(path)
    try:
        return msgspec.json.decode(content, type=dict[str, str])
    except UNREADABLE as error:
        raise ConfigurationError(
            f"{path} is damaged ({error}): restore it, or remove it to have it made anew."
        ) from None


def read_private(path: Path) -> bytes:
    """Return a file of secrets.  Raises ConfigurationError when others may read it too, or we may
    not, and FileNotFoundError."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise ConfigurationError(
                    f"{path} may be read by others (mode {mode:o}): `chmod 600` it, and "
                    "have new passwords made if anybody else uses this machine."
                )
            return file.read()
    except PermissionError:
        raise ConfigurationError(f"{path} may not be read: run as its owner.") from None


def write_private(path: Path, whole: Mapping[str, str]) -> None:
    """Replace a file at once, never readable by others, never half written."""
    write_private_text(path, json.dumps(whole, indent=1) + "\n")


def write_private_text(path: Path, text: str) -> None:
    """The same of any text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
