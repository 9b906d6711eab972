"""Facts on their way to PostgreSQL: in batches, in order, and never in a decision's way.

Facts of about ``LINGER_S`` travel together: one transaction for all of them costs PostgreSQL, and
so Asterisk beside it, far less than one each.  Only what is owed does not linger: the host may be
gone in the next moment.  While PostgreSQL is away they wait and the batch is tried again with
backoff; writing one twice changes nothing.

What happens at the limit: at ``facts_max`` waiting, new facts are given up and counted until half
are gone, so that what is written stays in order and whole at its beginning.  The journal still
has their inputs: ``acd replay FILE --write-records`` writes what is missing.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol, get_args

from acd.adapters.postgres.errors import DatabaseError, NotTheOwner
from acd.core.facts import CaseNoted, Fact, Ignored, ObligationNoted
from acd.runtime.clock import Clock
from acd.runtime.driver import Effect
from acd.runtime.logs import logger
from acd.runtime.shortfall import Shortfall
from acd.runtime.tasks import ended

log = logger(__name__)

LINGER_S = 0.1
BATCH_FACTS_MAX = 1000
BACKOFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)

PROMISES = frozenset({ObligationNoted, CaseNoted})
"""Facts that are somebody's claim on us: they travel at once, and whoever made one may wait for it
(``acd.runtime.pledges``)."""


class Numbering:
    """Gives each fact its number, and says which are kept.

    Every fact uses a number up, so that a replay finds the same ones.  What is merely ignored is
    counted in the metrics and not kept: a storm of digits would else fill the database.
    """

    def __init__(self) -> None:
        self._last = 0

    def of(self, fact: Fact) -> int | None:
        """Return the fact's number, None when it is not kept."""
        self._last += 1
        return None if type(fact) is Ignored else self._last

    def kept(self, effects: Iterable[Effect]) -> Iterator[tuple[int, Fact]]:
        """Yield the facts among a step's effects that are kept, with their numbers."""
        for effect in effects:
            if type(effect) in _FACTS and (number := self.of(effect)) is not None:  # type: ignore[arg-type]
                yield number, effect  # type: ignore[misc]


_FACTS = frozenset(get_args(Fact))


class RecordStore(Protocol):
    """Where facts go."""

    async def write(self, epoch: int, batch: Sequence[tuple[int, Fact]]) -> None:
        """Write facts and their projected rows in one transaction; ``batch`` holds
        (sequence number, fact) in order.  Writing the same (epoch, sequence) again changes
        nothing."""


class Recorder:
    """Numbers facts and hands them to the store; a sink of the driver."""

    def __init__(
        self,
        store: RecordStore,
        clock: Clock,
        *,
        epoch: int,
        facts_max: int,
        shortfall: Shortfall | None = None,
    ) -> None:
        """``shortfall`` is told while the store lacks facts."""
        self._store = store
        self._shortfall = shortfall
        self._is_short = False
        self._clock = clock
        self._epoch = epoch
        self._facts_max = facts_max
        self._waiting: deque[tuple[int, Fact]] = deque()
        self._some = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._task: asyncio.Task[None] | None = None
        self._hurry = False
        self._at_once = asyncio.Event()
        self._pledges: deque[tuple[int, asyncio.Future[bool]]] = deque()
        self.newest_pledge: asyncio.Future[bool] | None = None
        """Of the newest promise: whether PostgreSQL has it, as soon as that is known."""
        self._overflowing = False
        self._numbering = Numbering()
        self.written = 0
        self.given_up = 0
        """Facts that did not fit; the journal has them."""
        self.refused = 0
        """Facts that PostgreSQL will never take: a defect of ours, must stay 0."""
        self.away_since_ms: int | None = None
        self._is_fenced = False

    def __len__(self) -> int:
        return len(self._waiting)

    def lag_ms(self) -> int:
        """Return the age of the oldest fact not yet written, 0 when there is none."""
        return self._clock.now_ms() - self._waiting[0][1].at_ms if self._waiting else 0

    def decided(self, fact: Fact) -> None:
        """Take one fact.  Its number is used up even when it does not fit."""
        number = self._numbering.of(fact)
        if number is None:
            return
        waiting = self._waiting
        if (
            type(fact) not in PROMISES
            and 0 < len(waiting) < self._facts_max
            and not self._is_fenced
            and not self._overflowing
        ):
            waiting.append((number, fact))  # as nearly every fact comes
            return
        if type(fact) in PROMISES:
            self.newest_pledge = asyncio.get_running_loop().create_future()
            self._pledges.append((number, self.newest_pledge))
            self._at_once.set()
        if not self._takes(number, fact):
            self._settle(number, stored=False, alone=True)

    def _takes(self, number: int, fact: Fact) -> bool:
        """Take a fact into the line; tell whether it fits."""
        if self._is_fenced:
            return False
        waiting = self._waiting
        if self._overflowing:
            if len(waiting) > self._facts_max // 2:
                self.given_up += 1
                return False
            self._overflowing = False
            log.warning("Records are written again.", given_up=self.given_up)
        elif len(waiting) >= self._facts_max:
            self._overflowing = True
            self.given_up += 1
            log.error("Records are given up: PostgreSQL is too slow.", waiting=len(waiting))
            return False
        waiting.append((number, fact))
        if len(waiting) == 1:
            self._empty.clear()
            self._some.set()
        return True

    def _settle(self, number: int, *, stored: bool, alone: bool = False) -> None:
        """Say what has become of the promises up to a number, or of that one alone."""
        for promised, pledge in self._pledges:
            if promised > number:
                break
            if (promised == number or not alone) and not pledge.done():
                pledge.set_result(stored)
        while self._pledges and self._pledges[0][1].done():
            self._pledges.popleft()

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="records")

    async def flush(self) -> None:
        """Wait until everything taken so far is written."""
        self._hurry = True
        try:
            await self._empty.wait()
        finally:
            self._hurry = False

    async def stop(self, *, patience_s: float) -> None:
        """Write what is left, for at most ``patience_s``, and end."""
        if self._task is None:
            return
        try:
            async with asyncio.timeout(patience_s):
                await self.flush()
        except TimeoutError:
            log.error("Records are left unwritten; the journal has them.", waiting=len(self))
        await ended([self._task])

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            if not self._hurry:
                await self._linger()
            count = min(len(self._waiting), BATCH_FACTS_MAX)
            if count == len(self._waiting):
                self._at_once.clear()
            batch = list(islice(self._waiting, count))
            await self.write(batch)
            if self._is_fenced:
                self._settle(self._waiting[-1][0], stored=False)
                self._waiting.clear()
            else:
                self._settle(batch[-1][0], stored=True)
                for _ in batch:
                    self._waiting.popleft()
            if not self._waiting:
                await self._caught_up()
            if not self._waiting:
                self._some.clear()
                self._empty.set()

    async def _note_shortfall(self, first: int) -> None:
        if self._shortfall is not None and not self._is_short:
            self._is_short = True
            await asyncio.to_thread(self._shortfall.note, self._epoch, first)

    async def _caught_up(self) -> None:
        """What was given up, or is another's to write, stays noted."""
        if not (self._is_fenced or self.given_up):
            await self._is_whole()

    async def _is_whole(self) -> None:
        if self._shortfall is not None and self._is_short:
            self._is_short = False
            await asyncio.to_thread(self._shortfall.clear)

    async def _linger(self) -> None:
        """Give others the time to come along, as long as nothing is promised."""
        try:
            async with asyncio.timeout(LINGER_S):
                await self._at_once.wait()
        except TimeoutError:
            return

    async def write(self, batch: Sequence[tuple[int, Fact]]) -> None:
        """Return when every fact of the batch is written or refused for good."""
        attempt = 0
        while True:
            try:
                await self._store.write(self._epoch, batch)
            except NotTheOwner as error:
                self._fence(error)
                if attempt <= 1:
                    # What had failed just before was our sessions, which whoever takes over ends.
                    # PostgreSQL was not away, and what we have not written is not lacking.
                    await self._is_whole()
                return
            except Exception as error:
                if _is_about_facts(error):
                    await self._divide(batch, error)
                    return
                if self.away_since_ms is None:
                    self.away_since_ms = self._clock.now_ms()
                    log.warning("PostgreSQL takes no records; they wait.", why=str(error))
                    await self._note_shortfall(batch[0][0])
                await asyncio.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
                attempt += 1
            else:
                if self.away_since_ms is not None:
                    self.away_since_ms = None
                    log.info("PostgreSQL is back; records are written again.")
                self.written += len(batch)
                return

    def _fence(self, error: NotTheOwner) -> None:
        """Another service writes now.  What we have not written it has found out from Asterisk, and
        our journal has it."""
        if not self._is_fenced:
            log.warning("Records are another service's now.", why=str(error), unwritten=len(self))
        self._is_fenced = True

    async def _divide(self, batch: Sequence[tuple[int, Fact]], error: Exception) -> None:
        """One fact that cannot be written must not hold up all the others."""
        if len(batch) > 1:
            middle = len(batch) // 2
            await self.write(batch[:middle])
            await self.write(batch[middle:])
            return
        self.refused += 1
        self._settle(batch[0][0], stored=False, alone=True)
        log.error(
            "PostgreSQL refuses a fact; it is left out.",
            fact=type(batch[0][1]).__name__,
            call_id=getattr(batch[0][1], "call", None),
            exc_info=error,
        )


ABOUT_FACTS = ("21", "22", "23", "54")
"""Classes of SQLSTATE that come again however long one waits: a row meant twice by one statement
(cardinality), which each fact alone does not do; data, constraints; a text that is longer than an
index takes (a limit of the program)."""


def _is_about_facts(error: Exception) -> bool:
    """Tell whether the facts themselves cannot be written, now or ever.

    Everything else, from a lost connection to a full disk, may heal, and is waited for.
    """
    cause = error.__cause__ if isinstance(error, DatabaseError) and error.__cause__ else error
    sqlstate = getattr(cause, "sqlstate", None)
    if sqlstate is not None:
        return str(sqlstate).startswith(ABOUT_FACTS)
    # Ours or asyncpg's own complaint about a value, before anything was sent.
    return isinstance(cause, ValueError | TypeError | LookupError | AttributeError)
