"""Who asks: until there are roles, one token for all and a name that each gives (L2, X10).

A browser asks for both by itself (HTTP Basic: the name, and the token as the password); a program
sends the token as a bearer token and the name as ``X-Huling-User``.
"""

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request

# Names as people write them, Chinese included; nothing that breaks a line of a log.
_NAME = re.compile(r"[\w.@-][\w .@-]{0,63}")
_ASK = {"WWW-Authenticate": 'Basic realm="Huling", charset="UTF-8"'}


@dataclass(frozen=True)
class Person:
    """Whoever asks, as the audit names them."""

    name: str
    address: str | None


class Door:
    """Lets in who has the token and says who they are."""

    def __init__(self, token: str | None) -> None:
        """Without a ``token``, whoever reaches the address is let in, under the name they give."""
        self._token = token

    async def __call__(self, request: Request) -> Person:
        name, token = _given(request)
        if self._token is not None and not hmac.compare_digest(
            token.encode(), self._token.encode()
        ):
            raise HTTPException(
                401,
                "Send the value of HULING_DESK_TOKEN as a bearer token, or as the password.",
                _ASK,
            )
        if _NAME.fullmatch(name) is None:
            raise HTTPException(
                401,
                "Say who you are, as the user name or in X-Huling-User: what is seen and heard "
                "here is written down.",
                _ASK,
            )
        return Person(name, request.client.host if request.client else None)


async def _asks(request: Request) -> Person:
    door: Door = request.app.state.door
    return await door(request)


Asker = Annotated[Person, Depends(_asks)]
"""Who asks, for a route that only they may use."""


def _given(request: Request) -> tuple[str, str]:
    """The name and the token of a request, empty where there are none."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    name = _text(request.headers.get("X-Huling-User", "").encode("latin-1"))
    if scheme.lower() == "bearer":
        return name, value.strip()
    if scheme.lower() == "basic":
        try:
            user, _, password = _text(base64.b64decode(value, validate=True)).partition(":")
        except binascii.Error:
            return name, ""
        return user, password
    return name, ""


def _text(value: bytes) -> str:
    return value.decode("utf-8", errors="replace")
