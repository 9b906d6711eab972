"""Files and the environment: whatever stands in them, a person is told in a sentence what is wrong,
or it is taken as it is; no traceback."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from acd.core.codec import Frame, Header, encode_frame, encode_header
from acd.core.events import DigitPressed
from acd.core.ids import LegId, Node
from acd.demo.directory import document
from acd.runtime import journal, journal_check
from acd.runtime.credentials import ConfigurationError, read_secrets
from acd.runtime.directory.check import DirectoryInvalid, cross_check, parse
from acd.runtime.directory.load import tables
from acd.runtime.settings import PREFIX, Settings, load_settings
from tests.fuzz.odd import JSON, NESTED, ODD_TEXT, fuzzed

SMALL: Any = {name: part[:2] for name, part in document().items()}
"""Two of each: what is wrong with the first two hundred is the same."""


def _is_told(path: Path) -> None:
    """The file is taken, or said to be wrong in lines that name it."""
    try:
        found = parse(path)
    except DirectoryInvalid as error:
        told = str(error)
    else:
        cross_check(found, {})
        tables(found)
        return
    assert told.startswith(f"{path}: ")
    assert len(told) < 20_000


# ── The directory ───────────────────────────────────────────────────────────────────────────────


@fuzzed
@given(st.binary() | ODD_TEXT.map(lambda text: text.encode(errors="replace")))
@example(b"queues: &a [*a]")
@example(b"? [1]\n: 2")
@example(b"queues: {a: 2001-13-45}")
@example(b"\xff\xfea\x00")
@example(b"%YAML 9.9\n---\n")
@example(NESTED[0])
def test_a_directory_that_is_none(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "directory.yaml"
    path.write_bytes(data)
    _is_told(path)


def _laughs() -> bytes:
    """Ten lists of ten times the one before: a kilobyte that means ten thousand million words."""
    lines = [b"x0: &x0 [lol]"]
    lines += [b"x%d: &x%d [%s]" % (n, n, b",".join([b"*x%d" % (n - 1)] * 10)) for n in range(1, 11)]
    return b"\n".join([*lines, b"queues: *x10"])


def test_a_small_file_cannot_mean_a_large_one(tmp_path: Path) -> None:
    path = tmp_path / "directory.yaml"
    path.write_bytes(_laughs())
    _is_told(path)


@fuzzed
@given(st.data())
def test_a_directory_with_something_odd_in_it(tmp_path: Path, data: st.DataObject) -> None:
    found = copy.deepcopy(SMALL)
    part: Any = found[data.draw(st.sampled_from(sorted(found)))]
    for _ in range(data.draw(st.integers(0, 3))):
        keys = list(part) if isinstance(part, dict) else list(range(len(part)))
        inner = [key for key in keys if isinstance(part[key], dict | list) and part[key]]
        if not inner:
            break
        part = part[data.draw(st.sampled_from(inner))]
    if isinstance(part, dict):
        part[data.draw(st.sampled_from(sorted(part)) | ODD_TEXT)] = data.draw(JSON)
    else:
        part[data.draw(st.integers(0, len(part) - 1))] = data.draw(JSON)
    path = tmp_path / "directory.yaml"
    path.write_text(json.dumps(found), encoding="utf-8", errors="replace")
    _is_told(path)


# ── The environment ─────────────────────────────────────────────────────────────────────────────

NAMES = [PREFIX + name.upper() for name in Settings.model_fields]
VALUES = ODD_TEXT.filter(str.isprintable)  # an environment holds no NUL
UNKNOWN = VALUES.map(lambda text: f"{PREFIX}{text[:30].replace('=', '')}")


@fuzzed
@given(st.dictionaries(st.sampled_from(NAMES) | UNKNOWN, VALUES, max_size=4))
def test_an_environment_with_something_odd_in_it(values: dict[str, str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        try:
            load_settings()
        except ConfigurationError as error:
            told = str(error)
        else:
            return
    assert PREFIX in told and "\n" not in told


# ── Passwords ───────────────────────────────────────────────────────────────────────────────────


@fuzzed
@given(st.binary() | JSON.map(json.dumps).map(str.encode))
@example(b"\xff")
@example(b'{"ari_password": "\xff"}')
@example(NESTED[1])
def test_passwords_that_are_none(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "secrets.json"
    path.write_bytes(data)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match=r"damaged|has no"):
        read_secrets(path, {})


# ── The journal ─────────────────────────────────────────────────────────────────────────────────

HEADER = Header(version="0", core="0" * 16, epoch=1, node=Node("n1"), started_ms=5)
WHOLE = encode_header(HEADER) + b"".join(
    encode_frame(Frame(seq, 5 + seq, DigitPressed(LegId("n1:hl-1"), "1"), b"d"))
    for seq in range(1, 20)
)


class _Core:
    """Answers nothing."""

    def step(self, now_ms: int, event: object) -> list[object]:
        del now_ms, event
        return []

    def next_deadline(self) -> int | None:
        return None


@fuzzed
@given(st.data())
def test_a_journal_that_is_damaged(tmp_path: Path, data: st.DataObject) -> None:
    """It is read as far as it is whole; what was whole before a repair is so after it."""
    wire = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(wire) - 1))
        wire[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    wire = wire[: data.draw(st.integers(0, len(wire)) | st.just(len(wire)))]
    path = tmp_path / f"000000000000005-000001{journal.SUFFIX}"
    path.write_bytes(wire)
    _read(path)
    try:
        before = journal_check.check(path)
    except ConfigurationError:
        journal_check.repair(tmp_path)
        assert path.read_bytes() == bytes(wire), "what is no journal is left alone"
        return
    journal_check.repair(tmp_path)
    after = journal_check.check(path)
    assert (after.frames, after.damage) == (before.frames, before.damage)
    assert after.torn_bytes == 0


@fuzzed
@given(st.binary() | st.binary().map(lambda rest: WHOLE[:8] + rest))
def test_a_journal_that_is_none(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / f"000000000000005-000001{journal.SUFFIX}"
    path.write_bytes(data)
    _read(path)


def _read(path: Path) -> None:
    assert journal.last_ms(path.parent) >= 0
    try:
        result = journal.replay(path, lambda header: _Core())  # type: ignore[arg-type,return-value]
    except ConfigurationError as error:
        told = str(error)
    else:
        assert result.events <= 19
        return
    assert "is no journal" in told


def test_the_demo_directory_is_taken_as_it_is(tmp_path: Path) -> None:
    """What the odd ones are made from is good."""
    path = tmp_path / "directory.yaml"
    path.write_text(yaml.safe_dump(document(), allow_unicode=True), encoding="utf-8")
    cross_check(parse(path), {})
