"""The Python environment, when making it is broken off, or two make it at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from servers import bootstrap
from servers.steps import Refusal
from servers.waiting import wait_until


@pytest.fixture
def stamp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment that is as wanted."""
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "wanted", lambda: "one")
    found = tmp_path / "huling.stamp"
    found.write_text("one")
    return found


def test_one_that_was_broken_off_is_not_taken_for_the_one_before(
    stamp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while another commit's packages were installed, and back to this one: the stamp of
    before said that all was well."""

    def killed() -> None:
        raise KeyboardInterrupt

    installed: list[str] = []
    with monkeypatch.context() as other:
        other.setattr(bootstrap, "wanted", lambda: "two")
        other.setattr(bootstrap, "install", killed)
        with pytest.raises(KeyboardInterrupt):
            bootstrap.main([])
    monkeypatch.setattr(bootstrap, "install", lambda: installed.append("one"))
    assert bootstrap.main([]) == 0
    assert (installed, stamp.read_text()) == (["one"], "one")


def test_a_second_run_waits_and_takes_the_firsts_work(
    stamp: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Two commands in two terminals of a fresh checkout."""
    stamp.unlink()
    installing, may_end = threading.Event(), threading.Event()
    installed: list[str] = []

    def install() -> None:
        installed.append("one")
        installing.set()
        assert may_end.wait(60)

    monkeypatch.setattr(bootstrap, "install", install)
    codes: list[int] = []
    runs = [threading.Thread(target=lambda: codes.append(bootstrap.main([]))) for _ in range(2)]
    runs[0].start()
    assert installing.wait(60)
    runs[1].start()
    said: list[str] = []

    def waits() -> bool:
        said.append(capfd.readouterr().out)
        return "waiting for it" in "".join(said)

    wait_until(waits, seconds=60, what="the second run to wait")
    may_end.set()
    for run in runs:
        run.join(60)
    assert (codes, installed) == ([0, 0], ["one"])


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (Refusal("pip could not."), "pip could not."),
    ],
)
def test_a_disk_that_is_full_is_told_in_a_sentence(
    stamp: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    problem: Exception,
    told: str,
) -> None:
    stamp.unlink()

    def install() -> None:
        raise problem

    monkeypatch.setattr(bootstrap, "install", install)
    assert bootstrap.main([]) == 2
    assert told in capsys.readouterr().out
    assert not stamp.exists()
