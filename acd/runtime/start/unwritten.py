"""What the last life had decided and PostgreSQL never got, being away when that life ended.

Its journal has it, and it is written before anything is remembered: whoever called, gave up and was
owed a call in that time would be unknown (K04).
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from acd.adapters.postgres.records import PostgresRecords
from acd.core.codec import Frame
from acd.core.facts import Fact
from acd.runtime.credentials import ConfigurationError
from acd.runtime.driver import Effect
from acd.runtime.journal import core_of, journal_of, replay
from acd.runtime.logs import logger
from acd.runtime.records import BATCH_FACTS_MAX, Numbering, Recorder
from acd.runtime.role import Role
from acd.runtime.sealing import Keys
from acd.runtime.settings import Settings
from acd.runtime.shortfall import Shortfall
from acd.runtime.start.parts import Owned, Prepared

log = logger(__name__)

BYTES_MAX = 8 << 20
"""Of a journal that callers wait for: some 5 s on a busy machine (12,000 decisions a second)."""

LEFT = "PostgreSQL lacks what a life of before decided: `acd replay FILE --write-records`."


async def write_unwritten(settings: Settings, role: Role, prepared: Prepared, owned: Owned) -> None:
    """Write what is lacking of the life before this one.  What cannot be is left to a person."""
    shortfall = Shortfall(settings.journal_dir)
    lacking = shortfall.read()
    if lacking is None:
        return
    role.starts("What PostgreSQL lacks of the last life is being written.")
    epoch, first = lacking
    try:
        if epoch != owned.heard_epoch:
            raise ConfigurationError("another service has served since")
        facts = await asyncio.to_thread(_decided, settings.journal_dir, epoch, first, settings.keys)
    except ConfigurationError as error:
        log.error(LEFT, epoch=epoch, why=str(error))
    except Exception:
        # What one life cannot decide again must not keep the next from answering: a start that
        # fails here would fail each time.
        log.exception(LEFT, epoch=epoch, why="a defect")
    else:
        database = prepared.database
        store = PostgresRecords(database.pool, place=database.dsn)
        recorder = Recorder(
            store, prepared.clock, epoch=epoch, facts_max=settings.records_facts_max
        )
        for start in range(0, len(facts), BATCH_FACTS_MAX):
            await recorder.write(facts[start : start + BATCH_FACTS_MAX])
        log.warning("PostgreSQL lacked what the last life decided at its end; it is written now.",
                    epoch=epoch, facts=len(facts))  # fmt: skip
    shortfall.clear()


def _decided(folder: Path, epoch: int, first: int, keys: Keys) -> list[tuple[int, Fact]]:
    """Return the facts of a life from this one on, with their numbers.  Raises
    ConfigurationError."""
    path = journal_of(folder, epoch)
    if path is None:
        raise ConfigurationError("its journal is gone")
    if path.stat().st_size > BYTES_MAX:
        raise ConfigurationError(f"{path.name} is too large to be waited for")
    numbering = Numbering()
    facts: list[tuple[int, Fact]] = []

    def each(_: Frame, effects: Sequence[Effect]) -> None:
        facts.extend(one for one in numbering.kept(effects) if one[0] >= first)

    result = replay(path, core_of, each, keys=keys)
    if result.diverged_at is not None:
        raise ConfigurationError(f"{path.name} was written by a version that decides otherwise")
    return facts
