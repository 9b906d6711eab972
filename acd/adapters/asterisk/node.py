"""One Asterisk as the runtime sees it: commands in, events out, accounts kept, links reported."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from functools import partial

import msgspec

from acd.adapters.asterisk import hearing_login
from acd.adapters.asterisk.accounts import Changes, Peer, Phone, Trunk, peer_name
from acd.adapters.asterisk.ami_client import AmiClient, AmiEvent
from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.ari_link import AriLink
from acd.adapters.asterisk.elsewhere import Elsewhere
from acd.adapters.asterisk.endings import Endings
from acd.adapters.asterisk.errors import AsteriskError
from acd.adapters.asterisk.gate import Gate, always_open
from acd.adapters.asterisk.guesses import USER_SUFFIX as SECURITY_SUFFIX
from acd.adapters.asterisk.guesses import Guesses, Watchman
from acd.adapters.asterisk.heard import (
    ChannelArrived,
    ChannelLeft,
    JoinedQuiet,
    LinkChanged,
    SwitchInbox,
)
from acd.adapters.asterisk.listing import (
    Listing,
    channels_of,
    ids_of,
    legs_of,
    occupied_by,
    private_calls,
)
from acd.adapters.asterisk.newcomers import USER_SUFFIX, Newcomers
from acd.adapters.asterisk.notes import Notes
from acd.adapters.asterisk.perform import on_this_node
from acd.adapters.asterisk.performer import Performer
from acd.adapters.asterisk.phones import PhoneBook, PhoneLink
from acd.adapters.asterisk.stays import FAMILY, Stay, entries_of, stay_of
from acd.adapters.asterisk.translate import Heard, Noted, Replaced
from acd.adapters.asterisk.transport import Transport
from acd.adapters.asterisk.wanted_accounts import WantedAccounts
from acd.core.commands import Command
from acd.core.decoding import UNREADABLE
from acd.core.events import (
    ChannelsCompared,
    CodeDialled,
    CommandFailed,
    LegGone,
    RecordingStarted,
)
from acd.core.ids import OUR_PREFIX, LegId, Node, PhoneId, RoomId, TrunkId, local_part


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


_OURS = frozenset({Noted, Replaced, ChannelLeft, LegGone, ChannelArrived, CodeDialled, JoinedQuiet})
"""What is not just handed on."""


MUSIC_AGAIN_S = 0.5
"""Music is asked for once more so long after somebody came into a quiet room.  Asterisk takes a
moment to end the music after the last one's going, and what is asked in that moment is said to be
done and is not: 8 of 800 who came within 0.1 ms of it waited in silence (22.10)."""


class NodeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where Asterisk is and how to log in."""

    node: Node
    ari_url: str
    ari_password: str
    ami_host: str
    ami_port: int
    ami_password: str
    user: str = "acd"
    app: str = "acd"
    sip: tuple[str, int] | None = None
    """Where other nodes send their INVITEs; None for one that is alone."""
    recording: bool = True
    """Whether the legs that we dial outside are recorded; the dialplan does so with callers'."""
    shut_out_s: float = 900.0
    """How long an address is refused that guesses at SIP accounts; 0: none is."""

    def __repr__(self) -> str:
        return f"NodeSettings({self.node}, {self.ari_url}, {self.ami_host}:{self.ami_port})"


class AsteriskNode:
    """One node: what the runtime commands, and what it hears from."""

    def __init__(
        self,
        settings: NodeSettings,
        inbox: SwitchInbox,
        *,
        clock: Callable[[], int] = _now_ms,
        gate: Gate | None = None,
        expects: Callable[[ChannelArrived], bool] | None = None,
        reach: Callable[[PhoneId], str] = on_this_node,
    ) -> None:
        """``clock`` gives epoch milliseconds.  Nothing is changed in Asterisk but through the
        ``gate``, which is lost when another service takes the application over.  ``expects`` tells
        which new channels may be told before they are here (``newcomers``); without it none is.
        ``reach`` returns how a phone is dialled from here."""
        self.settings = settings
        self._inbox = inbox
        self._clock = clock
        self._gate = gate = gate or always_open()
        self._transport = Transport(
            url=settings.ari_url, user=settings.user, password=settings.ari_password, gate=gate
        )
        self._ari = AriClient(self._transport, app=settings.app)
        self._link = AriLink(
            node=settings.node,
            app=settings.app,
            client=self._ari,
            transport=self._transport,
            clock=clock,
            on_heard=self._heard,
            on_up=self._ari_up,
            on_down=self._ari_down,
            on_replaced=gate.lose,
            quiet=lambda: self._performer.quiet(),
            stood_still_s=gate.stood_still_s,
        )
        self._book = PhoneBook(self._inbox.put)
        self.reach = reach
        """See ``perform.Outlet``."""
        self._ends = Endings(
            self._ari,
            self._inbox,
            is_up=lambda: self._link.up,
            spawn=self._spawn,
            heard=self._heard,
            forget=lambda leg: self._notes.forget(leg),
        )
        self._away = Elsewhere(
            self._ari,
            self._inbox,
            app=settings.app,
            is_up=lambda: self._link.up,
            spawn=self._spawn,
            lost=self._ends.lost,
        )
        self._announces = expects is not None
        self._newcomers = Newcomers(
            settings.node,
            expects=expects or (lambda arrived: False),
            exists=self._exists,
            lost=self._away.did_not_come,
            spawn=self._spawn,
            recording=settings.recording,
        )
        self._phones = PhoneLink(
            self._ami_client, book=self._book, on_link=self._ami_changed, gate=gate
        )
        self._watchman = Watchman(
            partial(self._ami_client, user=settings.user + SECURITY_SUFFIX),
            self._ari,
            guesses=Guesses(shut_out_s=settings.shut_out_s),
            phones_at=self._book.addresses,
            count=inbox.count,
        )
        self._ami_up = False
        self._ami_reason = ""
        self._accounts = WantedAccounts(self._ari, self._inbox, is_up=lambda: self._link.up)
        self._tasks: set[asyncio.Task[None]] = set()
        self._notes = Notes(
            phones=self._phones,
            ari=self._ari,
            outlet=self,
            is_here=lambda note: not self._newcomers.gates(note),
            link_down=lambda: "" if self._link.up else self._link.reason or "Not connected.",
        )
        self._performer = Performer(
            ari=self._ari,
            link=self._link,
            phones=self._phones,
            newcomers=self._newcomers,
            notes=self._notes,
            inbox=inbox,
            outlet=self,
            spawn=self._spawn,
            recording=settings.recording,
        )

    # ── Life ─────────────────────────────────────────────────────────────────────────────────

    async def check(self) -> None:
        """Try both logins once.

        Raises AsteriskUnfit (a sentence that says what to do) for a wrong password or a version
        that we refuse, AsteriskUnreachable when Asterisk is not there.
        """
        await self._link.check()
        client = self._ami_client(lambda event: None)
        try:
            await client.connect()
        finally:
            client.close()

    async def start(self, mark: str) -> None:
        """Begin to connect and return; ``LinkChanged`` and ``SwitchConnected`` say when it has.

        ``mark`` tells us from every other service that commands this Asterisk."""
        self._spawn(self._link.run(mark), "ARI link")
        self._spawn(self._phones.run(), "AMI link")
        if self._announces:
            callers = partial(self._ami_client, user=self.settings.user + USER_SUFFIX)
            # Nothing depends on it but a millisecond: without it calls come with StasisStart.
            hearing = hearing_login.hear(
                callers, self._announced, deaf="New callers are not announced"
            )
            self._spawn(hearing, "callers link")
        self._spawn(self._watchman.hear(), "security link")
        self._spawn(self._watchman.keep_list(), "SIP access list")

    async def still_ours(self) -> bool:
        """Ask Asterisk whether it is still ours; True before it ever was.  Raises AsteriskError
        when it does not answer."""
        return await self._link.still_ours()

    async def renew(self) -> bool:
        """The same, and give the watchdog a sign of life when it is, before one acts.  A closed
        gate opens by this answer: what waits for the gate must not be waited for here."""
        ours = await self._link.still_ours(may_write=self._gate.is_open())
        if ours:
            await self._link.beat()
        return ours

    async def stop(self) -> None:
        """Close both links.  Calls in Asterisk go on."""
        await self._notes.stop()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._ends.stop()
        self._away.stop()
        self._link.stopped()
        self._ami_changed(False, "Stopped.")
        await self._transport.close()

    @property
    def link_state(self) -> dict[str, bool]:
        """Which links are up: ``ari`` and ``ami``."""
        return {"ari": self._link.up, "ami": self._ami_up}

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=f"{self.settings.node} {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # ── Commands ─────────────────────────────────────────────────────────────────────────────

    def perform(self, command: Command) -> Awaitable[None]:
        """Carry out one command: what can be sent now is, and the rest is to be awaited.  What goes
        wrong is put in the inbox."""
        return self._performer.perform(command)

    def failed(self, event: CommandFailed) -> None:
        """See ``perform.Outlet``."""
        self._inbox.put(event)

    def missing(self, leg: LegId) -> None:
        """See ``perform.Outlet``."""
        self._ends.missing(leg)

    def count(self, what: str, key: str) -> None:
        """See ``perform.Outlet``."""
        self._inbox.count(what, key)

    # ── Events ───────────────────────────────────────────────────────────────────────────────

    def _heard(self, heard: Heard) -> None:
        if type(heard) not in _OURS:
            self._inbox.serve(heard)  # type: ignore[arg-type]  # told by its type
            return
        match heard:
            case Noted(what, key):
                self._inbox.count(what, key)
            case Replaced():
                pass  # the link has acted on it
            case ChannelLeft(leg):
                if leg not in self._ends:
                    self._away.left(leg)
            case LegGone(leg):
                self._away.told(leg)
                if leg not in self._away:
                    self._ends.told(heard)
            case ChannelArrived():
                self._arrived(heard)
            case CodeDialled(leg):
                self._away.told(leg)
                self._inbox.serve(heard)
                self._ends.watch(leg)
            case JoinedQuiet(joined):
                self._inbox.serve(joined)
                self._spawn(self._begin_music(joined.room), "music")

    async def _begin_music(self, room: RoomId) -> None:
        # To ask for music that plays does nothing.
        try:
            await self._ari.start_music(local_part(room))
            await asyncio.sleep(MUSIC_AGAIN_S)
            await self._ari.start_music(local_part(room))
        except AsteriskError as error:
            # The room is gone, or the link goes down: who is connected anew asks for every room's.
            self._inbox.count("no music in room", f"{room}: {error}")

    def _announced(self, event: AmiEvent) -> None:
        """A caller's channel has been made, and is on its way to us."""
        if self._link.up and self._gate.is_open():
            arrived = self._newcomers.announced(event, now_s=self._clock() / 1000)
            if arrived is not None:
                self._inbox.serve(arrived)
                self._newcomers.look_out_for(arrived.leg)

    def _arrived(self, caller: ChannelArrived) -> None:
        leg = caller.leg
        self._away.arrived(leg)
        self._ends.came(leg)
        if not self._newcomers.entered(leg):
            self._inbox.serve(caller)
        elif caller.recording is not None:
            self._inbox.put(RecordingStarted(leg, caller.recording))
        if caller.left:
            self._ends.left(leg)
        else:
            self._ends.watch(leg)

    async def _exists(self, channel: str) -> bool:
        return await self._ari.channel(channel) is not None

    async def packets_from(self, leg: LegId) -> int | None:
        """Return how many packets have come from a leg; None when Asterisk does not say."""
        try:
            return await self._ari.packets_received(local_part(leg))
        except (AsteriskError, *UNREADABLE) as error:
            self._inbox.count("packets not counted", f"{leg}: {error}")
            return None

    async def compared(self) -> ChannelsCompared | None:
        """Return what there is, for what no event has told; None when Asterisk does not say."""
        try:
            channels = await self._ari.channels()
            legs = legs_of(channels, node=self.settings.node, app=self.settings.app)
            occupied = occupied_by(channels)
            private = private_calls(channels, node=self.settings.node, app=self.settings.app)
        except (AsteriskError, *UNREADABLE) as error:
            self._inbox.count("channels not compared", str(error))
            return None
        here = (*legs, *self._newcomers.legs)
        return ChannelsCompared(self.settings.node, here, occupied, private)

    async def end_towards(self, other: Node) -> None:
        """End every channel to or from a node that is lost: nobody is behind it any more, and it
        will never say so."""
        try:
            for channel in channels_of(await self._ari.channels(), peer_name(other)):
                await self._end_if_there(channel)
        except (AsteriskError, *UNREADABLE) as error:
            # The link goes down: the media says nothing any more, and whoever is on it hangs up.
            self._inbox.count("channel to a lost node not ended", str(error))

    async def _end_if_there(self, channel: str) -> None:
        try:
            await self._ari.hang_up(channel, reason="failure")
        except AsteriskError as error:
            # It has ended just now, as a rule, which must keep no other from it.
            self._inbox.count("channel to a lost node not ended", str(error))

    def _ari_up(self, listing: Listing) -> None:
        self._inbox.put(LinkChanged(node=self.settings.node, link="ari", up=True, reason=""))
        for leg in listing.astray:
            if self._newcomers.has_entered(leg):
                self._away.is_elsewhere(leg)
        self._inbox.put(listing.connected)
        for leg in listing.connected.legs:
            self._newcomers.entered(leg)
        for one in listing.unheard:
            self._inbox.put(one)
        for leg in (*listing.connected.legs, *listing.away):
            if not local_part(leg).startswith(OUR_PREFIX):
                self._ends.watch(leg)
        self._watchman.written_anew()
        if self._accounts.connected_anew():
            self._spawn(self._accounts.sync_again(), "accounts")

    def _ari_down(self, reason: str) -> None:
        for leg in self._newcomers.forget():
            self._away.is_elsewhere(leg)
        self._inbox.put(LinkChanged(node=self.settings.node, link="ari", up=False, reason=reason))

    # ── Accounts and phones ──────────────────────────────────────────────────────────────────

    async def sync_accounts(
        self, trunks: Sequence[Trunk], phones: Sequence[Phone], peers: Sequence[Peer] = ()
    ) -> Changes | None:
        """Make Asterisk's SIP accounts these, now and after every reconnect; ``peers`` are the
        other nodes.

        Returns what was written; None when the link is down, and it is done when it is up again.
        Raises ``AsteriskError`` when Asterisk refuses.
        """
        self._accounts.want(trunks, phones, peers)
        self._book.watch_registrations(
            {
                trunk.name: trunk.login.address
                for trunk in trunks
                if trunk.login is not None and trunk.login.registers
            }
        )
        spared = [address for trunk in trunks for address in trunk.addresses]
        self._watchman.spare([*spared, *(one for peer in peers for one in peer.addresses)])
        changes = await self._accounts.sync() if self._link.up else None
        self._book.watch([phone.name for phone in phones])
        self._book.watch_trunks([trunk.name for trunk in trunks if trunk.host is not None])
        return changes

    def told_no_more(self) -> None:
        """The node has been taken for dead: what it has said of phones and trunks counts no more,
        and is to be said again when it is back."""
        self._book.told_no_more()

    def trunks(self) -> Iterator[tuple[TrunkId, str, bool]]:
        """Return for each trunk what can be told of it, and whether it holds: ``answers``, its
        operator answers OPTIONS; ``registered``, its operator sends us calls."""
        for trunk, up in self._book.reachable.items():
            yield trunk, "answers", up
        for trunk, up in self._book.registered.items():
            yield trunk, "registered", up

    def address_of(self, trunk: TrunkId) -> str:
        """See ``perform.Outlet``."""
        return self._accounts.address_of(trunk)

    async def put_fallback(self, phones: Sequence[PhoneId]) -> None:
        """Have the dialplan ring these when the service is away.  Raises AsteriskError."""
        await self._phones.put_fallback([self.reach(phone) for phone in phones])

    async def ended_stays(self) -> list[Stay]:
        """Return who was in the dialplan's fallback and is gone; the link need not be up.  Raises
        AsteriskError."""
        client = self._ami_client(lambda event: None)
        try:
            await client.connect()
            listed = entries_of(await client.ask("DBGetTree", Family=FAMILY))
        finally:
            client.close()
        found = [stay_of(key, text, node=self.settings.node) for key, text in listed]
        return [one for one in found if one is not None and one.is_over]

    async def stays(self) -> list[Stay]:
        """Return who was in the dialplan's fallback, those who are there still left out.  One whose
        channel is there no more, and of whom it was not written how it went, is among them.  Raises
        AsteriskError."""
        node = self.settings.node
        found = [stay_of(key, text, node=node) for key, text in await self._phones.stays()]
        told = [one for one in found if one is not None]
        here = [one for one in told if not one.is_over]
        alive = ids_of(await self._ari.channels()) if here else frozenset()
        return [one for one in told if one.is_over or one.key not in alive]

    async def forget_stay(self, key: str) -> None:
        """Its record is written: take the entry away.  Raises AsteriskError."""
        await self._phones.forget_stay(key)

    def _ami_client(
        self, on_event: Callable[[AmiEvent], None], *, user: str | None = None
    ) -> AmiClient:
        return AmiClient(
            host=self.settings.ami_host,
            port=self.settings.ami_port,
            user=user or self.settings.user,
            password=self.settings.ami_password,
            on_event=on_event,
        )

    def _ami_changed(self, up: bool, reason: str) -> None:
        if (up, reason) != (self._ami_up, self._ami_reason):
            self._ami_up, self._ami_reason = up, reason
            self._inbox.put(LinkChanged(node=self.settings.node, link="ami", up=up, reason=reason))
