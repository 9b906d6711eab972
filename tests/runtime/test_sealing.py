"""What lies on the disk is sealed: under which key, what a lost or wrong one costs, and that a
journal under seal is written, repaired, checked and replayed as one in the clear (L2, X07, T18)."""

import base64
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core.codec import (
    MAGIC,
    MAGIC_SEALED,
    DamageError,
    Frame,
    Header,
    decode_frames,
    decode_header,
    encode_header,
)
from acd.core.ids import Node
from acd.runtime.credentials import ConfigurationError
from acd.runtime.journal import Journal, last_ms, opening, replay
from acd.runtime.journal_check import check, repair
from acd.runtime.journal_seal import new_seal
from acd.runtime.sealing import (
    NO_KEYS,
    Key,
    KeyMissing,
    Keys,
    add_key,
    parse_keys,
    read_keys,
)
from acd.runtime.settings import load_settings
from tests.runtime.test_cli import Shell, _clean, shell
from tests.runtime.test_journal import EVENTS, Echo

__all__ = ["_clean", "shell"]

OLD = Key("k1", bytes(range(32)))
NEW = Key("k2", bytes(range(1, 33)))
CALLER = b"02160000001"


def line(name: str, first: int) -> str:
    return f"{name}:{base64.b64encode(bytes(range(first, first + 32))).decode()}"


async def record(folder: Path, keys: Keys, *, started_ms: int = 1000, epoch: int = 7) -> Path:
    journal = Journal(
        folder,
        epoch=epoch,
        node=Node("n1"),
        started_ms=started_ms,
        files_keep=9,
        bytes_max=1_000_000,
        keys=keys,
    )
    core = Echo()
    for number, event in enumerate(EVENTS):
        journal.stepped(2000 + number, event, core.step(2000 + number, event), 0)
    await journal.close()
    return journal.path


async def test_nobody_reads_a_number_in_a_sealed_journal(tmp_path: Path) -> None:
    clear = await record(tmp_path / "clear", NO_KEYS)
    sealed = await record(tmp_path / "sealed", Keys([OLD]))
    assert CALLER in clear.read_bytes()
    assert CALLER not in sealed.read_bytes()
    assert clear.read_bytes().startswith(MAGIC)
    assert sealed.read_bytes().startswith(MAGIC_SEALED)


async def test_a_sealed_journal_is_answered_as_one_in_the_clear(tmp_path: Path) -> None:
    clear = replay(await record(tmp_path / "clear", NO_KEYS), lambda header: Echo())
    path = await record(tmp_path / "sealed", Keys([OLD]))
    seen: list[Frame] = []
    sealed = replay(
        path, lambda header: Echo(), lambda frame, _: seen.append(frame), keys=Keys([OLD])
    )
    assert [frame.event for frame in seen] == list(EVENTS)
    assert (sealed.digest, sealed.torn, sealed.diverged_at) == (clear.digest, None, None)
    assert last_ms(tmp_path / "sealed", Keys([OLD])) == 2003
    found = check(path, Keys([OLD]))
    assert (found.frames, found.last_ms, found.torn_bytes, found.damage) == (4, 2003, 0, None)


async def test_a_new_key_leaves_the_old_ones_to_read_by(tmp_path: Path) -> None:
    first = await record(tmp_path, Keys([OLD]))
    second = await record(tmp_path, Keys([NEW, OLD]), started_ms=1001, epoch=8)
    clear = await record(tmp_path, NO_KEYS, started_ms=1002, epoch=9)
    both = Keys([NEW, OLD])
    seals = [check(path, both).header.seal for path in (first, second, clear)]
    assert [seal and seal.key for seal in seals] == ["k1", "k2", None]
    assert [check(path, both).frames for path in (first, second, clear)] == [4, 4, 4]


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (NO_KEYS, "is sealed under the key 'k1', which we do not have"),
        (Keys([NEW]), "is sealed under the key 'k1', which we do not have"),
        (Keys([Key("k1", bytes(32))]), "was sealed under another key named 'k1' than ours"),
    ],
)
async def test_a_missing_or_wrong_key_is_one_sentence_and_loses_nothing(
    tmp_path: Path, keys: Keys, sentence: str
) -> None:
    path = await record(tmp_path, Keys([OLD]))
    before = path.read_bytes()
    with pytest.raises(KeyMissing, match=sentence):
        check(path, keys)
    with pytest.raises(KeyMissing, match=sentence):
        replay(path, lambda header: Echo(), keys=keys)
    with pytest.raises(KeyMissing, match=sentence):
        last_ms(tmp_path, keys)
    assert path.read_bytes() == before


@pytest.mark.parametrize("lost", [1, 7, 17, 60])
async def test_a_torn_end_is_cut_off_without_the_key(tmp_path: Path, lost: int) -> None:
    path = await record(tmp_path, Keys([OLD]))
    whole = path.read_bytes()
    path.write_bytes(whole[:-lost])
    assert repair(tmp_path) > 0
    found = check(path, Keys([OLD]))
    assert (found.torn_bytes, found.damage) == (0, None)
    assert found.frames == 3
    assert whole.startswith(path.read_bytes())


async def test_what_was_changed_under_the_seal_is_found(tmp_path: Path) -> None:
    """A checksum can be made anew by whoever has the disk; the seal cannot."""
    path = await record(tmp_path, Keys([OLD]))
    data = path.read_bytes()
    header, start = decode_header(data)
    assert header.seal is not None
    opened = opening(header, data[:start], Keys([OLD]), of=path)
    frames = list(decode_frames(data, start, opened))
    assert len(frames) == 4
    for wrong in (
        Header(version="2", core=header.core, epoch=7, node=header.node,
               started_ms=header.started_ms, seal=header.seal),
        Header(version=header.version, core=header.core, epoch=8, node=header.node,
               started_ms=header.started_ms, seal=new_seal(OLD)),
    ):  # fmt: skip
        forged = encode_header(wrong)
        other = opening(wrong, forged, Keys([OLD]), of=path)
        with pytest.raises(DamageError, match="frame 1 is not what was sealed"):
            list(decode_frames(forged + data[start:], len(forged), other))
    swapped = _swapped(data, start)
    with pytest.raises(DamageError, match="frame 1 is not what was sealed"):
        list(decode_frames(swapped, start, opened))


def _swapped(data: bytes, start: int) -> bytes:
    """The first two frames in the other order, each with its own right checksum."""
    ends = [start]
    for _ in range(2):
        ends.append(ends[-1] + 8 + int.from_bytes(data[ends[-1] : ends[-1] + 4], "little"))
    return data[:start] + data[ends[1] : ends[2]] + data[start : ends[1]] + data[ends[2] :]


def test_a_header_of_before_is_read_as_ever() -> None:
    """The header of 0.1.0 had five fields."""
    import struct
    import zlib

    import msgspec

    body = msgspec.msgpack.encode(["0.1.0", "c", 7, "n1", 1000])
    header, _ = decode_header(MAGIC + struct.pack("<II", len(body), zlib.crc32(body)) + body)
    assert (header.epoch, header.started_ms, header.seal) == (7, 1000, None)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("k1", "key 1 should be NAME:KEY"),
        ("k1:short", "key 1 should be NAME:KEY"),
        (f"K1:{line('k', 0)[2:]}", "key 1 should be NAME:KEY"),
        (f"{line('k1', 0)} k2:%%%%", "key 2 should be NAME:KEY"),
        (f"{line('k1', 0)} {line('k1', 1)}", "two keys are named 'k1'"),
    ],
)
def test_what_is_no_key_is_refused_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        parse_keys(text)
    monkeypatch.setenv("HULING_SEALING_KEYS", text)
    with pytest.raises(ConfigurationError, match=why) as refused:
        load_settings()
    assert text not in str(refused.value)
    assert "set (not shown)" in str(refused.value)
    path = tmp_path / "keys"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match=f"{path} is no file of keys: {why}"):
        read_keys(path)


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        keys = parse_keys(text)
    except ValueError:
        return
    assert (keys.sealing is None) == (not text.split())


def test_a_file_of_keys_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    add_key(path, "k1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="may be read by others"):
        read_keys(path)
    with pytest.raises(ConfigurationError, match="may be read by others"):
        add_key(path, "k2")
    with pytest.raises(ConfigurationError, match="does not exist"):
        read_keys(tmp_path / "nowhere")
    empty = tmp_path / "empty"
    empty.touch(0o600)
    with pytest.raises(ConfigurationError, match="holds no key"):
        read_keys(empty)


def test_a_new_key_comes_first_and_the_others_stay(tmp_path: Path, shell: Shell) -> None:
    path = tmp_path / "keys"
    assert shell("key", "new", str(path), "--name", "k1")[0] == 0
    first = read_keys(path).sealing
    assert first is not None
    code, said, _ = shell("key", "new", str(path), "--name", "k2")
    assert (code, "k2 seals from the next start" in said) == (0, True)
    keys = read_keys(path)
    assert keys.sealing is not None and keys.sealing.name == "k2"
    assert keys.find("k1", first.check, of=path).name == "k1"
    before = path.read_bytes()
    code, _, why = shell("key", "new", str(path), "--name", "k2")
    assert (code, "stays as it is: two keys are named 'k2'" in why) == (2, True)
    assert path.read_bytes() == before


async def test_the_commands_read_both_and_name_the_key_that_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: Shell
) -> None:
    keys = tmp_path / "keys"
    keys.write_text(line("k1", 0))
    keys.chmod(0o600)
    folder = load_settings().journal_dir
    sealed = await record(folder, Keys([OLD]))
    await record(folder, NO_KEYS, started_ms=1001, epoch=8)
    code, _, why = shell("journal", "verify")
    assert (code, "is sealed under the key 'k1', which we do not have" in why) == (2, True)
    assert shell("replay", str(sealed))[0] == 2
    monkeypatch.setenv("HULING_SEALING_KEYS_FILE", str(keys))
    code, said, _ = shell("journal", "verify")
    assert code == 0
    assert [line.rpartition(", ")[2] for line in said.splitlines()] == ["key k1", "4 frames"]
    _, said, _ = shell("replay", str(sealed))
    assert said.startswith("events: 4\n"), "another core's, so only the count is as it was"


def test_two_places_for_keys_are_one_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HULING_SEALING_KEYS", line("k1", 0))
    assert load_settings().keys.sealing is not None
    monkeypatch.setenv("HULING_SEALING_KEYS_FILE", str(tmp_path / "keys"))
    with pytest.raises(ConfigurationError, match="are both set"):
        load_settings()
