"""Recordings under seal: nothing in the clear in the archive, heard and sought in as ever, checked,
backed up and exported; a missing key costs an answer and no recording (L2, X07, T21)."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.recordings import RecordingState
from acd.desk.archive import Archive
from acd.desk.compression import decompress
from acd.desk.sealed import PIECE_BYTES, Altered, SealedFile, seal
from acd.desk.sealed_answer import BadRange, span
from acd.runtime.sealing import NO_KEYS, Key, KeyMissing, Keys
from tests.desk.office import Office, samples

KEY = Key("k1", bytes(range(32)))
NEXT = Key("k2", bytes(range(1, 33)))
PIECE_ON_DISK = PIECE_BYTES + 16


@pytest.fixture
def sealed(pool: Pool, tmp_path: Path) -> Office:
    return Office(pool, tmp_path, keys=Keys([KEY]))


def written(folder: Path, sound: bytes, *, key: Key = KEY) -> Path:
    path = folder / "n1-1.2.flac.sealed"
    with path.open("wb") as target:
        seal(io.BytesIO(sound), target, key=key, name=path.name)
    return path


def opened(path: Path, keys: Keys | None = None) -> bytes:
    with SealedFile(path, keys or Keys([KEY])) as file:
        return b"".join(file.read(0, file.size))


SIZES = [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 77]


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_is_opened_whole(tmp_path: Path, size: int) -> None:
    sound = (bytes(range(251)) * (size // 251 + 1))[:size]
    path = written(tmp_path, sound)
    with SealedFile(path, Keys([NEXT, KEY])) as file:
        assert file.size == size
    assert opened(path) == sound
    assert sound[:64] == b"" or size < 64 or sound[:64] not in path.read_bytes()


@given(st.integers(0, 4 * PIECE_BYTES), st.integers(0, 4 * PIECE_BYTES))
@settings(max_examples=50)
def test_any_part_of_it_can_be_opened_alone(tmp_path_factory: object, a: int, b: int) -> None:
    sound = bytes(range(251)) * (3 * PIECE_BYTES // 251)
    start, stop = sorted((min(a, len(sound)), min(b, len(sound))))
    folder = tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    with SealedFile(written(folder, sound), Keys([KEY])) as file:
        assert b"".join(file.read(start, stop)) == sound[start:stop]


def test_no_change_goes_unseen(tmp_path: Path) -> None:
    """Cut, turned round, brought from elsewhere or under another name: whoever has the disk."""
    sound = bytes(range(256)) * 1024  # four pieces
    path = written(tmp_path, sound)
    whole = path.read_bytes()
    head, body = whole[:64], whole[64:]
    assert len(body) == 4 * PIECE_ON_DISK
    other = written(tmp_path, sound).read_bytes()
    first, second, rest = (
        body[:PIECE_ON_DISK],
        body[PIECE_ON_DISK : 2 * PIECE_ON_DISK],
        body[2 * PIECE_ON_DISK :],
    )
    flipped = bytearray(whole)
    flipped[100] ^= 1
    for forged in (
        whole[:-PIECE_ON_DISK],
        whole[:-1],
        head + second + first + rest,
        head + other[64 : 64 + PIECE_ON_DISK] + second + rest,
        head[:-1] + bytes([head[-1] ^ 1]) + body,
        bytes(flipped),
        whole + bytes(20),
    ):
        path.write_bytes(forged)
        with pytest.raises(Altered):
            opened(path)
    path.write_bytes(whole)
    moved = path.rename(tmp_path / "n1-1.3.flac.sealed")
    with pytest.raises(Altered):
        opened(moved)


@pytest.mark.parametrize("garbage", [b"", b"HULINGR1", bytes(80), b"fLaC" * 30, b"HULINGR1" * 9])
def test_what_is_no_sealed_file_is_said_so(tmp_path: Path, garbage: bytes) -> None:
    path = tmp_path / "x.flac.sealed"
    path.write_bytes(garbage)
    with pytest.raises((Altered, KeyMissing)):
        opened(path)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("bytes=0-99", (0, 100)),
        ("bytes=100-", (100, 1000)),
        ("bytes=-50", (950, 1000)),
        ("bytes=-5000", (0, 1000)),
        ("bytes=0-5000", (0, 1000)),
        ("bytes=0-1,5-6", None),
        ("bytes=1000-", 416),
        ("bytes=-0", 416),
        ("bytes=9-3", 400),
        ("bytes=-", 400),
        ("lines=1-2", 400),
        ("bytes=٣-٤", 400),
    ],
)
def test_a_range_is_what_rfc_9110_says(asked: str, found: tuple[int, int] | int | None) -> None:
    if isinstance(found, int):
        with pytest.raises(BadRange) as bad:
            span(asked, 1000)
        assert bad.value.status == found
    else:
        assert span(asked, 1000) == found


async def test_a_talk_lies_sealed_and_is_heard_as_it_was(sealed: Office, tmp_path: Path) -> None:
    recording = await sealed.kept(sound=samples(30))
    row = await sealed.row(recording)
    assert row.file == f"2026/03/14/{recording}.flac.sealed"
    path = sealed.archive.path(row.file)
    assert b"fLaC" not in path.read_bytes()
    assert not sealed.archive.raw_path(recording).exists()
    assert [*sealed.archive.folder.rglob("*.*")] == [path], "nothing in the clear beside it"
    async with sealed.client() as client:
        answer = await client.get(f"/recordings/{recording}/audio")
        assert answer.status_code == 200
        whole = answer.content
        assert whole.startswith(b"fLaC") and len(whole) > PIECE_BYTES
        assert answer.headers["content-type"] == "audio/flac"
        for asked, status, part in (
            ("bytes=0-99", 206, whole[:100]),
            ("bytes=65530-65545", 206, whole[65530:65546]),
            ("bytes=-50", 206, whole[-50:]),
        ):
            answer = await client.get(f"/recordings/{recording}/audio", headers={"Range": asked})
            assert (answer.status_code, answer.content) == (status, part)
            assert answer.headers["accept-ranges"] == "bytes"
            assert answer.headers["content-range"].endswith(f"/{len(whole)}")
        answer = await client.get(
            f"/recordings/{recording}/audio", headers={"Range": "bytes=99999999-"}
        )
        assert answer.status_code == 416
        assert answer.headers["content-range"] == f"bytes */{len(whole)}"
    (tmp_path / "heard.flac").write_bytes(whole)
    await decompress(tmp_path / "heard.flac", tmp_path / "heard.raw")
    assert (tmp_path / "heard.raw").read_bytes() == samples(30)
    await decompress(path, tmp_path / "opened.raw", keys=sealed.archive.keys)
    assert (tmp_path / "opened.raw").read_bytes() == samples(30)


async def test_the_nights_check_needs_no_key(sealed: Office) -> None:
    recording = await sealed.kept()
    sealed.archive.keys = NO_KEYS
    assert await sealed.nightly.verify() == {RecordingState.VERIFIED: 1}
    path = sealed.archive.path((await sealed.row(recording)).file or "")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert await sealed.nightly.verify() == {RecordingState.ALTERED: 1}


async def test_keys_change_and_all_is_heard(sealed: Office) -> None:
    """In the clear first, then under a key, then under the next one."""
    sealed.archive.keys = NO_KEYS
    clear = await sealed.kept("call-1")
    sealed.archive.keys = Keys([KEY])
    first = await sealed.kept("call-2")
    sealed.archive.keys = Keys([NEXT, KEY])
    second = await sealed.kept("call-3")
    async with sealed.client() as client:
        for recording in (clear, first, second):
            answer = await client.get(f"/recordings/{recording}/audio")
            assert (answer.status_code, answer.content[:4]) == (200, b"fLaC")


async def test_without_its_key_a_recording_is_refused_and_stays(sealed: Office) -> None:
    recording = await sealed.kept()
    path = sealed.archive.path((await sealed.row(recording)).file or "")
    before = path.read_bytes()
    for keys in (NO_KEYS, Keys([NEXT]), Keys([Key("k1", bytes(32))])):
        sealed.archive.keys = keys
        async with sealed.client() as client:
            answer = await client.get(f"/recordings/{recording}/audio")
        assert answer.status_code == 409
        assert "It is sealed under a key that the desk does not have" in answer.text
    assert path.read_bytes() == before


async def test_an_altered_recording_is_not_played(sealed: Office) -> None:
    recording = await sealed.kept()
    path = sealed.archive.path((await sealed.row(recording)).file or "")
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    async with sealed.client() as client:
        answer = await client.get(f"/recordings/{recording}/audio")
    assert answer.status_code == 404
    assert "Its file is not what was written: restore it from the backup." in answer.text


def test_the_name_in_the_archive_says_whether_it_is_sealed(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    at = datetime(2026, 3, 13, 20, tzinfo=UTC)
    made = Archive(spool=tmp_path, archive=tmp_path, keys=Keys([KEY])).new_file("x", at)
    assert made == "2026/03/14/x.flac.sealed"
