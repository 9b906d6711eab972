"""All Asterisks under this service: commands go to the node of their leg, reports come together.

Each node has its own links and its own accounts (``node``).  A phone that is registered on another
node than the caller's is rung through it: the nodes are SIP accounts of each other (``accounts``),
and dialplan/extensions.conf rings the phone there.  One node alone works as if this were not here.
"""

import asyncio
import hmac
from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Iterator,
    Sequence,
)
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import structlog
from msgspec.structs import replace

from acd.adapters.asterisk.accounts import Changes, Peer, Phone, Trunk, peer_name
from acd.adapters.asterisk.errors import AsteriskError, AsteriskUnfit, AsteriskUnreachable
from acd.adapters.asterisk.gate import Gate, always_open
from acd.adapters.asterisk.heard import ChannelArrived, LinkChanged, SwitchInbox
from acd.adapters.asterisk.lifeless import Address, until_dead
from acd.adapters.asterisk.node import AsteriskNode, NodeSettings
from acd.adapters.asterisk.perform import failure, on_this_node
from acd.adapters.asterisk.stays import Stay
from acd.adapters.asterisk.whereabouts import Whereabouts
from acd.core.commands import Command
from acd.core.events import (
    ChannelsCompared,
    Event,
    NodeDrained,
    NodeLost,
    PhoneReported,
    SwitchConnected,
    TrunkReported,
)
from acd.core.ids import LegId, Node, PhoneId, TrunkId, node_of

_log = structlog.get_logger(__name__)

COMPARE_SECONDS = 30.0
"""Between two comparisons of what we believe with what Asterisk has; reading 800 channels costs
some milliseconds."""

OURS_SECONDS = 0.8
"""How long a node may take to say whose it is, while another has said so already."""

FALLBACK_PHONES_MAX = 40
"""A node's dialplan rings all of its list at once: more would be a storm of INVITEs for each
caller, and longer than what a channel variable holds."""

GATHER_SECONDS = 0.5
"""Phones that move together are one new list of whom the fallback rings."""


class _NodeInbox:
    """What one node puts, on its way to the inbox of all."""

    def __init__(self, node: Node, all_nodes: "AsteriskNodes", inbox: SwitchInbox) -> None:
        self._node = node
        self._all = all_nodes
        self._put = inbox.put
        self.serve = inbox.serve
        self.count = inbox.count

    def put(self, event: Event | ChannelArrived | LinkChanged) -> None:
        match event:
            case PhoneReported():
                self._all.whereabouts.phone(self._node, event)
            case TrunkReported():
                self._all.whereabouts.trunk(self._node, event)
            case SwitchConnected():
                self._put(self._all.connected(event))
            case LinkChanged():
                self._put(event)
                self._all.link_changed(event)
            case _:
                self._put(event)


class AsteriskNodes:
    """What the runtime commands, and what it hears from."""

    def __init__(
        self,
        nodes: Sequence[NodeSettings],
        inbox: SwitchInbox,
        *,
        clock: Callable[[], int],
        gate: Gate | None = None,
        expects: Callable[[ChannelArrived], bool] | None = None,
        drained: Collection[Node] = (),
    ) -> None:
        """See ``AsteriskNode`` and ``use``; there is at least one node."""
        self._inbox = inbox
        self._make = partial(AsteriskNode, clock=clock, gate=gate or always_open(), expects=expects)
        self.whereabouts = Whereabouts(inbox.put, self._moved)
        self._nodes: dict[Node, AsteriskNode] = {}
        self._unread: dict[Node, None] = {}
        """Those of which nothing has been heard yet."""
        self._lost: dict[Node, None] = {}
        self._drained = frozenset(drained)
        self._dying: dict[Node, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._fallback: Sequence[PhoneId] = ()
        self._rewrites: asyncio.TimerHandle | None = None
        self._mark = ""
        self._ends = False
        for one in nodes:
            self._add(one)

    def _add(self, settings: NodeSettings) -> AsteriskNode:
        node = settings.node
        made = self._make(
            settings,
            _NodeInbox(node, self, self._inbox),
            reach=partial(self._reach, node),
        )
        self._nodes[node] = made
        self._unread[node] = None
        return made

    # ── Life ─────────────────────────────────────────────────────────────────────────────────

    async def check(self) -> None:
        """Try all logins once; one node that answers is enough.  Raises as ``AsteriskNode``."""
        errors: list[AsteriskError] = []
        for node in self._nodes.values():
            try:
                await node.check()
            except AsteriskUnfit:
                raise
            except AsteriskError as error:
                errors.append(error)
        if len(errors) == len(self._nodes):
            raise errors[0]

    async def start(self, mark: str) -> None:
        """Begin to connect; see ``AsteriskNode.start``."""
        self._mark = mark
        for name in self._nodes:
            if name in self._drained:
                self._inbox.put(NodeDrained(name, True))
        for node in self._nodes.values():
            await node.start(mark)
        self._spawn(self._compare(), "comparison")

    async def stop(self) -> None:
        """Close all links.  Calls in Asterisk go on."""
        self._ends = True
        if self._rewrites is not None:
            self._rewrites.cancel()
        tasks = [*self._tasks, *self._dying.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._dying.clear()
        for node in self._nodes.values():
            await node.stop()

    async def still_ours(self) -> bool:
        """Ask whether the switch is still ours: one node that says so is enough, and one that says
        no is too.  Raises AsteriskError when none answers."""
        return await self._ask_all(AsteriskNode.still_ours)

    async def renew(self) -> bool:
        """The same, and give each watchdog a sign of life where it is.  One node that does not
        answer keeps neither from the others."""
        return await self._ask_all(AsteriskNode.renew)

    async def _ask_all(self, ask: Callable[[AsteriskNode], Coroutine[Any, Any, bool]]) -> bool:
        asked = [node for node in self._nodes.values() if node.link_state["ari"]]
        questions = [asyncio.ensure_future(ask(node)) for node in asked or self._nodes.values()]
        try:
            if len(questions) == 1:
                return await questions[0]
            if questions:  # the only one may just be connected anew (``use``)
                await asyncio.wait(questions, timeout=OURS_SECONDS)
            answered = [one for one in questions if one.done()]
            answers = [one.result() for one in answered if one.exception() is None]
            if not answers:
                raise AsteriskUnreachable("No Asterisk says whose it is.")
            return all(answers)
        finally:
            for question in questions:
                question.cancel()
            await asyncio.gather(*questions, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def use(self, nodes: Sequence[NodeSettings], drained: Collection[Node]) -> None:
        """Have these nodes from now on.  A new one is connected, and one that has changed is
        connected anew; one that is not among them any more is let go of if it was drained, and is
        kept, with a word in the log, if it was not: its calls would be cut.  Accounts are to be
        written again after it (``sync_accounts``): the nodes are accounts of each other."""
        wanted = {one.node: one for one in nodes}
        for node, known in list(self._nodes.items()):
            if node not in wanted and node not in self._drained:
                _log.warning("A node that is not drained is not let go of.", node=node)
                wanted[node] = known.settings
            if wanted.get(node) != known.settings:
                await self._let_go(node, for_good=node not in wanted)
        for settings in wanted.values():
            if settings.node not in self._nodes:
                _log.info("A node is connected.", node=settings.node)
                made = self._add(settings)
                self._unread.pop(settings.node)  # nobody waits for it
                await made.start(self._mark)
        for one in wanted:
            if (one in drained) != (one in self._drained):
                self._inbox.put(NodeDrained(one, one in drained))
        self._drained = frozenset(one for one in wanted if one in drained)

    async def _let_go(self, node: Node, *, for_good: bool) -> None:
        await self._nodes.pop(node).stop()
        if for_good:
            _log.info("A node is let go of.", node=node)
            self._is_lost(node)

    @property
    def drained(self) -> frozenset[Node]:
        """Those that are to become empty."""
        return self._drained

    @property
    def names(self) -> tuple[Node, ...]:
        """All nodes there are."""
        return tuple(self._nodes)

    def trunks(self) -> Iterator[tuple[Node, TrunkId, str, bool]]:
        """Return what each node tells of each trunk; see ``AsteriskNode.trunks``."""
        for name, node in self._nodes.items():
            for trunk, way, up in node.trunks():
                yield name, trunk, way, up

    # ── Commands ─────────────────────────────────────────────────────────────────────────────

    def perform(self, command: Command) -> Awaitable[None]:
        """Carry out one command on its node; see ``AsteriskNode.perform``."""
        if len(self._nodes) == 1:
            (only,) = self._nodes.values()
            return only.perform(command)
        return self._perform_there(command)

    def _perform_there(self, command: Command) -> Awaitable[None]:
        where = _node_of(command)
        if where is None:  # a trunk's: it is the same on all
            return self._on_all(command)
        node = self._nodes.get(where)
        return self._nowhere(command, where) if node is None else node.perform(command)

    async def _on_all(self, command: Command) -> None:
        up = [node for node in self._nodes.values() if node.link_state["ari"]]
        await asyncio.gather(*(node.perform(command) for node in up or self._nodes.values()))

    async def _nowhere(self, command: Command, node: Node) -> None:
        self._inbox.put(failure(command, f"There is no node {node}."))

    def _reach(self, node: Node, phone: PhoneId) -> str:
        """Return how a phone is dialled from a node."""
        if len(self._nodes) == 1:
            return on_this_node(phone)
        home = self.whereabouts.home(phone)
        if home is None or home == node or home not in self._nodes:
            return on_this_node(phone)
        return f"{on_this_node(phone)}@{peer_name(home)}"

    # ── Events ───────────────────────────────────────────────────────────────────────────────

    async def packets_from(self, leg: LegId) -> int | None:
        """See ``AsteriskNode.packets_from``; None of a node that there is not."""
        node = self._nodes.get(node_of(leg))
        return None if node is None else await node.packets_from(leg)

    def connected(self, event: SwitchConnected) -> SwitchConnected:
        """A node tells what it has; return it with word of those that have not done so yet."""
        self._lost.pop(event.node, None)
        self._unread.pop(event.node, None)
        if event.node in self._nodes:
            for lost in self._lost:  # which may have been found dead while this one had no link
                self._end_towards(lost, self._nodes[event.node])
        return replace(event, awaited=True) if self._unread else event

    def link_changed(self, event: LinkChanged) -> None:
        """Look whether a node is dead that cannot be commanded any more."""
        if event.link != "ari" or self._ends or event.node not in self._nodes:
            return
        if len(self._nodes) == 1:
            return  # there is nobody who could do better without it
        dying = self._dying.pop(event.node, None)
        if not event.up and event.node not in self._lost:
            if dying is not None and not dying.done():
                self._dying[event.node] = dying
                return
            settings = self._nodes[event.node].settings
            self._dying[event.node] = asyncio.create_task(
                self._watch_die(settings), name=f"{event.node} life"
            )
        elif dying is not None:
            dying.cancel()

    async def _watch_die(self, settings: NodeSettings) -> None:
        await until_dead(_addresses(settings), started=settings.node not in self._unread)
        _log.warning("A node is lost, and its calls with it.", node=settings.node)
        self._is_lost(settings.node)

    def _is_lost(self, node: Node) -> None:
        self._lost[node] = None
        self._unread.pop(node, None)
        self._inbox.put(NodeLost(node, awaited=bool(self._unread)))
        self.whereabouts.drop(node)
        if node in self._nodes:
            self._nodes[node].told_no_more()
        for other in self._nodes.values():
            if other.settings.node != node and other.link_state["ari"]:
                self._end_towards(node, other)

    def _end_towards(self, lost: Node, other: AsteriskNode) -> None:
        self._spawn(other.end_towards(lost), f"channels to {lost}")

    async def _compare(self) -> None:
        """Tell the core every half minute what there is, for what no event has told.  All nodes are
        read at once: what one says of a phone is told with what the others say."""
        while True:
            await asyncio.sleep(COMPARE_SECONDS)
            nodes = [node for key, node in self._nodes.items() if key not in self._lost]
            if not all(node.link_state["ari"] for node in nodes):
                continue  # a new link compares by itself
            found = await asyncio.gather(*(node.compared() for node in nodes))
            told = [one for one in found if one is not None]
            if len(told) == len(nodes):
                for one in _together(told):
                    self._inbox.put(one)

    # ── Accounts and the fallback ────────────────────────────────────────────────────────────

    async def sync_accounts(
        self, trunks: Sequence[Trunk], phones: Sequence[Phone]
    ) -> Changes | None:
        """See ``AsteriskNode.sync_accounts``: what was written, on whichever node that is up; None
        when none is.  Raises AsteriskError when one refuses, after the others have been written."""
        found = await asyncio.gather(
            *(
                node.sync_accounts(trunks, phones, self._peers(node.settings))
                for node in self._nodes.values()
            ),
            return_exceptions=True,
        )
        for one in found:
            if isinstance(one, BaseException):
                raise one
        written = [one for one in found if isinstance(one, Changes)]
        if not written:
            return None
        return Changes(
            tuple(dict.fromkeys(name for one in written for name in one.written)),
            tuple(dict.fromkeys(name for one in written for name in one.deleted)),
        )

    def _peers(self, own: NodeSettings) -> list[Peer]:
        others = (one.settings for one in self._nodes.values() if one.settings.node != own.node)
        return [
            Peer(
                name=peer_name(other.node),
                own=peer_name(own.node),
                host=other.sip[0],
                port=other.sip[1],
                password=_password(own, other),
            )
            for other in others
            if other.sip is not None
        ]

    async def put_fallback(self, phones: Sequence[PhoneId]) -> None:
        """Have each dialplan ring these when the service is away, or where they are too many the
        ``FALLBACK_PHONES_MAX`` nearest to it.  Raises AsteriskError when no node could be told; one
        whose link is down is told when it is up."""
        self._fallback = tuple(phones)
        found = await asyncio.gather(
            *(
                node.put_fallback(self.whereabouts.nearest(name, phones)[:FALLBACK_PHONES_MAX])
                for name, node in self._nodes.items()
            ),
            return_exceptions=True,
        )
        failed = [one for one in found if one is not None]
        if len(failed) == len(found):
            raise failed[0]

    def _moved(self, phone: PhoneId) -> None:
        if len(self._nodes) > 1 and phone in self._fallback and self._rewrites is None:
            loop = asyncio.get_running_loop()
            self._rewrites = loop.call_later(GATHER_SECONDS, self._rewrite)

    def _rewrite(self) -> None:
        self._rewrites = None
        self._spawn(self._write_again(), "fallback list")

    async def _write_again(self) -> None:
        try:
            await self.put_fallback(self._fallback)
        except AsteriskError as error:
            self._inbox.count("fallback list not written", str(error))

    # ── Who was in the fallback ──────────────────────────────────────────────────────────────

    async def ended_stays(self) -> list[Stay]:
        """See ``AsteriskNode.ended_stays``, of all that answer."""
        return await self._from_all(AsteriskNode.ended_stays, self._nodes.values())

    async def stays(self) -> list[Stay]:
        """See ``AsteriskNode.stays``, of all that answer."""
        return await self._from_all(AsteriskNode.stays, self._nodes.values())

    async def forget_stay(self, stay: Stay) -> None:
        """Its record is written: take the entry away.  Raises AsteriskError."""
        node = self._nodes.get(node_of(stay.arrival.leg))
        if node is not None:
            await node.forget_stay(stay.key)

    async def _from_all(
        self,
        read: Callable[[AsteriskNode], Coroutine[Any, Any, list[Stay]]],
        nodes: Iterable[AsteriskNode],
    ) -> list[Stay]:
        found = await asyncio.gather(*(read(node) for node in nodes), return_exceptions=True)
        told = [one for one in found if not isinstance(one, BaseException)]
        if not told:
            for one in found:
                if isinstance(one, BaseException):
                    raise one
        return [stay for one in told for stay in one]


def _node_of(command: Command) -> Node | None:
    for name in ("leg", "room", "playback", "recording"):
        key = getattr(command, name, None)
        if key is not None:
            return node_of(key)
    return None


def _addresses(settings: NodeSettings) -> tuple[Address, Address]:
    ari = urlsplit(settings.ari_url)
    return (
        (ari.hostname or "", ari.port or 80),
        (settings.ami_host, settings.ami_port),
    )


def _password(one: NodeSettings, other: NodeSettings) -> str:
    """Return what both show each other: made of what only the service and the two know."""
    first, second = sorted((one, other), key=lambda each: each.node)
    key = f"{first.ari_password} {second.ari_password}".encode()
    return hmac.new(key, f"{first.node} {second.node}".encode(), "sha256").hexdigest()


def _together(told: Sequence[ChannelsCompared]) -> list[ChannelsCompared]:
    occupied = tuple(dict.fromkeys(phone for one in told for phone in one.occupied))
    private = tuple(dict.fromkeys(phone for one in told for phone in one.private))
    return [replace(one, occupied=occupied, private=private) for one in told]
