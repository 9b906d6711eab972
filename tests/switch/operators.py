"""Two operators at the far ends of the demo directory's trunks, and whoever they reach."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from acd.demo.directory import document
from bench.operators import places_of
from tests.switch import sip
from tests.switch.live import WAIT_S, Switch
from tests.switch.sounding import FRAME_S

SPEECH = b"\x11" * 160
ANSWER = b"\x22" * 160
"""Two A-law packets that cannot be mistaken for each other."""


class Operators(NamedTuple):
    a: sip.Phone
    b: sip.Phone


@asynccontextmanager
async def open_operators(switch: Switch) -> AsyncIterator[Operators]:
    """Listen where both trunks dial to."""
    phones = [sip.Phone(f"operator-{letter}", server=switch.sip_address) for letter in "ab"]
    with switch.quiet.away():
        try:
            for phone, (host, port) in zip(phones, places_of(document()), strict=True):
                await phone.open(host, port)
            await _known(switch, there=True)
            yield Operators(*phones)
        finally:
            for phone in phones:
                _lets_go(phone)
                await phone.closed()


def _lets_go(phone: sip.Phone) -> None:
    """Give every INVITE a last reply: Asterisk repeats one that has none for 32 s, and the next
    test's operator at this place would take it for a call of its own."""
    for call in phone.calls.values():
        if call.invite is not None and call.replied < 200:
            call.reply("487 Request Terminated")


async def deaf(switch: Switch, operators: Operators) -> None:
    """From now on neither answers OPTIONS, and the switch knows."""
    for operator in operators:
        operator.deaf = True
    await _known(switch, there=False)


async def _known(switch: Switch, *, there: bool) -> None:
    """Have Asterisk ask both now, and not within 15 s, and wait until the switch has the answer."""
    for trunk in document()["trunks"]:
        await asyncio.to_thread(switch.stack.cli, f"pjsip qualify {trunk['id']}")

    async def told() -> bool:
        figures = await switch.metrics()
        answers = [
            value
            for name, value in figures.items()
            if name.startswith("huling_trunk_up{") and 'way="answers"' in name
        ]
        return set(answers) == {float(there)}

    await switch.until(told, f"both operators to be held to be {'there' if there else 'away'}")


async def both_ways(one: sip.Call, other: sip.Call) -> None:
    """Send sound both ways until each has heard the other's, from now on."""
    begins = len(one.audio.received), len(other.audio.received)
    for number in range(round(WAIT_S / FRAME_S)):
        one.audio.send(SPEECH, to=one.media_port, number=number)
        other.audio.send(ANSWER, to=other.media_port, number=number)
        await asyncio.sleep(FRAME_S)  # the pace of media
        if (
            ANSWER in one.audio.received[begins[0] :]
            and SPEECH in other.audio.received[begins[1] :]
        ):
            return
    raise AssertionError("no sound came through")


async def invited(operator: sip.Phone, number: str) -> sip.Call:
    """The next call to ``number`` that this operator is to carry."""
    await operator.until(lambda: bool(_new(operator, number)), f"an INVITE to {number}")
    call = _new(operator, number)[0]
    call.sequence = 1
    return call


async def first_asked(
    switch: Switch, operators: Operators, number: str
) -> tuple[sip.Phone, sip.Call, sip.Phone]:
    """The operator that is asked first to carry a call, the call, and the other one.  Which it is
    depends on who has failed of late."""
    asked = await switch.until(
        lambda: [phone for phone in operators if _new(phone, number)], f"an INVITE to {number}"
    )
    first = asked[0]
    other = operators.b if first is operators.a else operators.a
    return first, await invited(first, number), other


def _new(operator: sip.Phone, number: str) -> list[sip.Call]:
    return [
        call
        for call in operator.calls.values()
        if call.invite and not call.sequence and f"sip:{number}@" in call.invite.first
    ]
