"""An office for each test: a database and folders of its own."""

from pathlib import Path

import pytest

from acd.adapters.postgres.database import Pool
from tests.desk.office import Office


@pytest.fixture
def office(pool: Pool, tmp_path: Path) -> Office:
    return Office(pool, tmp_path)
