"""`make bench-listening`: what it costs to listen to callers on the real Asterisk.

So many terminals send audio; they are listened to one by one, and CPU is read before and during.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

from acd.adapters.listening import Listener
from acd.adapters.listening.messages import Setup
from acd.core.commands import AnswerLeg, ListenTo
from acd.core.events import CallerHeard
from acd.core.ids import LegId
from bench.silence import sounds
from servers.settings import load
from servers.stack import Stack
from tests.switch.adapter import CALL, NODE, Desk, open_desk
from tests.switch.sip import Call
from tests.switch.sounding import Sounding, alaw

WORKER_MS_MAX = 4.0
"""Per second and leg: the judgement, two sockets, and what a busy machine adds."""


def main() -> int:
    """Measure, print one line of JSON; exit code 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.listening", description=__doc__)
    parser.add_argument("--legs", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="huling-bench-") as name:
        settings = load().model_copy(update={"run_dir": Path(name) / "run"})
        with Stack(settings, {"asterisk"}, quiet=True) as stack:
            return asyncio.run(_measure(stack, given.legs, given.seconds))


async def _measure(stack: Stack, legs: int, seconds: float) -> int:
    async with AsyncExitStack() as ends:
        desk = await ends.enter_async_context(open_desk(stack))
        calls = [await _caller(desk) for _ in range(legs)]
        breath = alaw(sounds.level(sounds.breathing(Random(1), 8_000 * 60), -35))
        for call, _ in calls:
            mouth = await ends.enter_async_context(Sounding(call))
            mouth.play(breath)
        setup = Setup(stack.settings.ari_address, "acd", stack.secrets.ari_password)
        listener = Listener(setup, desk.inbox, node=NODE, legs_max=legs)
        listener.start()
        ends.push_async_callback(listener.stop)
        while not listener.ready:  # noqa: ASYNC110 (it tells nobody)
            await asyncio.sleep(0.05)
        without = await _cpu(stack, listener, seconds)
        for _, leg in calls:
            await listener.perform(ListenTo(CALL, leg))
        heard = await _all_heard(desk, [leg for _, leg in calls])
        with_ = await _cpu(stack, listener, seconds)
    asterisk = (with_[0] - without[0]) / legs
    worker = (with_[1] - without[1]) / legs
    print(
        json.dumps(
            {
                "legs": legs,
                "asterisk_ms_per_leg_s": round(asterisk, 2),
                "worker_ms_per_leg_s": round(worker, 2),
                "first_label_s": round(heard, 2),
            }
        )
    )
    return int(worker > WORKER_MS_MAX)


async def _caller(desk: Desk) -> tuple[Call, LegId]:
    call, leg = await desk.arrival()
    await desk.switch.perform(AnswerLeg(CALL, leg))
    return await call.answered(), leg


async def _all_heard(desk: Desk, legs: Sequence[LegId]) -> float:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for leg in legs:
        await desk.inbox.wait(CallerHeard, lambda one, leg=leg: one.leg == leg)  # type: ignore[misc]
    return loop.time() - begun


async def _cpu(stack: Stack, listener: Listener, seconds: float) -> tuple[float, float]:
    """CPU ms per second of Asterisk and of the process that listens."""
    before = stack.cpu_ms("asterisk"), _used_ms(listener)
    await asyncio.sleep(seconds)
    after = stack.cpu_ms("asterisk"), _used_ms(listener)
    return (after[0] - before[0]) / seconds, (after[1] - before[1]) / seconds


def _used_ms(listener: Listener) -> int:
    fields = Path(f"/proc/{listener.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 // os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
