"""What a run leaves behind: its JSON file, its page, and what a comparison of two says."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from bench.compare import main
from bench.results.comparison import Different, compare, differences_of_settings
from bench.results.model import (
    QUIET_LOAD,
    Figure,
    Line,
    Plot,
    Result,
    Unreadable,
    finish,
    path_of,
    read,
    write,
)
from bench.results.page import number, rendered
from bench.results.report import report, writable


def figure(name: str, value: float, **more: Any) -> Figure:
    return Figure(**{"name": name, "title": f"the {name}", "unit": "ms", "value": value, **more})


def result(*figures: Figure, bench: str = "peer", load: float = 0.0) -> Result:
    one = Result(bench=bench, command="make bench-peer", figures=list(figures))
    one.machine = {**one.machine, "load_before": load}
    return one


def verdicts(a: Figure, b: Figure) -> str:
    (change,) = compare(result(a), result(b))
    return change.verdict


def test_a_result_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    one = result(figure("offer", 2.5, low=2.0, high=3.0, wanted="at most 3", holds=True))
    one.plots = [
        Plot(title="a plot", x="ms", y="%", lines=[Line("switch", [1.0, 2.0], [3.0, 4.0])])
    ]
    finish(one)
    assert read(write(one, tmp_path)) == one


def test_a_part_of_a_run_does_not_look_whole(tmp_path: Path) -> None:
    part, whole = result(figure("offer", 2.5)), result(figure("offer", 2.5))
    part.broken_off = "SIPp (agent) was killed by signal 9."
    page = rendered(part, json_name="a.json")
    assert "ended before its time" in page
    assert "SIPp (agent) was killed by signal 9. What follows is of a part of the run." in page
    assert "ended before its time" not in rendered(whole, json_name="b.json")
    (sentence, *_) = differences_of_settings(whole, part)
    assert sentence.startswith("B ended before its time")
    assert read(write(part, tmp_path)).broken_off == part.broken_off


def test_a_folder_where_nothing_can_be_kept_is_told_before_anything_is_measured(
    tmp_path: Path,
) -> None:
    """It was told by a traceback, after two hours of load, and everything was gone."""
    (tmp_path / "file").touch()
    with pytest.raises(argparse.ArgumentTypeError, match=r"kept in .*file: File exists$"):
        writable(str(tmp_path / "file"))
    with pytest.raises(argparse.ArgumentTypeError, match="No such file"):
        writable("/proc/nothing")
    assert writable(str(tmp_path / "a" / "b")).is_dir()
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_result_that_cannot_be_kept_is_printed_and_half_of_it_does_not_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = result(figure("offer", 2.5))
    path_of(one, tmp_path).with_suffix(".html").mkdir()  # the disk is full after the JSON file
    with pytest.raises(SystemExit) as ended:
        report(one, tmp_path)
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert "the offer: 2.5 ms" in told.out
    assert f"The result could not be kept in {tmp_path} (Is a directory)" in told.err
    assert not path_of(one, tmp_path).exists()


def test_what_is_no_result_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with pytest.raises(Unreadable, match=r"a\.json cannot be read: No such file"):
        read(path)
    path.write_text('{"bench": 1}')
    with pytest.raises(Unreadable, match="is not the result of a bench"):
        read(path)


def test_a_run_beside_other_work_says_so(tmp_path: Path) -> None:
    busy, quiet = result(load=QUIET_LOAD + 0.1), result(load=QUIET_LOAD)
    finish(busy)
    finish(quiet)
    assert len(busy.remarks) == 1
    assert "beside other work" in busy.remarks[0]
    assert quiet.remarks == []


def test_the_page_shows_figures_plots_and_what_was_missed_and_loads_nothing() -> None:
    one = result(
        figure("offer", 2.5, low=2.0, high=3.0, wanted="at most 1", holds=False),
        figure("idle <p95>", 12345.6),
    )
    one.plots = [Plot(title="wait & see", x="ms", y="%", lines=[Line("switch", [1.0], [3.0])])]
    one.remarks = ["A disturbed run."]
    shown = rendered(one, json_name="peer.json")
    assert "not everything wanted holds" in shown
    assert "2 – 3" in shown and "at most 1: not reached" in shown
    assert "the idle &lt;p95&gt;" in shown and "12,346" in shown
    assert "A disturbed run." in shown and "wait &amp; see" in shown
    assert shown.count("<svg") == 1
    assert "src=" not in shown and "<link" not in shown and "<script" not in shown


def test_numbers_are_short() -> None:
    assert [number(value) for value in (0, 0.012345, 1.29, 123.456, 98765.4)] == [
        "0", "0.01235", "1.29", "123.5", "98,765",
    ]  # fmt: skip


def test_with_intervals_only_what_does_not_touch_has_changed() -> None:
    before = figure("offer", 10.0, low=9.0, high=11.0)
    assert verdicts(before, figure("offer", 13.0, low=10.9, high=15.0)) == "same"
    assert verdicts(before, figure("offer", 13.0, low=11.1, high=15.0)) == "worse"
    assert verdicts(before, figure("offer", 8.0, low=7.0, high=8.9)) == "better"
    assert verdicts(before, figure("offer", 13.0, low=9.5)) == "same"
    assert verdicts(before, figure("offer", 13.0, low=11.1)) == "worse"


def test_a_time_that_is_a_tie_is_no_change_however_narrow_its_interval() -> None:
    """Of 10,000 calls the median is known to a hair, and the next run's is another all the same."""
    before = figure("offer", 10.0, low=9.9, high=10.1)
    assert verdicts(before, figure("offer", 11.0, low=10.9, high=11.1)) == "same"
    kept = figure("kept", 100.0, low=99.0, high=100.0, unit="%", better="higher")
    fewer = figure("kept", 96.0, low=95.0, high=97.0, unit="%", better="higher")
    assert verdicts(kept, fewer) == "worse"


def test_where_none_may_be_the_first_is_one_too_many() -> None:
    none = figure("lost", 0.0, low=0.0, high=4.0, wanted="0", unit="calls")
    one = figure("lost", 1.0, low=0.2, high=6.0, wanted="0", unit="calls")
    two = figure("lost", 2.0, low=0.5, high=7.0, wanted="0", unit="calls")
    assert [verdicts(none, one), verdicts(one, none), verdicts(one, two)] == [
        "worse", "better", "same",
    ]  # fmt: skip


def test_without_intervals_a_tie_is_no_change() -> None:
    before = figure("rate", 100.0, better="higher")
    assert verdicts(before, figure("rate", 124.0, better="higher")) == "same"
    assert verdicts(before, figure("rate", 126.0, better="higher")) == "better"
    assert verdicts(before, figure("rate", 79.0, better="higher")) == "worse"
    assert verdicts(figure("n", 1.0, better="neither"), figure("n", 2.0)) == "changed"
    assert verdicts(figure("lost", 0.0), figure("lost", 3.0)) == "worse"


def test_runs_of_two_benches_are_not_compared() -> None:
    with pytest.raises(Different, match="A is a run of peer, B of load"):
        compare(result(figure("a", 1.0)), result(figure("a", 1.0), bench="load"))
    with pytest.raises(Different, match="no figure in common"):
        compare(result(figure("a", 1.0)), result(figure("b", 1.0)))


def test_what_was_asked_otherwise_is_told() -> None:
    a, b = result(), result()
    a.given, b.given = {"rate": 50, "seed": 1}, {"rate": 60, "seed": 2}
    assert list(differences_of_settings(a, b)) == ["asked rate: A 50, B 60"]


def test_the_command_tells_worse_by_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = result(figure("offer", 1.0)), result(figure("offer", 2.0))
    a, b = write(one, tmp_path / "a"), write(other, tmp_path / "b")
    assert main([str(a), str(b)]) == 1
    assert "worse" in capsys.readouterr().out
    assert main([str(b), str(a)]) == 0
    assert main([str(a), str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err
