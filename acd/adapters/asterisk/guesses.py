"""Who guesses at SIP accounts, and how they are shut out (L2).

Asterisk tells by AMI of each request that no account stands behind and of each wrong password. They
are counted per address; an address with too many is refused by Asterisk's own access list for a
while, whatever it says then. Never shut out is an address from which somebody may be calling for
help: an operator's, and one where a phone of ours is registered now. Those are told of instead.

UDP lets a stranger write any sender: that is why the limit ends by itself.
"""

import asyncio
import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable

import structlog

from acd.adapters.asterisk import hearing_login
from acd.adapters.asterisk.ami_client import AmiClient, AmiEvent
from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.errors import AsteriskError

USER_SUFFIX = "-security"
"""Behind the name of our AMI user: the login that hears of guesses and of nothing else, so that a
flood of them delays no phone's report."""

GUESSES_MAX = 20
"""Within ``WINDOW_S``; a phone with a wrong password says three such things at each attempt."""

WINDOW_S = 300.0

SOURCES_MAX = 4096
"""Addresses counted at once; beyond that the one that was heard of longest ago is forgotten."""

SHUT_OUT_MAX = 500
"""Addresses refused at once: each request is held against all of them."""

LOOK_S = 5.0
"""So often it is looked whose time is over."""

_GUESSES = frozenset({"InvalidAccountID", "InvalidPassword", "ChallengeResponseFailed"})

_ACL = ("res_pjsip", "acl", "huling-shut-out")

_log = structlog.get_logger(__name__)


def source_of(event: AmiEvent) -> str | None:
    """Return the address that an event of AMI's security class blames; None when it is no guess at
    SIP.  Asterisk writes it as ``IPV4/UDP/192.0.2.7/5060``."""
    if event.get("Event") not in _GUESSES or event.get("Service") != "PJSIP":
        return None
    parts = str(event.get("RemoteAddress", "")).split("/")
    try:
        return str(ipaddress.ip_address(parts[2]))
    except (IndexError, ValueError):
        return None


class Guesses:
    """Pure bookkeeping: how often each address has guessed, and who is shut out until when."""

    def __init__(self, *, shut_out_s: float) -> None:
        """``shut_out_s`` of 0: addresses are counted and told of, and none is shut out."""
        self._shut_out_s = shut_out_s
        self._heard: OrderedDict[str, deque[float]] = OrderedDict()
        self._until: dict[str, float] = {}

    @property
    def shut_out(self) -> tuple[str, ...]:
        return tuple(self._until)

    def guessed(self, source: str, now_s: float) -> bool:
        """Count a guess; tell whether it is the one too many, after which it is counted anew."""
        times = self._heard.setdefault(source, deque())
        self._heard.move_to_end(source)
        while times and times[0] <= now_s - WINDOW_S:
            times.popleft()
        times.append(now_s)
        if len(times) >= GUESSES_MAX:
            del self._heard[source]
            return True
        if len(self._heard) > SOURCES_MAX:
            self._heard.popitem(last=False)
        return False

    def shut(self, source: str, now_s: float) -> bool:
        """Shut an address out; tell whether that changes anything."""
        known = source in self._until
        if self._shut_out_s <= 0 or (not known and len(self._until) >= SHUT_OUT_MAX):
            return False
        self._until[source] = now_s + self._shut_out_s
        return not known

    def let_in(self, now_s: float, spared: Callable[[str], bool]) -> list[str]:
        """Return whose time is over, or who may not be shut out any more; they are let in."""
        over = [one for one, until in self._until.items() if until <= now_s or spared(one)]
        for source in over:
            del self._until[source]
        return over


class Watchman:
    """Hears of guesses, and keeps Asterisk's access list."""

    def __init__(
        self,
        make_client: Callable[[Callable[[AmiEvent], None]], AmiClient],
        ari: AriClient,
        *,
        guesses: Guesses,
        phones_at: Callable[[], Iterable[str]],
        count: Callable[[str, str], None],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """``phones_at`` gives the addresses of phones that are registered now; ``count`` is the
        inbox's."""
        self._make_client = make_client
        self._ari = ari
        self._guesses = guesses
        self._phones_at = phones_at
        self._count = count
        self._now_s = now_s
        self._operators: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
        self._changed = asyncio.Event()

    def spare(self, networks: Iterable[str]) -> None:
        """Never shut these out (CIDR): the operators'."""
        self._operators = tuple(ipaddress.ip_network(one) for one in networks)

    def written_anew(self) -> None:
        """Asterisk may have been restarted, or another service may have written its list."""
        self._changed.set()

    def heard(self, event: AmiEvent) -> None:
        """Take one event of the security class."""
        source = source_of(event)
        if source is None:
            return
        self._count("SIP guess", source)
        now_s = self._now_s()
        if source in self._guesses.shut_out or not self._guesses.guessed(source, now_s):
            return
        if self._is_spared(source):
            self._count("SIP guesses where one of us is", source)
            _log.warning("Somebody guesses at SIP where a phone or an operator is", source=source)
        elif self._guesses.shut(source, now_s):
            self._count("SIP source shut out", source)
            self._changed.set()
            _log.warning("A source of SIP guesses is shut out", source=source)
        else:
            _log.warning("A source of SIP guesses is not shut out", source=source)

    def _is_spared(self, source: str) -> bool:
        address = ipaddress.ip_address(source)
        return source in self._phones_at() or any(address in one for one in self._operators)

    async def hear(self) -> None:
        """Keep the AMI login, until cancelled."""
        await hearing_login.hear(
            self._make_client, self.heard, deaf="Guesses at SIP are not heard of"
        )

    async def keep_list(self) -> None:
        """Keep Asterisk's list equal to ours, until cancelled."""
        written: tuple[str, ...] | None = None
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._changed.wait()
                self._changed.clear()
                written = None
            except TimeoutError:
                for source in self._guesses.let_in(self._now_s(), self._is_spared):
                    _log.info("A source of SIP guesses is let in again", source=source)
            wanted = self._guesses.shut_out
            if wanted != written:
                written = wanted if await self._write(wanted) else None

    async def _write(self, sources: tuple[str, ...]) -> bool:
        try:
            # Deleted first: what is refused is added to a list that is there.
            await self._ari.delete_object(*_ACL)
            if sources:
                await self._ari.put_object(*_ACL, {"deny": ",".join(sources)})
        except AsteriskError as error:
            self._count("SIP access list not written", str(error))
            return False
        return True
