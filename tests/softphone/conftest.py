"""The desks of a test with a real softphone stack."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.softphone.desks import Desks
from tests.switch.live import Switch


@pytest.fixture
async def desks(switch: Switch, tmp_path: Path) -> AsyncIterator[Desks]:
    """This test's agents."""
    async with Desks(switch, tmp_path) as made:
        yield made
