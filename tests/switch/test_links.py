"""Lost links: Asterisk gone and back, AMI alone cut, PostgreSQL away: the service goes on, comes
back by itself, and what it believes is then what is there (T18, F09 is for the fallback)."""

import asyncio

from tests.switch.live import Agent, Switch


async def served(switch: Switch, agent: Agent) -> None:
    """A call is answered by this agent."""
    terminal = await switch.terminal()
    call = await terminal.call("95001")
    await agent.takes_the_call()
    await call.answered()
    call.hang_up()


async def links(switch: Switch) -> dict[str, float]:
    """Which links are up, as the metrics show them."""
    found = await switch.metrics()
    return {name: found[f'huling_link_up{{link="{name}",node="n1"}}'] for name in ("ari", "ami")}


async def both_up(switch: Switch) -> bool:
    return (await links(switch)) == {"ari": 1.0, "ami": 1.0} and switch.service.ready()


async def test_asterisk_restarts_under_the_service(switch: Switch) -> None:
    """T18: both links break in the middle of a conversation.  Meanwhile the service says that it is
    not ready; afterwards the call has an end, the agent is free, registers and is rung."""
    agent = await switch.ready_agent("8005")
    terminal = await switch.terminal()
    call = await terminal.call("95001")
    await agent.takes_the_call()
    await call.answered()
    await asyncio.to_thread(switch.stack.kill, "asterisk")

    async def noticed() -> bool:
        return (await switch.api.get("/health/ready")).status_code == 503

    await switch.until(noticed, "the service to notice")

    async def ari_is_down() -> bool:
        return (await links(switch))["ari"] == 0

    await switch.until(ari_is_down, "the service to notice ARI's end too")
    assert (await switch.api.get("/health/live")).status_code == 200
    await asyncio.to_thread(switch.stack.restart, "asterisk")
    await switch.until(lambda: both_up(switch), "both links")
    row = await switch.record()
    assert row["outcome"] == "answered"
    await switch.forgive()  # else the agent is rung for a callback first
    # The phone registers anew, as phones do; whoever sits there is ready again.
    assert await agent.phone.register() == 200
    await agent.ask("ready")
    await agent.wait("ready")
    await served(switch, agent)
    assert await switch.metric("huling_repairs_total") > 0


async def test_a_caller_who_waited_while_asterisk_died_has_an_outcome(switch: Switch) -> None:
    """K04, F09: lost is an outcome of its own, so that nobody is forgotten."""
    terminal = await switch.terminal()
    await terminal.call("95001")
    await switch.one_waits()
    await asyncio.to_thread(switch.stack.kill, "asterisk")
    await asyncio.to_thread(switch.stack.restart, "asterisk")
    await switch.until(lambda: both_up(switch), "both links")
    assert (await switch.record())["outcome"] == "lost"


async def test_the_websocket_alone_is_cut_in_conversation(switch: Switch) -> None:
    """T18, ari4java#85: Asterisk closes it; the conversation goes on, the service comes back, sees
    that the legs are still there, and hears the end when it comes."""
    agent = await switch.ready_agent("8005")
    call = await (await switch.terminal()).call("95001")
    await agent.takes_the_call()
    await call.answered()
    ups = link_ups(switch, "ari")
    await asyncio.to_thread(switch.stack.cli, "ari shutdown websocket sessions")
    await switch.until(lambda: link_ups(switch, "ari") > ups, "the link's return")
    await switch.until(lambda: both_up(switch), "both links")
    assert (await agent.state())["state"] == "talking"
    call.hang_up()
    row = await switch.record()
    assert (row["outcome"], row["agent"]) == ("answered", "8005")
    await agent.wait("wrap_up")
    await agent.ask("wrap-up/end")
    await served(switch, agent)


def link_ups(switch: Switch, link: str) -> int:
    """How often this link has come up, by the log."""
    lines = switch.service.log.read_text(encoding="utf-8").splitlines()
    return sum(f'"link": "{link}"' in line and "is up" in line for line in lines)


async def test_ami_alone_is_cut(switch: Switch) -> None:
    """T18: phones' registrations come through AMI; calls go on without it, it comes back, and what
    happened to the phones meanwhile is known then."""
    port = switch.settings.ami_port
    lines: list[asyncio.StreamWriter] = []

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        lines.extend((writer, far_writer))

        async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                target.write(data)
            target.close()

        await asyncio.gather(
            copy(reader, far_writer), copy(far_reader, writer), return_exceptions=True
        )

    async with await asyncio.start_server(carry, "127.0.0.1", 0) as proxy:
        between = str(proxy.sockets[0].getsockname()[1])
        await asyncio.to_thread(switch.service.stop)
        await asyncio.to_thread(switch.service.start, {"HULING_AMI_PORT": between})
        try:
            await switch.begin()
            agent = await switch.ready_agent("8005")
            ups = link_ups(switch, "ami")
            for line in lines:
                line.transport.abort()
            # By the time it is back, this phone is gone.
            assert await agent.phone.register(expires=0) == 200
            await switch.until(lambda: link_ups(switch, "ami") > ups, "AMI's return")
            await agent.wait("not_responding", "unreachable")
            assert await agent.phone.register() == 200
            await agent.wait("ready")
            await served(switch, agent)
            await switch.record()
            await agent.ask("logout")
        finally:
            await asyncio.to_thread(switch.service.stop)
            await asyncio.to_thread(switch.service.start)
            await switch.begin()


async def test_postgresql_is_away_for_a_while(switch: Switch) -> None:
    """T18, Q08: a call is served while PostgreSQL is down, by the directory's last copy; its rows
    arrive when it is back, whole and once."""
    switch.allowed_complaints = ("PostgreSQL", "directory cannot be read", "database")
    agent = await switch.ready_agent("8005")
    await asyncio.to_thread(switch.stack.postgres.stop)
    try:
        await served(switch, agent)
        await agent.wait("wrap_up")
        assert await switch.metric("huling_records_waiting") > 0
        assert (await switch.api.get("/calls")).status_code == 503
        assert (await switch.api.get("/health/live")).status_code == 200
    finally:
        await asyncio.to_thread(switch.stack.postgres.start)
    (row,) = await switch.records(1, 60)
    assert (row["outcome"], row["agent"]) == ("answered", "8005")
    detail = await switch.get(f"/calls/{row['call_id']}")
    assert len(detail["legs"]) == 2
    assert len(detail["offer_list"]) == 1


async def test_the_service_restarts_and_its_agents_come_back(switch: Switch) -> None:
    """T18, Q08: SIGTERM and a new start: exit code 0, the record goes on in a new epoch without a
    gap, and a phone that is still registered is rung after a log-in."""
    agent = await switch.ready_agent("8005")
    await served(switch, agent)
    await switch.record()
    await switch.forgive()  # the next start may take as long as it takes to a callback
    assert await asyncio.to_thread(switch.service.stop) == 0
    await asyncio.to_thread(switch.service.start)
    await switch.begin()
    await agent.ask("login")
    await agent.wait("ready")
    await served(switch, agent)
    rows = await switch.records(2)
    assert [row["outcome"] for row in rows] == ["answered", "answered"]
    assert len({row["call_id"].split("-")[0] for row in rows}) == 2
