"""Several Asterisks: the file that names them, where phones are, and whether a node is dead."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from pydantic import SecretStr

from acd.adapters.asterisk import (
    AsteriskNode,
    AsteriskNodes,
    AsteriskUnreachable,
    NodeSettings,
    lifeless,
)
from acd.adapters.asterisk import nodes as asterisk_nodes
from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.errors import AsteriskRefused
from acd.adapters.asterisk.gate import always_open
from acd.adapters.asterisk.heard import ChannelArrived, LinkChanged
from acd.adapters.asterisk.lifeless import until_dead
from acd.adapters.asterisk.whereabouts import Whereabouts
from acd.core.commands import CloseRoom, RingPhone
from acd.core.events import (
    CommandFailed,
    Event,
    NodeDrained,
    NodeLost,
    PhoneReported,
    SwitchConnected,
    TrunkReported,
)
from acd.core.ids import CallId, LegId, Node, OfferId, PhoneId, RoomId, TrunkId
from acd.runtime import nodes
from acd.runtime.credentials import ConfigurationError
from acd.runtime.health import Health
from acd.runtime.settings import Settings
from tests.switch.adapter import Inbox as CountingInbox

ONE, TWO = Node("n1"), Node("n2")
PHONE = PhoneId("a8001")

GOOD = """
n1: {ari_url: "http://127.0.0.1:8088/", ami: "127.0.0.1:5038", sip: "127.0.0.1:5060"}
n2: {ari_url: "http://[::1]:8089", ami: "[::1]:5039", sip: "[::1]:5061", drained: yes,
     ari_password: another}
"""


def settings(tmp_path: Path, text: str, *, mode: int = 0o600) -> Settings:
    file = tmp_path / "nodes.yaml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return Settings(
        nodes=file,
        ari_password=SecretStr("ari"),
        ami_password=SecretStr("ami"),
        database_url=SecretStr("postgresql://h/d"),
    )


def test_the_file_names_nodes(tmp_path: Path) -> None:
    """Passwords that it leaves out are those of the environment."""
    found = nodes.load(settings(tmp_path, GOOD))
    one, two = found.all
    assert (one.node, one.ari_url, one.ari_password) == ("n1", "http://127.0.0.1:8088", "ari")
    assert (two.ami_host, two.ami_port, two.sip) == ("::1", 5039, ("::1", 5061))
    assert (two.ari_password, two.ami_password) == ("another", "ami")
    assert found.drained == {TWO}
    assert "another" not in repr(found)


def test_without_a_file_there_is_the_one_of_the_settings(tmp_path: Path) -> None:
    own = settings(tmp_path, GOOD).model_copy(update={"nodes": None})
    (only,) = nodes.load(own).all
    assert (only.node, only.sip) == ("n1", None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "cannot be read"),
        ("{}", "names no node"),
        ("n1: [", "cannot be read"),
        ("n1: {ami: '1:1'}", "cannot be read"),
        (GOOD.replace("n2", "n:2"), "should be 1 to 16 letters or digits"),
        (GOOD.replace("http:", "ftp:"), "ari_url should look like http://host:8088"),
        (GOOD.replace("http:", "https:"), "ari_url should look like http://host:8088"),
        (GOOD.replace("127.0.0.1:8088", "127.0.0.1:99999"), "ari_url should look like"),
        (GOOD.replace("127.0.0.1:5038", "127.0.0.1"), "should look like 10.0.0.1:5060"),
        (GOOD.replace("drained", "drain"), "cannot be read"),
    ],
)
def test_a_wrong_file_ends_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence) as wrong:
        nodes.load(settings(tmp_path, text))
    assert str(wrong.value).startswith("HULING_NODES: ")
    assert "\n" not in str(wrong.value)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """It may hold passwords."""
    with pytest.raises(ConfigurationError, match="chmod 600"):
        nodes.load(settings(tmp_path, GOOD, mode=0o644))


# Where phones are -------------------------------------------------------------------------------


def said(*, registered: bool, in_use: bool = False) -> PhoneReported:
    return PhoneReported(phone=PHONE, registered=registered, in_use=in_use)


class Told:
    """What the nodes together have reported."""

    def __init__(self) -> None:
        self.reports: list[PhoneReported | TrunkReported] = []
        self.moves: list[PhoneId] = []
        self.all = Whereabouts(self.reports.append, self.moves.append)


def test_a_phone_is_there_when_some_node_has_it() -> None:
    told = Told()
    told.all.phone(ONE, said(registered=False))
    told.all.phone(TWO, said(registered=True, in_use=True))
    told.all.phone(ONE, said(registered=True))
    told.all.phone(TWO, said(registered=False))
    assert told.reports == [
        said(registered=False),
        said(registered=True, in_use=True),
        said(registered=True),
    ]


def test_a_phone_is_where_it_has_registered_last() -> None:
    """Its registration elsewhere runs out later, and does not take it away from there."""
    told = Told()
    told.all.phone(ONE, said(registered=True))
    told.all.phone(TWO, said(registered=False))
    assert told.all.home(PHONE) == ONE
    told.all.phone(TWO, said(registered=True))
    assert told.all.home(PHONE) == TWO
    told.all.phone(ONE, said(registered=False))
    assert told.all.home(PHONE) == TWO
    assert len(told.moves) == 2


def test_with_a_lost_node_its_phones_are_away() -> None:
    told = Told()
    told.all.phone(ONE, said(registered=True))
    told.all.phone(TWO, said(registered=False))
    told.all.drop(ONE)
    assert told.reports[-1] == said(registered=False)
    assert told.all.home(PHONE) is None
    told.all.phone(TWO, said(registered=True))
    assert told.all.home(PHONE) == TWO


def test_what_a_node_says_twice_is_told_twice() -> None:
    """A phone that was taken out of the directory and put in again is new to whoever listens."""
    told = Told()
    told.all.phone(ONE, said(registered=True))
    told.all.phone(ONE, said(registered=True))
    assert told.reports == [said(registered=True)] * 2


def test_a_node_rings_its_own_phones_first_by_itself() -> None:
    told = Told()
    phones = [PhoneId(f"a800{n}") for n in range(1, 5)]
    for node, phone in zip((ONE, TWO, TWO), phones, strict=False):
        told.all.phone(node, PhoneReported(phone=phone, registered=True, in_use=False))
    here, there, there_too, nowhere = phones
    assert told.all.nearest(ONE, phones[::-1]) == [here, there_too, there, nowhere]
    assert told.all.nearest(TWO, phones) == [there, there_too, here, nowhere]
    told.all.drop(ONE)
    assert told.all.nearest(TWO, phones) == [there, there_too, here, nowhere]


async def test_the_fallback_of_a_node_does_not_depend_on_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """T18: with more agents at work than one node rings at once, each rings those who are there.
    Else all of them could be on a node that is dead."""
    lists: dict[Node, list[PhoneId]] = {}

    async def put(node: AsteriskNode, phones: list[PhoneId]) -> None:
        lists[node.settings.node] = phones

    monkeypatch.setattr(AsteriskNode, "put_fallback", put)
    all_nodes = both(Inbox())
    phones = [PhoneId(f"a{7000 + n}") for n in range(2 * asterisk_nodes.FALLBACK_PHONES_MAX)]
    for n, phone in enumerate(phones):
        report = PhoneReported(phone=phone, registered=True, in_use=False)
        all_nodes.whereabouts.phone((ONE, TWO)[n % 2], report)
    await all_nodes.put_fallback(phones)
    assert lists == {ONE: phones[::2], TWO: phones[1::2]}
    await all_nodes.stop()


def test_a_trunk_that_one_node_reaches_is_there() -> None:
    told = Told()
    away, there = (TrunkReported(trunk=TrunkId("a"), reachable=one) for one in (False, True))
    told.all.trunk(ONE, away)
    told.all.trunk(TWO, there)
    told.all.trunk(ONE, there)
    assert told.reports == [away, there]


# All nodes together -----------------------------------------------------------------------------


class Inbox:
    def __init__(self) -> None:
        self.heard: list[object] = []

    def put(self, event: Event | ChannelArrived | LinkChanged) -> None:
        self.heard.append(event)

    def serve(self, event: Event | ChannelArrived) -> None:
        self.put(event)

    def count(self, what: str, key: str) -> None:
        raise AssertionError(f"{what}: {key}")


def node_of(name: Node, port: int) -> NodeSettings:
    return NodeSettings(
        node=name,
        ari_url=f"http://127.0.0.1:{port}",
        ari_password="ari",
        ami_host="127.0.0.1",
        ami_port=port,
        ami_password="ami",
        sip=("127.0.0.1", 5060),
    )


def both(inbox: Inbox, *, drained: tuple[Node, ...] = ()) -> AsteriskNodes:
    settings = [node_of(ONE, 1), node_of(TWO, 2)]
    return AsteriskNodes(settings, inbox, clock=lambda: 0, gate=always_open(), drained=drained)


async def test_a_command_goes_to_the_node_of_its_leg_or_room() -> None:
    """Neither has a link here, and each says so of its own commands; a third there is not."""
    inbox = Inbox()
    all_nodes = both(inbox)
    ring = RingPhone(
        call=CallId("1"),
        phone=PHONE,
        leg=LegId("n3:hl-1"),
        offer=OfferId("1"),
        ring_ms=1000,
        caller=None,
    )
    await all_nodes.perform(ring)
    await all_nodes.perform(CloseRoom(CallId("1"), RoomId("n2:hl-room-1")))
    nowhere, unlinked = [one.reason for one in inbox.heard if isinstance(one, CommandFailed)]
    assert nowhere == "There is no node n3."
    assert unlinked.startswith("No link to Asterisk")
    await all_nodes.stop()


async def test_a_node_that_is_let_go_of_is_not_known_by_its_last_word() -> None:
    """That its links are down is told when it is no node of ours any more."""
    health = Health([ONE])
    health.know([ONE, TWO])
    health.link_changed(LinkChanged(node=TWO, link="ari", up=True, reason=""))
    assert health.links()[TWO, "ari"]
    assert health.switch_up.is_set()
    health.know([ONE])
    assert not health.switch_up.is_set(), "nobody takes commands any more"
    health.link_changed(LinkChanged(node=TWO, link="ari", up=False, reason="Stopped."))
    assert health.links() == {(ONE, "ari"): False, (ONE, "ami"): False}


@pytest.mark.parametrize("answer", [True, False])
async def test_a_node_that_does_not_answer_keeps_no_other_from_being_asked(
    monkeypatch: pytest.MonkeyPatch, answer: bool
) -> None:
    """T18: a frozen node costs neither the lease nor the other's sign of life."""
    monkeypatch.setattr(asterisk_nodes, "OURS_SECONDS", 0.05)
    asked: list[Node] = []

    async def renew(node: AsteriskNode) -> bool:
        asked.append(node.settings.node)
        if node.settings.node == ONE:
            await asyncio.Event().wait()
        return answer

    monkeypatch.setattr(AsteriskNode, "renew", renew)
    all_nodes = both(Inbox())
    assert await all_nodes.renew() is answer
    assert asked == [ONE, TWO]
    await all_nodes.stop()


async def test_the_one_node_is_asked_while_its_settings_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """T18: it is connected anew then, and for a moment there is none, or one whose description has
    not been read.  Both were a defect that ended the asking for good: no sign of life any more,
    so that the watchdog sent everybody who waited to the fallback."""
    all_nodes = AsteriskNodes([node_of(ONE, 1)], Inbox(), clock=lambda: 0)
    with pytest.raises(AsteriskUnreachable, match="has not been read"):
        await all_nodes.renew()
    let_go = asyncio.Event()

    async def stop(node: AsteriskNode) -> None:
        await let_go.wait()

    monkeypatch.setattr(AsteriskNode, "stop", stop)
    changing = asyncio.ensure_future(all_nodes.use([node_of(ONE, 2)], ()))
    await asyncio.sleep(0)
    assert all_nodes.names == ()
    with pytest.raises(AsteriskUnreachable, match="No Asterisk says whose it is"):
        await all_nodes.renew()
    let_go.set()
    await changing
    monkeypatch.undo()
    with pytest.raises(AsteriskUnreachable, match="has not been read"):
        await all_nodes.renew()
    await all_nodes.stop()


async def test_a_node_that_is_not_drained_is_not_let_go_of() -> None:
    """A line deleted by mistake cuts nobody."""
    inbox = Inbox()
    all_nodes = both(inbox)
    await all_nodes.use([node_of(ONE, 1)], ())
    assert set(all_nodes.names) == {ONE, TWO}
    await all_nodes.use([node_of(ONE, 1), node_of(TWO, 2)], (TWO,))
    assert inbox.heard == [NodeDrained(TWO, True)]
    await all_nodes.use([node_of(ONE, 1)], ())
    assert all_nodes.names == (ONE,)
    assert NodeLost(TWO, awaited=True) in inbox.heard
    await all_nodes.stop()


async def test_a_channel_that_has_just_ended_keeps_no_other_to_a_lost_node(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody is behind any of them.  A caller who hung up in that moment left all others alone with
    the silence of their agents' channels, for ever."""
    ended: list[str] = []

    async def channels(ari: AriClient) -> bytes:
        names = ("PJSIP/node-n2-00000001", "PJSIP/a8001-00000002", "PJSIP/node-n2-00000003")
        return msgspec.json.encode([{"id": name[-1], "name": name} for name in names])

    async def hang_up(ari: AriClient, channel: str, *, reason: str) -> None:
        if channel == "1":
            raise AsteriskRefused(404, "Channel not found")
        ended.append(channel)

    monkeypatch.setattr(AriClient, "channels", channels)
    monkeypatch.setattr(AriClient, "hang_up", hang_up)
    inbox = CountingInbox()
    node = AsteriskNode(node_of(ONE, 1), inbox)
    await node.end_towards(TWO)
    assert ended == ["3"]
    assert inbox.counts["channel to a lost node not ended"] == 1
    await node.stop()


async def is_dead(addresses: object, *, started: bool) -> None:
    """Stands for ``until_dead``."""
    del addresses, started


async def test_channels_to_a_lost_node_are_ended_where_there_was_no_link_when_it_was_found_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What took the one away may have cut the other's link for a moment."""
    ended: list[tuple[Node, Node]] = []

    async def end_towards(node: AsteriskNode, other: Node) -> None:
        ended.append((node.settings.node, other))

    monkeypatch.setattr(asterisk_nodes, "until_dead", is_dead)
    monkeypatch.setattr(AsteriskNode, "end_towards", end_towards)
    all_nodes = both(Inbox())
    all_nodes.link_changed(LinkChanged(node=TWO, link="ari", up=False, reason="Killed."))
    await all_nodes._dying[TWO]
    assert ended == []
    all_nodes.connected(SwitchConnected(ONE, ()))
    await asyncio.gather(*all_nodes._tasks)
    assert ended == [(ONE, TWO)]
    await all_nodes.stop()


async def test_the_phones_and_trunks_of_a_lost_node_are_told_again_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Asterisk keeps its registrations over a restart: what it says after its end is what it said
    before.  Not told again, its phones were taken for unregistered until they had gone and come."""
    monkeypatch.setattr(asterisk_nodes, "until_dead", is_dead)
    inbox = Inbox()
    all_nodes = both(inbox)
    book = all_nodes._nodes[TWO]._book
    book.watch([PHONE])
    book.watch_trunks([TrunkId("a")])
    contacts = [
        {"Event": "ContactList", "ObjectName": f"{PHONE};1", "Status": "Reachable"},
        {"Event": "ContactStatusDetail", "AOR": "a", "URI": "sip:1", "Status": "Unreachable"},
    ]
    what_it_says = [said(registered=True), TrunkReported(trunk=TrunkId("a"), reachable=False)]
    book.replace(contacts, [])
    assert inbox.heard == what_it_says
    all_nodes.link_changed(LinkChanged(node=TWO, link="ari", up=False, reason="Killed."))
    await all_nodes._dying[TWO]
    assert inbox.heard[2:] == [
        NodeLost(TWO, awaited=True),
        said(registered=False),
        TrunkReported(trunk=TrunkId("a"), reachable=True),
    ]
    book.replace(contacts, [])
    assert inbox.heard[5:] == what_it_says
    assert all_nodes.whereabouts.home(PHONE) == TWO
    await all_nodes.stop()


async def test_a_node_is_dead_when_its_machine_says_that_nobody_listens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not while one of its ports is answered."""
    monkeypatch.setattr(lifeless, "PROBE_SECONDS", 0.05)
    asked = asyncio.Event()
    count = 0

    def came(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        writer.transport.abort()
        count += 1
        if count == 2 * lifeless.REFUSED_MAX:
            asked.set()

    server = await asyncio.start_server(came, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    dead = await asyncio.start_server(came, "127.0.0.1", 0)
    closed: int = dead.sockets[0].getsockname()[1]
    dead.close()
    await dead.wait_closed()
    watch = asyncio.create_task(
        until_dead([("127.0.0.1", port), ("127.0.0.1", closed)], started=True)
    )
    await asked.wait()
    assert not watch.done()
    server.close()
    await server.wait_closed()
    await watch
