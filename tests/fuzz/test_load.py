"""What the directory file's model lets through, PostgreSQL takes too; or a person is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import DatabaseRefused, translated
from acd.demo.directory import document
from acd.runtime.directory.check import DirectoryInvalid
from acd.runtime.directory.load import load

ODD = {
    "a NUL in a name": ("elders", "name", "王\x00", "NUL"),
    "half a character": ("elders", "name", "王\ud800", "line 1, column"),
    "a distance beyond the earth": ("contacts", "distance_m", 10**30, "distance_m"),
    "a reply in an age": ("treatment", "reply_within_ms", 10**30, "reply_within_ms"),
    "born before anybody": ("elders", "born", "0001-01-01", "born"),
    "born after everybody": ("elders", "born", "9999-12-31", "born"),
}


@pytest.mark.parametrize("what", ODD)
async def test_what_cannot_be_kept_is_told(what: str, pool: Pool, tmp_path: Path) -> None:
    where, key, value, told = ODD[what]
    found = document()
    with_contacts = next(one for one in found["elders"] if one.get("contacts"))
    part: dict[str, Any] = {
        "elders": found["elders"][0],
        "contacts": with_contacts["contacts"][0],
        "treatment": found["queues"][0].setdefault("treatment", {}),
    }[where]
    part[key] = value
    path = tmp_path / "directory.yaml"
    path.write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(DirectoryInvalid, match=told):
        await load(path, pool)
    assert await pool.fetchval("SELECT count(*) FROM elders") == 0


async def test_what_postgresql_says_of_a_row_names_nobody(pool: Pool) -> None:
    """X09: its second line repeats the row, and an error ends in a log."""
    with pytest.raises(DatabaseRefused) as refused, translated("postgresql://h/d"):
        await pool.execute("INSERT INTO skills (id, name) VALUES ('a', '王秀英'), ('a', '王秀英')")
    assert "duplicate key" in str(refused.value)
    assert "DETAIL" not in str(refused.value) and "王" not in str(refused.value)
