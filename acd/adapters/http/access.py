"""Who asks and what they may: tokens, roles and rights (L2, X10, X11).

A route names one right; a role is a set of rights; a token belongs to a person and has one role.
Whoever has no token of their own gets in nowhere, unless the address is this machine's alone and it
was left open (``Door(None)``): then everybody may do everything under the name they give.

A program sends ``Authorization: Bearer TOKEN``.  A browser asks for name and password by itself:
the token is the password.  A page that opens a WebSocket offers the token as a subprotocol.
"""

import asyncio
import base64
import binascii
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request
from starlette.requests import HTTPConnection

from acd.adapters.http.models import ErrorAnswer
from acd.adapters.http.veil import Veil
from acd.adapters.loopback import is_loopback
from acd.core.ids import AgentId
from acd.core.roles import RIGHTS, Right, Role

BEARER = "bearer."
"""A browser cannot set a header on a WebSocket: its page offers two subprotocols, that of the
messages and ``bearer.<token>``."""

WRONG_MAX = 10
WITHIN_S = 300.0
LOCKED_S = 900.0
"""Ten wrong tokens from one address within five minutes lock it for a quarter of an hour."""

NOT_READ_S = 2
"""When to ask again who asks before the tokens have been read."""

SOURCES_MAX = 10_000
"""Addresses remembered; beyond it the longest silent is forgotten."""

TURNED_AWAY = (
    "no_token", "wrong_token", "locked_now", "locked", "no_right", "not_own", "other_site",
)  # fmt: skip
"""Why somebody is refused."""

ANSWERS: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorAnswer, "description": "Who asks has no good token, or says no name"},
    403: {"model": ErrorAnswer, "description": "Their role, or their number, may not do that"},
    408: {"model": ErrorAnswer, "description": "The rest of the body did not come"},
    413: {"model": ErrorAnswer, "description": "The body is too long"},
    429: {"model": ErrorAnswer, "description": "Too many wrong tokens came from this address"},
    503: {"model": ErrorAnswer, "description": "The tokens are not read yet: try again"},
}
"""What the description of every application behind a door says of it."""

# Names as people write them, Chinese included; nothing that breaks a line of a log.
_NAME = re.compile(r"[\w.@-][\w .@-]{0,63}")
_ASK = {"WWW-Authenticate": 'Basic realm="Huling", charset="UTF-8"'}


class Grant(Protocol):
    """A token as far as a door needs it."""

    @property
    def id(self) -> str: ...
    @property
    def person(self) -> str: ...
    @property
    def role(self) -> Role: ...
    @property
    def agent(self) -> str | None: ...


class Tokens(Protocol):
    """Who knows the tokens that are good now."""

    @property
    def are_known(self) -> bool:
        """Whether they have been read; before that nobody can say that one is wrong."""

    def find(self, token: str) -> Grant | None:
        """Return what a token grants, None when it is unknown, expired or revoked."""

    def until_over(self, grant: Grant) -> Awaitable[None]:
        """Return when the token has expired or been revoked."""


@dataclass(frozen=True)
class Person:
    """Whoever asks, as the audit names them."""

    name: str
    address: str | None
    role: Role | None = None
    """None where the address was left open: then nothing is refused."""
    agent: str | None = None
    """The agent's or supervisor's number that they are."""
    grant: Grant | None = None

    def may(self, right: Right) -> bool:
        return self.role is None or right in RIGHTS[self.role]

    @property
    def veiled_as(self) -> AgentId | None:
        """By whose ties to elders they see; None: everything (L2)."""
        return AgentId(self.agent or "") if self.role is Role.AGENT else None


class Guesses:
    """Wrong tokens per source, and which sources are locked for them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` is in seconds."""
        self._clock = clock
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()
        self._locked: OrderedDict[str, float] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def locked_s(self, source: str) -> float:
        """For how much longer a source is locked; 0 when it is not."""
        return max(0.0, self._locked.get(source, 0.0) - self._clock())

    def right(self, source: str, token: str) -> None:
        """A good token came from there: it goes on being let in, whatever others there guess."""
        self._known.pop((source, token), None)
        _remember(self._known, (source, token), None)

    def knows(self, source: str, token: str) -> bool:
        return (source, token) in self._known

    def wrong(self, source: str) -> bool:
        """A wrong token came from there; return whether that has locked it."""
        now = self._clock()
        recent = [at for at in self._wrong.pop(source, ()) if now - at < WITHIN_S] + [now]
        if len(recent) < WRONG_MAX:
            _remember(self._wrong, source, recent)
            return False
        _remember(self._locked, source, now + LOCKED_S)
        return True


NOTED = frozenset({Right.RECORDS, Right.LEAD})
"""Rights whose every use is noted (L2): views of callers, and what is done to others."""

Noted = Callable[[Person, str, str | None, Mapping[str, str]], None]
"""Takes a note: who, the route, of what, and what was asked with it."""


class Door:
    """Lets in who has a token, and says who they are."""

    def __init__(
        self,
        tokens: Tokens | None,
        *,
        unnamed: str | None = None,
        refused: Callable[[str, str], None] = lambda why, source: None,
        noted: Noted = lambda person, action, subject, details: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``tokens`` None: left open; there ``unnamed`` is the name of whoever gives none, who is
        asked for one when it is None.  ``refused`` hears why (of TURNED_AWAY) and from
        which address; ``noted`` hears of each use of a right in NOTED."""
        self._tokens = tokens
        self._noted = noted
        self._unnamed = unnamed
        self._refused = refused
        self._guesses = Guesses(clock)

    def enter(self, asked: HTTPConnection) -> Person:
        """Return who asks.  Raises HTTPException 401, 403, 429 or 503 with one sentence."""
        source = asked.client.host if asked.client else ""
        name, password, shown = _given(asked)
        if self._tokens is None:
            self._same_site(asked, source)
            said = name or self._unnamed or ""
            if _NAME.fullmatch(said) is None:
                raise HTTPException(
                    401,
                    "Say who you are, as the user name or in X-Huling-User: what is seen and heard "
                    "here is written down.",
                    _ASK,
                )
            return Person(said, source or None)
        if password is not None and not _is_from_elsewhere(asked):
            shown = [password, *shown]
        elif password is not None and not shown:
            # The browser sends it by itself, whoever made the page that asks.
            self._refused("other_site", source)
            raise HTTPException(
                403, "A page of another site does not get in by the password that a browser keeps."
            )
        grants = [found for one in shown if (found := self._tokens.find(one)) is not None]
        locked_s = self._guesses.locked_s(source)
        if grants and (not locked_s or self._guesses.knows(source, grants[0].id)):
            grant = grants[0]
            self._guesses.right(source, grant.id)
            return Person(grant.person, source or None, grant.role, grant.agent, grant)
        if locked_s:
            raise self._locked(locked_s, "locked", source)
        if not any(shown):
            self._refused("no_token", source)
            raise HTTPException(
                401, "Send a token as a bearer token, or as the password: `acd token`.", _ASK
            )
        if not self._tokens.are_known:
            # A 401 would tell a browser to forget a good password, and count as a guess: whoever
            # works there would be locked out by a start.
            raise HTTPException(
                503, "The tokens are not read yet: try again.", {"Retry-After": str(NOT_READ_S)}
            )
        if self._guesses.wrong(source):
            raise self._locked(LOCKED_S, "locked_now", source)
        self._refused("wrong_token", source)
        raise HTTPException(401, "This token is unknown, over or revoked.", _ASK)

    def check(self, person: Person, right: Right) -> None:
        """Raises HTTPException 403 when somebody may not do that."""
        if not person.may(right):
            self._refused("no_right", person.address or "")
            raise HTTPException(403, f"The role {person.role} does not have the right {right}.")

    def note(
        self, person: Person, right: Right, asked: HTTPConnection, body: Mapping[str, Any]
    ) -> None:
        """Take a note of what somebody who may do so asks for, where that is to be noted; ``body``
        holds what of it stands in the request's body."""
        for_another = right is Right.WORK and person.role not in (None, Role.AGENT)
        if right not in NOTED and not for_another:
            return
        route = asked.scope.get("route")
        path = getattr(route, "path", asked.url.path)
        subject = next(iter(asked.path_params.values()), None)
        said = {key: str(value) for key, value in body.items() if value is not None}
        details = {**dict(list(asked.path_params.items())[1:]), **asked.query_params, **said}
        self._noted(person, f"{asked.scope.get('method', 'WS')} {path}", subject, details)

    async def until_over(self, person: Person) -> None:
        """Return when somebody who was let in has no right to be there any more."""
        if self._tokens is None or person.grant is None:
            await asyncio.Event().wait()
        else:
            await self._tokens.until_over(person.grant)

    def not_own(self, person: Person, sentence: str) -> HTTPException:
        """What answers somebody who acts under another's number (X11)."""
        self._refused("not_own", person.address or "")
        return HTTPException(403, sentence)

    @property
    def is_open(self) -> bool:
        return self._tokens is None

    def _locked(self, seconds: float, why: str, source: str) -> HTTPException:
        self._refused(why, source)
        wait = int(seconds) + 1
        sentence = f"Too many wrong tokens came from your address: wait {wait} s."
        return HTTPException(429, sentence, {"Retry-After": str(wait)})

    def _same_site(self, asked: HTTPConnection, source: str) -> None:
        """An open address is for programs and people of this machine, and not for whatever page
        somebody's browser has loaded from elsewhere."""
        if not is_loopback(asked.url.hostname or "") or _is_from_elsewhere(asked):
            self._refused("other_site", source)
            raise HTTPException(403, "Without tokens only this machine's own address answers.")


async def _door(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


async def _asks(request: Request, door: Annotated[Door, Depends(_door)]) -> Person:
    person = door.enter(request)
    request.state.person = person
    return person


Asker = Annotated[Person, Depends(_asks)]
"""Who asks, for a route that names its right in ``dependencies``."""


async def _veil(request: Request, person: Asker) -> Veil:
    agent = person.veiled_as
    return Veil(None if agent is None else request.app.state.ties(agent))


Shown = Annotated[Veil, Depends(_veil)]
"""Through which a route returns what it has found about an elder."""


def needs(right: Right, *, under: str | None = None, notes_body: bool = False) -> Any:
    """What a route asks of whoever uses it, for ``dependencies=``.

    ``notes_body``: what is asked for stands in the body, and is noted as an address's query is.

    ``under`` is the field of the path or the body that says who acts: ``agent`` must be an agent's
    own number, ``supervisor`` anybody's own (X11).
    """

    async def check(request: Request, person: Asker, door: Annotated[Door, Depends(_door)]) -> None:
        door.check(person, right)
        if under == "supervisor" or (under is not None and person.role is Role.AGENT):
            await _own(request, person, door, under)
        body = await _body(request) if notes_body else None
        door.note(person, right, request, body or {})

    return Depends(check)


async def _own(request: Request, person: Person, door: Door, key: str) -> None:
    if person.role is None:
        return
    said = request.path_params.get(key)
    if said is None:
        body = await _body(request)
        if body is None:
            return  # the route itself says what is wrong with it
        said = body.get(key)
    if said is None or said != person.agent:
        mine = f"Yours is {person.agent}." if person.agent else "Your token has none."
        raise door.not_own(person, f"{key}: act under your own number. {mine}")


async def _body(request: Request) -> Mapping[str, Any] | None:
    """The fields of the body, none where it is no object; None where it is no JSON."""
    try:
        body = await request.json() if await request.body() else None
    except ValueError:
        return None
    return body if isinstance(body, dict) else {}


def _is_from_elsewhere(asked: HTTPConnection) -> bool:
    """Whether another site's page asks: browsers say so of whatever may change something, and of a
    WebSocket; another port is another site."""
    origin = asked.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != asked.headers.get("Host")


def _given(asked: HTTPConnection) -> tuple[str, str | None, Sequence[str]]:
    """The name of a request, the password that a browser sends by itself, and other tokens."""
    scheme, _, value = asked.headers.get("Authorization", "").partition(" ")
    name = _text(asked.headers.get("X-Huling-User", "").encode("latin-1"))
    tokens = [
        one.removeprefix(BEARER)
        for one in asked.scope.get("subprotocols", ())
        if one.startswith(BEARER)
    ]
    if scheme.lower() == "bearer":
        return name, None, [value.strip(), *tokens]
    if scheme.lower() == "basic":
        try:
            user, _, password = _text(base64.b64decode(value, validate=True)).partition(":")
        except binascii.Error:
            return name, None, tokens
        return user, password, tokens
    return name, None, tokens


def _text(value: bytes) -> str:
    return value.decode("utf-8", errors="replace")


def _remember(memory: "OrderedDict[Any, Any]", key: Any, value: Any) -> None:
    memory[key] = value
    while len(memory) > SOURCES_MAX:
        memory.popitem(last=False)
