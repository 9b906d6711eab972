"""The A/B room against the real Asterisk: who hears whom in every room of a case, read from what
the phones themselves have received (E14–E16, E05, T35)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from tests.switch.live import Switch
from tests.switch.operators import Operators, first_asked, open_operators
from tests.switch.sip import PCMU, Call
from tests.switch.test_call_control import BUSY_HZ, has_heard, hears, silent
from tests.switch.voice import Voice

CALLER_HZ, A_HZ, B_HZ, RESCUE_HZ = 600, 1000, 1400, 1900
RING_BACK_HZ = 450
STRANGER = "02160009911"
"""Nobody's terminal: no other test calls from there, so that none meets this one's case."""


@pytest.fixture
async def operators(switch: Switch) -> AsyncIterator[Operators]:
    async with open_operators(switch) as opened:
        yield opened


async def only(switch: Switch, who: dict[int, Call], rooms: tuple[tuple[int, ...], ...]) -> None:
    """Everybody hears whoever is in their room, and nobody else."""
    together = {one: {*room} - {one} for room in rooms for one in room}
    for tone, call in who.items():
        for other in who:
            if other != tone and other in together.get(tone, set()):
                await hears(switch, call, other)
    for tone, call in who.items():
        for other in who:
            if other != tone and other not in together.get(tone, set()):
                await silent(switch, call, other, 0.4)


async def test_who_hears_whom_in_every_room_of_a_case(switch: Switch, operators: Operators) -> None:
    """E14: one key brings B; E05, E15: A calls 120 beside the caller; E16: B stays with them.
    Merged, split, back, in private; and the end by an outcome, with busy tone."""
    a = await switch.ready_agent("8001")
    elder = await (await switch.terminal(STRANGER)).call("95001")
    at_a = await a.takes_the_call()
    b = await switch.ready_agent("8003")
    await elder.answered()
    async with Voice(elder, CALLER_HZ), Voice(at_a, A_HZ) as keys:
        await hears(switch, elder, A_HZ)
        await keys.press("*90")
        at_b = await b.answers()
        async with Voice(at_b, B_HZ):
            three = {CALLER_HZ: elder, A_HZ: at_a, B_HZ: at_b}
            await only(switch, three, ((CALLER_HZ, A_HZ, B_HZ),))

            await keys.press("*911#")
            _, rescue, _ = await first_asked(switch, operators, "90120")
            rescue.ring()
            await hears(switch, at_a, RING_BACK_HZ)
            rescue.answer()
            await rescue.until(lambda call: call.acknowledged, "the ACK")
            async with Voice(rescue, RESCUE_HZ):
                four = {**three, RESCUE_HZ: rescue}
                apart = ((CALLER_HZ, B_HZ), (A_HZ, RESCUE_HZ))
                await only(switch, four, apart)
                await keys.press("*93")
                await has_heard(switch, at_a, "conference-joined")
                await only(switch, four, ((CALLER_HZ, A_HZ, B_HZ, RESCUE_HZ),))
                await keys.press("*94")
                await has_heard(switch, at_a, "case-apart")
                await only(switch, four, apart)
                await keys.press("*92")
                await has_heard(switch, at_a, "call-resumed")
                await only(switch, four, ((CALLER_HZ, A_HZ, B_HZ),))
                rescue.hang_up()
                await has_heard(switch, at_a, "party-gone")

            await keys.press("*95")
            await has_heard(switch, elder, "caller-we-confer")
            await only(switch, three, ((A_HZ, B_HZ),))
            await keys.press("*95")
            await has_heard(switch, elder, "caller-hold-thanks")
            await only(switch, three, ((CALLER_HZ, A_HZ, B_HZ),))
            await keys.press("*2003")
            await has_heard(switch, at_a, "outcome-noted")
            at_b.hang_up()
            await b.wait("wrap_up")
        at_a.hang_up()
        await hears(switch, elder, BUSY_HZ)
        elder.hang_up()
    row = await switch.record()
    assert (row["outcome"], row["agent"]) == ("answered", a.id)


@asynccontextmanager
async def recoded_through_linear(switch: Switch) -> AsyncIterator[None]:
    """Without its short cut from one G.711 to the other Asterisk has a leg's coder see what it has
    decoded of the other's numbered packets, as it may whenever it has just stopped mixing."""
    await asyncio.to_thread(switch.stack.cli, "module unload codec_a_mu.so")
    try:
        shown = await asyncio.to_thread(switch.stack.cli, "core show translation paths alaw")
        assert "(slin@8000)->(ulaw@8000)" in shown, shown
        yield
    finally:
        await asyncio.to_thread(switch.stack.cli, "module load codec_a_mu.so")


async def sent_a_second(switch: Switch, *calls: Call) -> None:
    """Each is sent a second of audio from now on."""
    begins = [len(call.audio.received) for call in calls]

    def sent() -> bool:
        told = zip(calls, begins, strict=True)
        return all(len(call.audio.received) >= begin + 50 for call, begin in told)

    await switch.until(sent, "a second of audio for everybody")


async def test_whoever_was_sent_decoded_packets_is_sent_what_is_mixed(switch: Switch) -> None:
    """E14, decision 24: the coder that has seen numbered packets would drop all of a mix, which has
    no numbers; so two are seated anew before B comes to them."""
    a = await switch.ready_agent("8001")
    terminal = await switch.terminal(STRANGER)
    terminal.payload = PCMU
    async with AsyncExitStack() as voices:
        async with recoded_through_linear(switch):
            elder = await terminal.call("95001")
            at_a = await a.takes_the_call()
            b = await switch.ready_agent("8003")
            await elder.answered()
            await voices.enter_async_context(Voice(elder, CALLER_HZ))
            keys = await voices.enter_async_context(Voice(at_a, A_HZ))
            await sent_a_second(switch, elder, at_a)
        await keys.press("*90")
        at_b = await b.answers()
        await voices.enter_async_context(Voice(at_b, B_HZ))
        await sent_a_second(switch, elder, at_a, at_b)
    elder.hang_up()
    await at_a.over()
    await at_b.over()
    await switch.record()


async def test_the_rescue_room_on_the_second_phone(switch: Switch, operators: Operators) -> None:
    """T29, E15: *99 rings A's second phone; nobody is dialled before it is picked up; from then on
    A hears the caller by one phone and 120 by the other, and neither hears the other.  *93 brings
    all together on the first phone, and the second is let go."""
    a = await switch.ready_agent("8001")
    second = await switch.phone("a8001-2", switch.service.credentials()["a8001-2"])
    assert await second.register() == 200
    elder = await (await switch.terminal(STRANGER)).call("95001")
    at_a = await a.takes_the_call()
    await elder.answered()
    async with Voice(elder, CALLER_HZ), Voice(at_a, A_HZ) as keys:
        await hears(switch, elder, A_HZ)
        await keys.press("*90")
        await has_heard(switch, at_a, "case-open")
        await keys.press("*991#")
        ring = await switch.until(
            lambda: [one for one in second.calls.values() if one.invite and not one.ended],
            "the second phone to be rung",
        )
        beside = ring[0]
        beside.sequence = 1
        beside.ring()
        assert not [one for operator in operators for one in operator.calls.values() if one.invite]
        beside.answer()
        await beside.until(lambda call: call.acknowledged, "the ACK")
        _, rescue, _ = await first_asked(switch, operators, "90120")
        rescue.ring()
        await hears(switch, beside, RING_BACK_HZ)
        rescue.answer()
        await rescue.until(lambda call: call.acknowledged, "the ACK")
        async with Voice(beside, B_HZ), Voice(rescue, RESCUE_HZ):
            four = {CALLER_HZ: elder, A_HZ: at_a, B_HZ: beside, RESCUE_HZ: rescue}
            await only(switch, four, ((CALLER_HZ, A_HZ), (B_HZ, RESCUE_HZ)))
            await keys.press("*93")
            await beside.over()
        async with Voice(rescue, RESCUE_HZ):
            three = {CALLER_HZ: elder, A_HZ: at_a, RESCUE_HZ: rescue}
            await only(switch, three, ((CALLER_HZ, A_HZ, RESCUE_HZ),))
        await keys.press("*2003")
        await has_heard(switch, at_a, "outcome-noted")
        rescue.hang_up()
        at_a.hang_up()
        await hears(switch, elder, BUSY_HZ)
        elder.hang_up()
    assert await second.register(expires=0) == 200
    row = await switch.record()
    assert (row["outcome"], row["agent"]) == ("answered", a.id)


async def test_120_rings_on_while_the_service_is_restarted(
    switch: Switch, operators: Operators
) -> None:
    """E03, E05: A waits for 120 in the rescue room, hears that it rings before and after, and talks
    with it when it answers; the ring-back tone of the life before is not between them."""
    a = await switch.ready_agent("8001")
    elder = await (await switch.terminal("02160009944")).call("95001")
    at_a = await a.takes_the_call()
    await elder.answered()
    async with Voice(elder, CALLER_HZ), Voice(at_a, A_HZ) as keys:
        await hears(switch, elder, A_HZ)
        await keys.press("*90")
        await has_heard(switch, at_a, "case-open")
        await keys.press("*911#")
        _, rescue, _ = await first_asked(switch, operators, "90120")
        rescue.ring()
        await hears(switch, at_a, RING_BACK_HZ)
        await written(switch)
        switch.service.server.kill()
        await asyncio.to_thread(switch.service.start)
        await a.wait("talking")
        assert not rescue.ended, "120 rings on"
        rescue.answer()
        await rescue.until(lambda call: call.acknowledged, "the ACK")
        async with Voice(rescue, RESCUE_HZ):
            await only(
                switch,
                {CALLER_HZ: elder, A_HZ: at_a, RESCUE_HZ: rescue},
                ((A_HZ, RESCUE_HZ), (CALLER_HZ,)),
            )
            await silent(switch, at_a, RING_BACK_HZ, 0.4)
            (case,) = await switch.get("/cases")
            assert case["services"] == ["medical"]
            rescue.hang_up()
            await has_heard(switch, at_a, "party-gone")
        await keys.press("*2003")
        await has_heard(switch, at_a, "outcome-noted")
        at_a.hang_up()
        await hears(switch, elder, BUSY_HZ)
        elder.hang_up()
    row = await switch.record()
    assert (row["outcome"], row["agent"]) == ("answered", a.id)


async def written(switch: Switch) -> None:
    """Wait until PostgreSQL has all that has happened."""

    async def all_is() -> bool:
        return not await switch.metric("huling_records_waiting")

    await switch.until(all_is, "the records")


async def test_postgresql_goes_away_in_the_middle_of_a_case(
    switch: Switch, operators: Operators
) -> None:
    """Bad input of an emergency: B comes, 120 is called and help is noted while nothing can be
    stored; caller and agents notice nothing, and the timeline is whole when PostgreSQL is back."""
    switch.allowed_complaints = ("PostgreSQL", "directory cannot be read", "database")
    a = await switch.ready_agent("8001")
    elder = await (await switch.terminal("02160009933")).call("95001")
    at_a = await a.takes_the_call()
    b = await switch.ready_agent("8003")
    await elder.answered()
    await asyncio.to_thread(switch.stack.postgres.stop)
    try:
        async with Voice(elder, CALLER_HZ), Voice(at_a, A_HZ) as keys:
            await hears(switch, elder, A_HZ)
            await keys.press("*90")
            at_b = await b.answers()
            async with Voice(at_b, B_HZ):
                await hears(switch, elder, B_HZ)
                await keys.press("*911#")
                _, rescue, _ = await first_asked(switch, operators, "90120")
                rescue.answer()
                await rescue.until(lambda call: call.acknowledged, "the ACK")
                async with Voice(rescue, RESCUE_HZ):
                    await hears(switch, at_a, RESCUE_HZ)
                    await hears(switch, elder, B_HZ)
                    rescue.hang_up()
                    await has_heard(switch, at_a, "party-gone")
                await keys.press("*98")
                await has_heard(switch, at_a, "case-help-arrived")
                (case,) = await switch.get("/cases")
    finally:
        await asyncio.to_thread(switch.stack.postgres.start)
    elder.hang_up()
    await at_a.over()
    await at_b.over()
    await switch.record()
    wanted = ("The case was opened", f"Agent {b.id} was B", "90120", "Help was at the door")

    async def is_told() -> bool:
        told = await switch.get(f"/cases/{case['id']}/timeline")
        sentences = [entry["sentence"] for entry in told["entries"]]
        return all(any(one in sentence for sentence in sentences) for one in wanted)

    await switch.until(is_told, "the whole timeline")
