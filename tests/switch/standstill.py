"""How long the machine has given this process no turn.

A test that compares the length of a sound with the time that passed has to know: while everything
stands still nothing is said, heard or recorded, and what was to be said comes in a burst behind it,
of which Asterisk keeps a part.
"""

import asyncio

from tests.switch.alongside import Alongside

LOOK_S = 0.05
FELT_S = 0.1
"""Less is the ordinary lateness of a busy loop."""


class Standstill(Alongside):
    """Adds up, while it is open, for how long nothing went on."""

    def __init__(self) -> None:
        self.seconds = 0.0

    async def go_on(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(LOOK_S)
            late_s = loop.time() - before - LOOK_S
            if late_s > FELT_S:
                self.seconds += late_s
