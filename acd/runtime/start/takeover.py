"""The switch becomes ours: the lease with its epoch, and what a life writes into."""

from contextlib import AsyncExitStack

from acd.adapters.asterisk import Gate, GateState
from acd.adapters.postgres.lease import Lease
from acd.runtime import standby
from acd.runtime.api.requests import Requests
from acd.runtime.journal import Journal
from acd.runtime.logs import logger
from acd.runtime.ownership import Ownership
from acd.runtime.pledges import Acknowledgements
from acd.runtime.records import Recorder
from acd.runtime.role import Role
from acd.runtime.settings import Settings
from acd.runtime.shortfall import Shortfall
from acd.runtime.start.parts import Owned, Prepared
from acd.runtime.start.preparation import DATABASE_AWAY
from acd.runtime.tasks import either, retried

log = logger(__name__)

RECORDS_END_S = 10.0
RECORDS_LOST_S = 0.5
"""A life that has lost the switch has nothing to wait for: its records are another's."""


async def take_over(
    settings: Settings, stack: AsyncExitStack, role: Role, prepared: Prepared, *, waits: bool
) -> Owned:
    """Take the switch over, and open what a life writes into."""
    clock = prepared.clock
    epoch, before = await _have_the_lease(prepared, role, waits=waits)
    ownership = Ownership(prepared.database.lease, prepared.gate, prepared.node, clock, epoch=epoch)
    stack.push_async_callback(ownership.stop)
    ownership.start()
    journal = Journal(
        settings.journal_dir,
        epoch=epoch,
        node=prepared.known.all[0].node,
        started_ms=clock.now_ms(),
        files_keep=settings.journal_files_keep,
        bytes_max=settings.journal_bytes_max,
        keys=settings.keys,
    )
    stack.push_async_callback(journal.close)
    recorder = Recorder(
        prepared.database.records,
        clock,
        epoch=epoch,
        facts_max=settings.records_facts_max,
        shortfall=Shortfall(settings.journal_dir),
    )
    requests = Requests(prepared.inbox.put, epoch=epoch)
    pledges = Acknowledgements(recorder, journal.synced, requests.resolve)
    stack.push_async_callback(pledges.stop)
    stack.push_async_callback(lambda: _recorded(recorder, prepared.gate))
    return Owned(
        epoch=epoch,
        heard_ms=0 if before is None else before.seen_ms,
        heard_epoch=0 if before is None else before.epoch,
        ownership=ownership,
        journal=journal,
        recorder=recorder,
        requests=requests,
        pledges=pledges,
    )


async def _have_the_lease(
    prepared: Prepared, role: Role, *, waits: bool
) -> tuple[int, Lease | None]:
    """Have the lease; return our epoch, and the lease as its last holder left it, if it had one."""
    lease, records, clock = prepared.database.lease, prepared.database.records, prepared.clock

    async def once() -> tuple[int, Lease | None] | None:
        if waits:
            before = await either(standby.turn(lease, prepared.node, role), prepared.tasks.failed)
        else:
            before = await lease.read()
        epoch = await records.next_epoch()
        if before is not None:
            clock.go_on_from(before.seen_ms)
        if not await lease.take(epoch, now_ms=clock.now_ms(), over=before if waits else None):
            return None
        if waits and before is not None and not before.released:
            role.takeovers += 1
            log.warning("The switch is taken over.", after=before.address, epoch=epoch)
        return epoch, before

    while (taken := await retried(DATABASE_AWAY, once)) is None:
        pass  # another standby was quicker; it is waited for like any other
    return taken


async def _recorded(recorder: Recorder, gate: Gate) -> None:
    """Write what is left, or find out that it is another's to write."""
    lost = gate.state is GateState.LOST
    await recorder.stop(patience_s=RECORDS_LOST_S if lost else RECORDS_END_S)
