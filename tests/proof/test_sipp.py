"""SIPp is found, its lines are read, and its end is noticed."""

import stat
import time
from pathlib import Path

import pytest

from acd.proof.sipp import Sipp, SippMissing, command_in_root, find_sipp, parse_event, write_csv

LINE = (
    "huling|invite_received|3|1558872e@host|2026-01-31\t13:45:00.250000\t1769867100.250000"
    "|user=a8099|number=021|ip=127.0.0.1|port="
)


def script(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_line_becomes_an_event() -> None:
    event = parse_event(LINE + "\n")
    assert event is not None
    assert (event.name, event.call_number, event.call_id) == ("invite_received", 3, "1558872e@host")
    assert event.at_ms == 1769867100250.0
    assert event.fields == {"user": "a8099", "number": "021", "ip": "127.0.0.1", "port": ""}


@pytest.mark.parametrize("line", ["", "something else", "hulings|x", "The following events:"])
def test_lines_of_others_are_passed_over(line: str) -> None:
    assert parse_event(line) is None


@pytest.mark.parametrize(
    "line", ["huling|x", "huling|x|no number|id|2026-01-31\t13:45:00.2", "huling|x|1|id|yesterday"]
)
def test_a_broken_line_of_ours_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_event(line)


def test_an_injection_file_has_one_line_per_row(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "calls.csv", [("021", 16000), ("022", 16002)])
    assert path.read_text("utf-8") == "SEQUENTIAL\n021;16000\n022;16002\n"
    with pytest.raises(ValueError, match="cannot hold"):
        write_csv(path, [("a;b",)])


def test_a_named_sipp_must_exist_and_be_new_enough(tmp_path: Path) -> None:
    with pytest.raises(SippMissing, match="HULING_SIPP names /nowhere/sipp"):
        find_sipp("/nowhere/sipp")
    old = script(tmp_path / "old", "echo ' SIPp v3.6.1-TLS-PCAP.'; exit 99")
    with pytest.raises(SippMissing, match=r"is SIPp 3\.6, 3\.8 is needed"):
        find_sipp(str(old))
    new = script(tmp_path / "new", "echo ' SIPp v3.10.0.'; exit 99")
    assert find_sipp(str(new)) == [str(new)]


def test_a_host_without_sipp_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SippMissing, match="set HULING_SIPP"):
        find_sipp()
    with pytest.raises(SippMissing, match="no usr/bin/sipp"):
        find_sipp(root=tmp_path)


def test_a_program_of_a_root_that_is_no_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / "program").write_bytes(b"not a program" * 10)
    with pytest.raises(SippMissing, match="not a 64-bit Linux program"):
        command_in_root(tmp_path, "program")


def run_to_end(sipp: Sipp) -> list[str]:
    """The names of everything logged until the process is gone."""
    names: list[str] = []
    deadline = time.monotonic() + 60
    while not sipp.ended:
        assert time.monotonic() < deadline
        names += [event.name for event in sipp.events()]
    return names + [event.name for event in sipp.events()]


def start(tmp_path: Path, body: str) -> Sipp:
    # A stand-in that only takes the options: finds the pipe behind -log_file.
    find_pipe = 'while [ "$1" != -log_file ]; do shift; done; pipe="$2"'
    command = script(tmp_path / "stand-in", f"{find_pipe}\n{body}")
    return Sipp(
        [str(command)], tmp_path, "test", scenario=tmp_path / "x.xml", host="127.0.0.1",
        remote=("127.0.0.1", 5060),
    )  # fmt: skip


def test_lines_arrive_through_the_pipe_even_in_halves(tmp_path: Path) -> None:
    stamp = "2026-01-31\t13:45:00.25"
    sipp = start(
        tmp_path,
        f"printf 'huling|one|1|id|{stamp}\\nhuling|tw' > \"$pipe\"\n"
        f"printf 'o|1|id|{stamp}\\nnot ours\\n' > \"$pipe\"",
    )
    try:
        assert run_to_end(sipp) == ["one", "two"]
        assert sipp.problem() is None
    finally:
        sipp.stop()
    assert "not ours" in (tmp_path / "test.log").read_text("utf-8")
    assert not (tmp_path / "test.pipe").exists()


def test_a_failed_process_is_quoted(tmp_path: Path) -> None:
    sipp = start(tmp_path, "echo 'Unable to bind main socket' >&2; exit 254")
    try:
        run_to_end(sipp)
        problem = sipp.problem()
    finally:
        sipp.stop()
    assert problem == "SIPp test ended with 254: Unable to bind main socket"


def test_a_process_that_was_killed_is_said_to_be_so(tmp_path: Path) -> None:
    """It was quoted with whatever it had last said, which had nothing to do with its end."""
    sipp = start(tmp_path, "echo 'Resolving remote host... Done.'; kill -9 $$")
    try:
        run_to_end(sipp)
        problem = sipp.problem()
    finally:
        sipp.stop()
    assert problem == "SIPp test was killed by signal 9"


def test_a_process_that_ignores_the_polite_end_is_ended(tmp_path: Path) -> None:
    sipp = start(tmp_path, "trap '' TERM; echo ready > \"$pipe\"; exec tail -f /dev/null")
    deadline = time.monotonic() + 60
    while "ready" not in (tmp_path / "test.log").read_text("utf-8"):
        assert time.monotonic() < deadline
        sipp.events()
    sipp.stop(patience_s=0.1)
    assert sipp.ended
