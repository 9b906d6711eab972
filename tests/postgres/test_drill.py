"""A drill begins nowhere that a real 110, 119 or 120 could be called from (F39)."""

from pathlib import Path

import pytest

from acd.adapters.postgres.database import Pool
from acd.drill.cast import DrillFailure
from servers.drill import refuse_a_house
from tests.postgres.test_directory_load import DEMO, try_load


async def test_no_drill_is_loaded_over_a_house(
    pool: Pool, database_url: str, tmp_path: Path
) -> None:
    """The directory that stands in the database counts, whatever file the drill brings."""
    await try_load(pool, tmp_path, DEMO)
    await refuse_a_house(database_url)
    await pool.execute(
        "UPDATE rescue_numbers SET kind = 'real', number = '110' WHERE service = 'police'"
    )
    with pytest.raises(DrillFailure, match="has 110 as its real police number"):
        await refuse_a_house(database_url)


async def test_a_database_without_anything_is_nobodys_house(empty_url: str) -> None:
    await refuse_a_house(empty_url)
