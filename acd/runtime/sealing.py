"""Keys under which recordings and journals lie on the disk (L2, X07; decision 23).

A key is 32 random bytes with a name.  The first one of a list seals, all of them open: a new key is
put before the old ones, and what was sealed before stays readable.  Each file has a key of its own,
made from the list's key, a salt in the file and what the file is (HKDF-SHA256, RFC 5869); inside it
each piece is sealed by AES-256-GCM with its number as nonce, so no nonce comes twice under a key
and no piece can be moved, left out or brought from another file.
"""

import base64
import binascii
import os
import re
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from acd.runtime.credentials import ConfigurationError, read_private, write_private_text

KEY_BYTES = 32
SALT_BYTES = 32
CHECK_BYTES = 8
TAG_BYTES = 16
NONCE_BYTES = 12
NAME_BYTES_MAX = 16

_NAME = re.compile(rf"[a-z0-9-]{{1,{NAME_BYTES_MAX}}}")
_LOOKS = "should be NAME:KEY, a name of small letters and digits and 32 bytes in base64"


class KeyMissing(ConfigurationError):
    """What is to be read was sealed under a key that we do not have.  Nothing was changed."""


class Key:
    """One key; never shown."""

    __slots__ = ("_secret", "check", "name")

    def __init__(self, name: str, secret: bytes) -> None:
        self.name = name
        self._secret = secret
        self.check = _derived(secret, b"", b"huling key check", CHECK_BYTES)
        """Tells it from another key of the same name, and nothing about it."""

    def __repr__(self) -> str:
        return f"Key({self.name})"

    def cipher(self, salt: bytes, purpose: bytes) -> AESGCM:
        """The cipher of one file."""
        return AESGCM(_derived(self._secret, salt, b"huling " + purpose, KEY_BYTES))


class Keys:
    """Every key of a house, the one that seals first; with none, nothing is sealed."""

    def __init__(self, keys: Sequence[Key] = ()) -> None:
        self._keys = tuple(keys)

    @property
    def sealing(self) -> Key | None:
        """The key that seals, None when there is none."""
        return self._keys[0] if self._keys else None

    def find(self, name: str, check: bytes, *, of: Path) -> Key:
        """Return the key that sealed ``of``.  Raises KeyMissing."""
        same_name = False
        for key in self._keys:
            if (key.name, key.check) == (name, check):
                return key
            same_name = same_name or key.name == name
        if same_name:
            raise KeyMissing(
                f"{of} was sealed under another key named {name!r} than ours: add that one to "
                "HULING_SEALING_KEYS or its file under its name, and give ours a new name."
            )
        raise KeyMissing(
            f"{of} is sealed under the key {name!r}, which we do not have: add it to "
            "HULING_SEALING_KEYS or its file, behind the first."
        )


NO_KEYS = Keys()


def parse_keys(text: str) -> Keys:
    """Read ``NAME:KEY`` words, the one that seals first.  Raises ValueError; no key is in it."""
    keys: dict[str, Key] = {}
    for number, word in enumerate(text.split(), 1):
        name, _, encoded = word.partition(":")
        try:
            secret = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if _NAME.fullmatch(name) is None or len(secret) != KEY_BYTES:
            raise ValueError(f"key {number} {_LOOKS}")
        if name in keys:
            raise ValueError(f"two keys are named {name!r}: each needs a name of its own")
        keys[name] = Key(name, secret)
    return Keys(tuple(keys.values()))


def read_keys(path: Path) -> Keys:
    """Return the keys of a file of mode 600, a line each.  Raises ConfigurationError."""
    try:
        found = parse_keys(read_private(path).decode("ascii"))
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path} does not exist: bring the keys back, or make the first one by `acd key new`."
        ) from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is no file of keys: each line {_LOOKS}.") from None
    except ValueError as error:
        raise ConfigurationError(f"{path} is no file of keys: {error}.") from None
    if found.sealing is None:
        raise ConfigurationError(f"{path} holds no key: bring them back, or unset it.")
    return found


def new_key(name: str) -> str:
    """Return a line with a new key.  Raises ValueError for what is no name."""
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} is no name of a key: up to 16 small letters, digits and -")
    return f"{name}:{base64.b64encode(os.urandom(KEY_BYTES)).decode()}"


def add_key(path: Path, name: str) -> None:
    """Put a new key before those of a file, which is made when there is none.  Raises
    ConfigurationError with the file as it was."""
    try:
        before = read_private(path).decode("ascii")
    except FileNotFoundError:
        before = ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}.") from None
    try:
        text = f"{new_key(name)}\n{before}"
        parse_keys(text)
        write_private_text(path, text)
    except ValueError as error:
        raise ConfigurationError(f"{path} stays as it is: {error}.") from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}.") from None


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
