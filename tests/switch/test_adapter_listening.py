"""A terminal at a real Asterisk and the process that listens: what the leg gives is told rightly,
soon, and again after everything that can end has ended (E33, T28)."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random

import numpy as np
import pytest

from acd.adapters.listening import Listener
from acd.adapters.listening.messages import Setup
from acd.core.commands import AnswerLeg, KeepCaller, ListenTo, StopListening
from acd.core.events import CallerHeard, CommandFailed, Heard, LegGone
from acd.core.ids import LegId
from bench.silence import sounds
from bench.silence.voices import Speaker, utterances
from servers.asterisk import Asterisk
from servers.stack import Stack
from tests.switch.adapter import CALL, NODE, Desk, open_desk
from tests.switch.sip import Call
from tests.switch.sounding import QUIET, Sounding, alaw

LABEL_S_MAX = 10.0
"""From the first sound of a word to the label on a busy machine; it takes 0.9 to 1.5 s on a free
one: three quarters of a second of word, and the next look a fifth of a second later."""


@pytest.fixture(scope="module")
def word() -> list[bytes]:
    """An old man who says something, at -22 dBFS, over the noise of his room."""
    who = Speaker(language="cmn", variant="m4", words_per_minute=130, pitch=35)
    said = np.concatenate(utterances(who, "judged")[:4])
    room = sounds.noise(Random(1), len(said), tilt=3, low_hz=100, high_hz=3400)
    return alaw(sounds.level(said, -22) + sounds.level(room, -60))


@pytest.fixture(scope="module")
def breath() -> list[bytes]:
    rng = Random(2)
    return alaw(sounds.level(sounds.breathing(rng, 8_000 * 12), -32))


@pytest.fixture
async def desk(stack: Stack, asterisk: Asterisk) -> AsyncIterator[Desk]:
    async with open_desk(stack) as opened:
        yield opened


@asynccontextmanager
async def listening(desk: Desk, *, legs_max: int = 4) -> AsyncIterator[Listener]:
    setup = Setup(desk.stack.settings.ari_address, "acd", desk.stack.secrets.ari_password)
    listener = Listener(setup, desk.inbox, node=NODE, legs_max=legs_max)
    listener.start()
    try:
        await there(desk, listener)
        yield listener
    finally:
        await listener.stop()
    await until(lambda: no_copies(desk), "no copies")


async def every(desk: Desk, what: str) -> list[dict[str, str]]:
    found = await desk.ari("GET", f"/{what}")
    assert isinstance(found, list)
    return found


async def until(look: Callable[[], Awaitable[bool]], what: str, seconds: float = 60.0) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not await look():  # noqa: ASYNC110 (Asterisk is asked; it tells nothing)
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"waited in vain for {what}") from None


async def no_copies(desk: Desk) -> bool:
    left = [one["id"] for one in await every(desk, "channels") + await every(desk, "bridges")]
    return not any(one.startswith("ear-") for one in left)


async def there(desk: Desk, listener: Listener) -> None:
    async def ready() -> bool:
        return listener.ready

    await until(ready, f"the listener; counted {desk.inbox.counts}")


async def caller(desk: Desk) -> tuple[Call, LegId]:
    call, leg = await desk.arrival()
    await desk.switch.perform(KeepCaller(CALL, leg))
    await desk.switch.perform(AnswerLeg(CALL, leg))
    await call.answered()
    return call, leg


async def gives(desk: Desk, leg: LegId, heard: Heard, *, since: int = 0) -> CallerHeard:
    return await desk.inbox.wait(
        CallerHeard, lambda one: one == CallerHeard(leg, heard), since=since
    )


async def test_each_kind_of_terminal_is_told_as_what_it_is(
    desk: Desk, word: list[bytes], breath: list[bytes], record_property: Callable[..., None]
) -> None:
    """Silent, speaking, breathing, without a packet; each change once."""
    call, leg = await caller(desk)
    async with Sounding(call) as mouth:
        async with listening(desk) as listener:
            await listener.perform(ListenTo(CALL, leg))
            await gives(desk, leg, Heard.SILENCE)

            mark, begun = desk.inbox.mark(), time.monotonic()
            mouth.play(word)
            await gives(desk, leg, Heard.SPEECH, since=mark)
            latency_s = time.monotonic() - begun
            record_property("label_latency_s", round(latency_s, 2))
            print(f"speech is told {latency_s:.2f} s after its first sound")
            assert latency_s < LABEL_S_MAX
            mouth.play([])
            await gives(desk, leg, Heard.SILENCE, since=mark)

            mark = desk.inbox.mark()
            mouth.play(breath)
            await gives(desk, leg, Heard.SOUND, since=mark)
            mouth.play([])
            await gives(desk, leg, Heard.SILENCE, since=mark)
            assert CallerHeard(leg, Heard.SPEECH) not in desk.inbox.heard[mark:]

            mark = desk.inbox.mark()
            mouth.idle = None
            await gives(desk, leg, Heard.NO_RTP, since=mark)
            mouth.idle = QUIET
            await gives(desk, leg, Heard.SILENCE, since=mark)
        labels = [one.heard for one in desk.inbox.all(CallerHeard)]
        assert all(one is not other for one, other in itertools.pairwise(labels)), labels


async def test_a_telephone_that_sends_nothing_while_it_is_quiet_is_heard_when_it_speaks(
    desk: Desk, word: list[bytes]
) -> None:
    """Discontinuous transmission: no packets, a word, no packets again; the line stays."""
    async with listening(desk) as listener:
        call, leg = await caller(desk)
        async with Sounding(call, idle=None) as mouth:
            await listener.perform(ListenTo(CALL, leg))
            await gives(desk, leg, Heard.NO_RTP)
            mark = desk.inbox.mark()
            mouth.play(word)
            await gives(desk, leg, Heard.SPEECH, since=mark)
            await gives(desk, leg, Heard.NO_RTP, since=mark)
        assert not call.ended
        assert not desk.inbox.all(LegGone)
        call.hang_up()
        await desk.inbox.wait(LegGone)


async def test_it_is_heard_again_after_the_process_was_killed_and_not_after_it_was_told_to_stop(
    desk: Desk, word: list[bytes]
) -> None:
    """A killed process leaves copies in Asterisk: the next takes them away and makes its own."""
    async with listening(desk) as listener:
        call, leg = await caller(desk)
        async with Sounding(call) as mouth:
            await listener.perform(ListenTo(CALL, leg))
            await gives(desk, leg, Heard.SILENCE)
            mark = desk.inbox.mark()
            killed = listener.kill()
            assert killed

            async def back() -> bool:
                return listener.ready and listener.starts == 2

            await until(back, "the second process")
            await gives(desk, leg, Heard.SILENCE, since=mark)
            mouth.play(word)
            await gives(desk, leg, Heard.SPEECH, since=mark)
            assert not call.ended

            await listener.perform(StopListening(CALL, leg))

            await until(lambda: no_copies(desk), "no copies")
            assert listener.legs == 0


async def test_at_the_limit_a_leg_is_refused_in_words_and_its_call_goes_on(desk: Desk) -> None:
    async with listening(desk, legs_max=1) as listener:
        first, leg = await caller(desk)
        second, other = await caller(desk)
        async with Sounding(first), Sounding(second):
            await listener.perform(ListenTo(CALL, leg))
            await listener.perform(ListenTo(CALL, other))
            refused = await desk.inbox.wait(CommandFailed)
            assert refused.leg == other
            assert "HULING_LISTENING_LEGS_MAX" in refused.reason
            await gives(desk, leg, Heard.SILENCE)
            first.hang_up()
            await desk.inbox.wait(LegGone)
            assert not second.ended
