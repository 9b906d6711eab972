"""A SIPp that fails in the middle of a bench: a sentence with its own words, never half a load."""

import sys
from pathlib import Path

import pytest

from bench.audio import __main__ as audio
from bench.music import __main__ as music
from bench.offer import __main__ as offer
from bench.offer.sipp import CallsFailed, Sipp, SippFailed
from bench.saturation import __main__ as saturation
from servers.steps import Failure

# A SIPp of three lines: says something where SIPp does, and ends as it is told.
_PLAYED = """
import os, signal, sys, time
errors = sys.argv[sys.argv.index("-error_file") + 1]
{body}
"""


def sipp(folder: Path, body: str, name: str = "caller") -> Sipp:
    return Sipp([sys.executable, "-c", _PLAYED.format(body=body)], name=name, folder=folder)


WAITS = "time.sleep(600)"


def test_one_that_is_through_has_nothing_to_say(tmp_path: Path) -> None:
    with sipp(tmp_path, "sys.exit(0)") as callers, sipp(tmp_path, WAITS, "agent") as agents:
        callers.wait(agents)
        agents.must_run()


def test_calls_that_failed_are_told_apart_from_a_sipp_that_did(tmp_path: Path) -> None:
    body = "open(errors, 'w').write('Aborting call on\\n unexpected message'); sys.exit({})"
    with sipp(tmp_path, body.format(1)) as callers, pytest.raises(CallsFailed) as told:
        callers.wait()
    assert str(told.value) == (
        "SIPp (caller) ended with 1 and said: Aborting call on unexpected message"
    )
    with sipp(tmp_path, body.format(255)) as callers, pytest.raises(SippFailed) as worse:
        callers.wait()
    assert not isinstance(worse.value, CallsFailed)


def test_one_that_says_nothing_of_errors_is_quoted_from_its_screen(tmp_path: Path) -> None:
    body = "print('Unable to bind  main socket', flush=True); sys.exit(254)"
    with (
        sipp(tmp_path, body) as callers,
        pytest.raises(SippFailed, match=r"ended with 254 and said: Unable to bind main socket"),
    ):
        callers.wait()


def test_what_the_round_before_said_is_not_said_again(tmp_path: Path) -> None:
    with (
        sipp(tmp_path, "open(errors, 'w').write('old'); sys.exit(1)") as first,
        pytest.raises(CallsFailed, match="old"),
    ):
        first.wait()
    with (
        sipp(tmp_path, "sys.exit(255)") as second,
        pytest.raises(SippFailed, match=r"ended with 255, saying nothing"),
    ):
        second.wait()


def test_telephones_that_die_end_the_wait_for_the_callers(tmp_path: Path) -> None:
    """The callers would wait two minutes for each answer, and their figures be of nothing."""
    with (
        sipp(tmp_path, WAITS) as callers,
        sipp(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)", "agent") as agents,
        pytest.raises(SippFailed, match=r"SIPp \(agent\) was killed by signal 9"),
    ):
        callers.wait(agents)


@pytest.mark.parametrize("bench", [offer, saturation, music, audio])
def test_a_bench_that_ends_before_its_time_says_why_and_prints_no_verdict(
    bench: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise Failure("SIPp (agent) was killed by signal 9, saying nothing.")

    monkeypatch.setattr(bench, "bed", broken)
    monkeypatch.setattr(sys, "argv", ["bench"])
    assert bench.main() == 2  # type: ignore[attr-defined]  # a module with a main
    said = capsys.readouterr()
    assert said.out == ""
    assert "The run ended before its time: SIPp (agent) was killed by signal 9" in said.err
