"""How a journal is sealed under a key of the house: what its header says of that, and what closes
and opens its frames (decision 23).

Apart from the keys themselves, which every command's settings have: who reads no journal need not
load all that can stand in one.
"""

import os

from cryptography.exceptions import InvalidTag

from acd.core.codec import Cipher, DamageError, Seal
from acd.runtime.sealing import NONCE_BYTES, SALT_BYTES, Key


def new_seal(key: Key) -> Seal:
    """Return what a new file says of its key."""
    return Seal(key=key.name, check=key.check, salt=os.urandom(SALT_BYTES))


def journal_ciphers(key: Key, seal: Seal, beginning: bytes) -> tuple[Cipher, Cipher]:
    """Return what seals and what opens a journal's frames; ``beginning`` is the file up to the
    first of them, which cannot be changed without all frames becoming unreadable."""
    cipher = key.cipher(seal.salt, b"journal " + beginning)

    def close(number: int, body: bytes) -> bytes:
        return cipher.encrypt(number.to_bytes(NONCE_BYTES, "big"), body, None)

    def opened(number: int, body: bytes) -> bytes:
        try:
            return cipher.decrypt(number.to_bytes(NONCE_BYTES, "big"), body, None)
        except InvalidTag:
            raise DamageError(f"frame {number} is not what was sealed") from None

    return close, opened
