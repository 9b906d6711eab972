"""Every change of the directory is tried, and taken back by itself when the switch is not ready
under it: a file may be valid and not work, with an account that Asterisk refuses, or no trunk left.

Ready means: Asterisk has the phones' and trunks' accounts as this reading has them, and nothing
that calls need is gone.  The last version under which that was so is remembered in PostgreSQL, so
that a service which starts with a bad one finds the way back too.
"""

import asyncio
from collections.abc import Awaitable, Callable

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.directory import Directory
from acd.adapters.postgres.directory_versions import NoSuchVersion, versions
from acd.adapters.postgres.directory_write import StillUsed, roll_back
from acd.adapters.postgres.errors import DatabaseAway, DatabaseRefused
from acd.core.events import ConfigurationRefused, Event
from acd.runtime.configuration_trial import Trial, Verdict, lost
from acd.runtime.logs import logger

log = logger(__name__)

LOOK_S = 1.0
BY = "acd serve"
"""Who takes back, in the list of versions."""


class DirectoryTrial:
    """Watches what the staffing follows; of the service that serves, alone."""

    def __init__(
        self,
        *,
        current: Callable[[], Directory],
        refusal: Callable[[], str | None],
        can_tell: Callable[[], bool],
        good_now: Callable[[int], Awaitable[None]],
        take_back: Callable[[], Awaitable[int | None]],
        put: Callable[[Event], None],
        patience_s: int,
        now_ms: Callable[[], int],
    ) -> None:
        """``refusal`` says why the accounts of ``current`` are not in Asterisk, None when they are;
        ``good_now`` remembers a revision as good; ``take_back`` returns the version gone back to,
        None when there was none other."""
        self._current = current
        self._refusal = refusal
        self._can_tell = can_tell
        self._good_now = good_now
        self._take_back = take_back
        self._put = put
        self._patience_ms = patience_s * 1000
        self._now_ms = now_ms
        self._good: Directory | None = None
        self._tried: Directory | None = None
        self._trial: Trial | None = None
        self._gave_up = False

    async def run(self) -> None:
        """Look for ever.  A database that is away is waited for: the change stays on trial."""
        while True:
            try:
                await self.look()
            except (DatabaseAway, DatabaseRefused) as error:
                log.warning("The directory's trial waits for PostgreSQL.", why=str(error))
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Look once, and do what follows."""
        now, current = self._now_ms(), self._current()
        if self._trial is None or self._tried is not current:
            self._trial, self._tried = Trial(patience_ms=self._patience_ms, now_ms=now), current
        elif self._trial.verdict is not Verdict.OPEN:
            return
        refusal = self._refusal()
        faults = lost(self._good, current) + ([] if refusal is None else [refusal])
        verdict = self._trial.look(now, faults, can_tell=self._can_tell())
        if verdict is Verdict.GOOD:
            self._good, self._gave_up = current, False
            await self._tried_again_if_away(self._good_now(current.revision))
        elif verdict is Verdict.BAD and not self._gave_up:
            await self._tried_again_if_away(self._back(" ".join(faults)))

    async def _tried_again_if_away(self, work: Awaitable[None]) -> None:
        try:
            await work
        except (DatabaseAway, DatabaseRefused):
            self._trial = None  # judged anew when it is back
            raise

    async def _back(self, why: str) -> None:
        # Once until something is good again: if the way back does not help, the directory was not
        # what was wrong, and going to and fro would help nobody.
        self._gave_up = True
        try:
            version = await self._take_back()
        except (NoSuchVersion, StillUsed) as error:
            log.error("The directory cannot be taken back.", why=why, because=str(error))
            return
        if version is None:
            log.error(
                "The switch is not ready under this directory, and no version of it is known that "
                "would be better.",
                why=why,
            )
            return
        self._put(ConfigurationRefused(what="directory", why=why, to_version=version))
        log.error(
            "The switch was not ready under the new directory; it is what it was before.",
            why=why,
            version=version,
        )


async def back_to_ready(pool: Pool) -> int | None:
    """Make the directory what it was when the switch was last ready; return that version, None when
    there is none, or it is what stands.  Raises what ``roll_back`` does."""
    for one in await versions(pool):
        if one.ready_at is not None:
            changes = await roll_back(pool, one.version, by=BY)
            changed = any(change.written or change.removed for change in changes.values())
            return one.version if changed else None
    return None
