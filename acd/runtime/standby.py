"""Waiting for one's turn: the standby reads the lease until its holder renews it no more.

It must see both PostgreSQL and Asterisk for as long as it judges: whoever cannot see the lease
knows nothing of its holder, and whoever cannot reach Asterisk could not serve.  After either was
away the holder has a whole lease's time again to be heard of.
"""

import asyncio

from acd.adapters.asterisk import AsteriskError, AsteriskNodes
from acd.adapters.postgres.errors import DatabaseAway
from acd.adapters.postgres.lease import Lease, PostgresLease
from acd.runtime.logs import logger
from acd.runtime.ownership import ANSWER_S, LEASE_S
from acd.runtime.role import Role

log = logger(__name__)

LOOK_S = 0.25


class Watch:
    """Judges a lease by what was read of it, and by our own clock alone."""

    def __init__(self) -> None:
        self._seen: tuple[int, int] | None = None
        self._since_s = 0.0

    def is_free(self, lease: Lease | None, now_s: float) -> bool:
        """Take one reading; tell whether the lease may be taken."""
        if lease is None or lease.released:
            return True
        now = lease.epoch, lease.renewals
        if now != self._seen:
            self._seen, self._since_s = now, now_s
        return now_s - self._since_s >= LEASE_S

    def blind(self) -> None:
        """Nothing could be read: what was seen before says nothing of now."""
        self._seen = None


async def turn(lease: PostgresLease, node: AsteriskNodes, role: Role) -> Lease | None:
    """Wait until the lease may be taken, and return it as it was read.  Raises DatabaseRefused."""
    watch = Watch()
    loop = asyncio.get_running_loop()
    while True:
        try:
            found = await lease.read()
            async with asyncio.timeout(ANSWER_S):
                await node.still_ours()
        except (AsteriskError, DatabaseAway, TimeoutError) as error:
            watch.blind()
            role.stands_by(None, str(error) or "Asterisk does not answer.")
        else:
            if watch.is_free(found, loop.time()):
                return found
            assert found is not None
            role.stands_by(found.address)
        await asyncio.sleep(LOOK_S)
