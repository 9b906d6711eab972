"""Whether a node that we cannot command is dead, or merely not to be heard.

A dead one's calls are over; one that lives goes on with them by itself.  So this is said late
rather than wrongly: at once only when its machine says that nobody listens at either port, and
otherwise after a minute without a sign of it.
"""

import asyncio
from collections.abc import Sequence

PROBE_SECONDS = 1.0
"""Between two questions, and how long the answer to one may take."""

REFUSED_MAX = 3
"""So often in a row both ports have refused: a listener that is just starting again is there."""

SILENT_SECONDS = 60.0
"""Whoever has not been heard of for so long is taken for dead."""

Address = tuple[str, int]


async def until_dead(addresses: Sequence[Address], *, started: bool) -> None:
    """Return when whoever listens at these addresses is dead.  One that has never been heard of
    (not ``started``) is so too when it has been there for a minute without being of use to us."""
    loop = asyncio.get_running_loop()
    silent_since = loop.time()
    refused = 0
    while refused < REFUSED_MAX and loop.time() - silent_since < SILENT_SECONDS:
        await asyncio.sleep(PROBE_SECONDS)
        found = await asyncio.gather(*(_probe(address) for address in addresses))
        refused = refused + 1 if all(one is False for one in found) else 0
        if started and any(found):
            silent_since = loop.time()


async def _probe(address: Address) -> bool | None:
    """Tell whether somebody listens; None when there is no answer at all."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            _, writer = await asyncio.open_connection(*address)
    except ConnectionRefusedError:
        return False
    except (OSError, TimeoutError):
        return None
    writer.transport.abort()
    return True
