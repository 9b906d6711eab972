"""A trunk is added, changed and taken out while calls go on over it: they notice nothing, and the
next call obeys (T05, T18, T31)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from acd.adapters.postgres.database import open_pool
from acd.demo.directory import document
from acd.runtime.directory.load import keep_trunk_password
from servers.service import Service
from tests.switch import sip
from tests.switch.live import Agent, Json, Switch, demo, demo_with, load_directory
from tests.switch.operators import both_ways, invited, open_operators
from tests.switch.registrar import Registrar

CHANGED, ADDED = "carrier-a", "carrier-c"
PLACE, NEW_PLACE = ("127.10.0.9", 5070), ("127.10.0.10", 5070)
OTHERS = "127.99.0.0/16"
"""Nobody in these tests is there."""

PASSWORD = "s3cret"
CALLER_ID = "02109500177"
MOBILES = [f"1390000001{n}" for n in range(4)]

Conversation = tuple[sip.Call, sip.Call]
"""Two ends that hear each other."""

Directory = dict[str, list[Json]]


@pytest.fixture
def demo_again(running: Service) -> Iterator[None]:
    yield
    load_directory(running, demo())


@asynccontextmanager
async def operator_at(
    switch: Switch, place: tuple[str, int], password: str | None = None
) -> AsyncIterator[sip.Phone]:
    """One who listens there, and wants to see the password before a call, if there is one."""
    server = switch.sip_address
    found = sip.Phone("operator", server=server)
    if password is not None:
        found = Registrar(server=server, account="huling", account_password=password)
    await found.open(*place)
    try:
        yield found
    finally:
        await found.closed()


def trunk(directory: Directory, name: str) -> Json:
    return next(one for one in directory["trunks"] if one["id"] == name)


def first_alone(directory: Directory) -> None:
    """Whatever has failed of late: calls go over this trunk."""
    trunk(directory, "carrier-b")["outbound"] = None


def moved(directory: Directory) -> None:
    """Another address on both ways, a login, another caller id."""
    first_alone(directory)
    one = trunk(directory, CHANGED)
    host, port = PLACE
    one["addresses"], one["outbound_caller_ids"] = [OTHERS], [CALLER_ID]
    one["outbound"] |= {"host": host, "port": port}
    one["outbound"]["account"] = {"user": "huling", "registers": False}


def joined(directory: Directory) -> None:
    """One trunk more, which is tried first."""
    moved(directory)
    host, port = NEW_PLACE
    one = trunk(document(), CHANGED) | {"id": ADDED, "addresses": ["127.98.0.0/16"]}
    one["outbound"] |= {"host": host, "port": port, "priority": 0}
    directory["trunks"].append(one)


def left(directory: Directory) -> None:
    """The changed one is there no more."""
    joined(directory)
    directory["trunks"].remove(trunk(directory, CHANGED))


async def load(switch: Switch, change: Callable[[Directory], None], shown: str, what: str) -> None:
    """Load the demo directory with a change, and wait until Asterisk shows it."""
    await asyncio.to_thread(load_directory, switch.service, demo_with(change))
    await shows(switch, shown, what)


async def shows(switch: Switch, shown: str, what: str) -> None:
    async def there() -> bool:
        return what in await asyncio.to_thread(switch.stack.cli, shown)

    await switch.until(there, f"Asterisk to show {what}")


async def talks(
    switch: Switch, agent: Agent, operator: sip.Phone, number: str
) -> tuple[Conversation, str]:
    """Let an agent call a number over this operator; the conversation, and who was shown."""
    answer = await switch.api.post("/calls", json={"agent": agent.id, "number": number})
    assert answer.status_code == 201, answer.text
    desk = await agent.answers()
    far = await invited(operator, number)
    assert far.invite is not None
    far.answer()
    await far.until(lambda call: call.acknowledged, "the ACK")
    await both_ways(desk, far)
    return (desk, far), far.invite["From"]


async def all_hear(conversations: list[Conversation]) -> None:
    for one, other in conversations:
        assert not one.ended and not other.ended
        await both_ways(one, other)


async def test_a_trunk_is_changed_joined_and_left_under_its_calls(
    switch: Switch, demo_again: None
) -> None:
    """T05: its address, login and caller id, a trunk more, and the trunk's end: each time whoever
    talks over it hears the other end on, and can end the call from either side; the next call goes
    where the directory says."""
    async with (
        open_operators(switch) as operators,
        operator_at(switch, PLACE, password=PASSWORD) as moved_to,
        operator_at(switch, NEW_PLACE) as newcomer,
    ):
        # Only after its account is there can a trunk be given a password.
        switch.allowed_complaints = ("A trunk has no password",)
        await load(switch, first_alone, f"pjsip show aor {CHANGED}", "127.10.0.1")
        first, second, third, taker = [
            await switch.ready_agent(one) for one in ("8001", "8002", "8003", "8011")
        ]
        old, _ = await talks(switch, first, operators.a, MOBILES[0])
        came = await (await switch.terminal()).call("95002")
        conversations = [old, (await taker.takes_the_call(), came)]
        await came.answered()
        await all_hear(conversations)

        await load(switch, moved, f"pjsip show aor {CHANGED}", PLACE[0])
        await keep_password(switch, PASSWORD)
        await all_hear(conversations)
        new, shown = await talks(switch, second, moved_to, MOBILES[1])
        assert f"<sip:{CALLER_ID}@" in shown
        conversations.append(new)

        await load(switch, joined, f"pjsip show aor {ADDED}", NEW_PLACE[0])
        await all_hear(conversations)
        over_the_new, _ = await talks(switch, third, newcomer, MOBILES[2])
        conversations.append(over_the_new)

        await load(switch, left, f"pjsip show endpoint {CHANGED}", "Unable to find object")
        await all_hear(conversations)
        # The far end, the agent and the caller end what goes over a trunk that is no more.
        old[1].hang_up()
        new[0].hang_up()
        came.hang_up()
        over_the_new[1].hang_up()
        await old[0].over()
        await new[1].over()
        await taker.wait("wrap_up")
        rows = await switch.records(4)
        assert {row["outcome"] for row in rows} == {"answered"}


async def keep_password(switch: Switch, password: str) -> None:
    """Give the changed trunk its password, as `acd directory trunk-password` does."""
    pool = await open_pool(switch.stack.database_url, connections_max=1)
    try:
        await keep_trunk_password(pool, CHANGED, password)
    finally:
        await pool.close()
    await shows(switch, f"pjsip show auth {CHANGED}", password)
