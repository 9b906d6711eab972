"""Staff planned for a day's calls keeps the promise on days that the plan has not seen, and a
profile that cannot be planned for is refused with one sentence."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from acd.cli.app import main
from acd.simulation import erlang
from acd.simulation import plan as planning
from acd.simulation.day import BUSY_DAY, HALF_HOURS
from acd.simulation.profile import LABELS, Profile, ProfileError, parse
from acd.simulation.staffing import SEATS_MIN

QUIET = Profile(
    calls=tuple(round(8 * weight) for weight in BUSY_DAY.weights),
    talk_s=240,
    wrap_up_s=30,
    emergency_share=0.03,
)
"""About 400 calls."""


def as_csv(calls: tuple[int, ...]) -> str:
    """Write a profile as people do."""
    rows = [f"{label},{count}" for label, count in zip(LABELS, calls, strict=True)]
    return "\n".join(["half_hour,calls", *rows]) + "\n"


@pytest.fixture(scope="module")
def made() -> planning.Plan:
    """A plan for the quiet day."""
    return planning.make(QUIET, share=0.9, limit_ms=10_000, days=10)


def test_a_plan_keeps_its_promise_on_days_it_has_not_seen(made: planning.Plan) -> None:
    """Issue 6: plan and simulation within 2 points, and never fewer than two agents (C17, L4)."""
    checked = planning.check(made)
    assert made.share >= 0.9
    assert checked.mean == pytest.approx(made.share, abs=0.02)
    assert min(made.agents) >= SEATS_MIN
    assert [row.calls for row in made.rows] == list(QUIET.calls)
    assert len(made.rows) == HALF_HOURS


def test_the_plan_spares_what_the_formula_wastes(made: planning.Plan) -> None:
    """A second phone beside the first keeps what Erlang gives up for slow pick-ups, so the plan
    needs no more agents than the formula says."""
    assert sum(made.agents) <= sum(row.erlang for row in made.rows)
    assert 0.9 <= made.erlang_share() < 1


def test_lines_are_ordered_for_the_busiest_half_hour(made: planning.Plan) -> None:
    """T30: a call of 243.5 s takes a line, an emergency (3 %) three; notes take none."""
    busiest = made.rows[made.busiest]
    assert busiest.calls == max(QUIET.calls)
    traffic = QUIET.traffic()
    expected = traffic.calls * max(traffic.weights) / sum(traffic.weights) * 1.06 * 243.5 / 1_800
    assert busiest.line_load == pytest.approx(expected)
    assert busiest.lines == max(row.lines for row in made.rows)
    assert erlang.blocking(busiest.line_load, busiest.lines) <= planning.LOSS
    assert erlang.blocking(busiest.line_load, busiest.lines - 1) > planning.LOSS


def test_a_profile_is_read_in_any_order() -> None:
    """And with the blanks that spreadsheets leave."""
    lines = as_csv(QUIET.calls).splitlines()
    turned = "\r\n".join([lines[0], *(line.replace(",", " , ") for line in lines[:0:-1])])
    assert parse(turned, "p.csv") == QUIET.calls


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda text: "", "p.csv should begin with the line half_hour,calls."),
        (lambda text: text.replace("calls", "anrufe"), "should begin with the line half_hour,cal"),
        (lambda text: text.replace("09:30,40", "09:30,40,1"), "p.csv, row 21 has 3 cells: there"),
        (lambda text: text.replace("09:30", "9:30"), "row 21: '9:30' is not a half hour such as"),
        (lambda text: text.replace("09:30", "09:00"), "row 21: 09:00 is there already."),
        (lambda text: text.replace("09:30,40", "09:30,-4"), "row 21: '-4' is not a number of"),
        (lambda text: text.replace("09:30,40", "09:30,many"), "'many' is not a number of calls."),
        (lambda text: text.replace("09:30,40\n", ""), "p.csv lacks 1 half hours, 09:30 first: a"),
    ],
)
def test_a_file_that_is_no_profile_is_refused(edit, sentence: str) -> None:  # type: ignore[no-untyped-def]
    """Where it is wrong, in one sentence."""
    with pytest.raises(ProfileError, match=re.escape(sentence)):
        parse(edit(as_csv(QUIET.calls)), "p.csv")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"calls": (0,) * 48}, "The day has no calls: there is nothing to plan for."),
        ({"calls": (1,) * 47}, "A day has 48 half hours, not 47."),
        ({"calls": (9_000,) * 48}, "432,000 calls in a day are above 200,000."),
        ({"talk_s": 0.0}, "talk_s is 0: it should be from 1 to 7200."),
        ({"wrap_up_s": float("nan")}, "wrap_up_s is nan: it should be from 0 to 3600."),
        ({"emergency_share": 3.0}, "emergency_share is 3: it should be from 0 to 1."),
        ({"patience_s": 0.0}, "patience_s is 0: it should be from 1 to 7200."),
    ],
)
def test_a_day_that_cannot_be_is_refused(change: dict[str, object], sentence: str) -> None:
    """No invented zero, and no plan for nobody."""
    with pytest.raises(ProfileError, match=re.escape(sentence)):
        replace(QUIET, **change)  # type: ignore[arg-type]


def acd(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    """Run the command; return its exit code and what it printed."""
    monkeypatch.setattr("sys.argv", ["acd", "plan", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    output = capsys.readouterr()
    code = end.value.code
    return (code if isinstance(code, int) else 0), output.out, output.err


def test_the_command_prints_a_table_and_writes_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One row for each half hour, Erlang's figure beside the plan's and the simulated one."""
    file, page = tmp_path / "day.csv", tmp_path / "plan.html"
    file.write_text(as_csv(QUIET.calls), encoding="utf-8")
    code, out, _ = acd([str(file), "--days", "2", "--html", str(page)], monkeypatch, capsys)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split() == [
        "half", "hour", "calls", "erlangs", "Erlang", "expects", "plan", "reaches", "lines"
    ]  # fmt: skip
    assert [line.split()[0] for line in lines[1:49]] == list(LABELS)
    assert [line.partition(":")[0] for line in lines[49:]] == [
        "Wanted", "Erlang", "Plan", "On days it has not seen",
        "Side by side, within 10 s", "Lines",
    ]  # fmt: skip
    erlang, plan, unseen = (re.findall(r"[0-9.]+%", line)[0] for line in lines[50:53])
    assert re.findall(r"[0-9.]+%", lines[53]) == [erlang, plan, unseen]
    apart = abs(float(plan[:-1]) - float(unseen[:-1]))
    assert float(re.findall(r"([0-9.]+) points", lines[53])[0]) == pytest.approx(apart, abs=0.11)
    assert "at most 0.1% find none free (T30)" in lines[-1]
    html = page.read_text(encoding="utf-8")
    assert html.count("<tr>") == 49
    assert lines[-1] in html and "<th>lines</th>" in html
    assert "<svg" in html
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Name a file, --day or --forecast, and one of them alone."),
        (["{}/day.csv", "--day", "2026-01-15"], "Name a file, --day or --forecast, and one of"),
        (["--day", "2026-01-15", "--forecast", "2026-01-15"], "--forecast, and one of them alone."),
        (["--forecast", "soon"], "--forecast is 'soon': it should be like 2027-01-15."),
        (["--forecast", "2026-01-15"], "--forecast is 2026-01-15: it should be from today, "),
        (["{}/day.csv", "--upper"], "--upper is the upper edge of a --forecast: there is none."),
        (["{}/none.csv"], "none.csv cannot be read: No such file or directory."),
        (["{}"], "cannot be read: Is a directory."),
        (["{}/empty.csv"], "The day has no calls: there is nothing to plan for."),
        (["{}/day.csv", "--share", "100"], "--share is 100: it should be from 1 to 99.9."),
        (["{}/day.csv", "--within", "0"], "--within is 0: it should be from 1 to 3600."),
        (["{}/day.csv", "--days", "1"], "--days is 1: it should be from 2 to 1000."),
        (["{}/day.csv", "--talk", "0"], "talk_s is 0: it should be from 1 to 7200."),
        (["--day", "yesterday"], "--day is 'yesterday': it should be like 2027-01-15."),
        (["{}/latin.csv"], "latin.csv is not text in UTF-8."),
    ],
)
def test_what_a_person_got_wrong_is_one_sentence(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 2, nothing on standard output."""
    (tmp_path / "day.csv").write_text(as_csv(QUIET.calls), encoding="utf-8")
    (tmp_path / "empty.csv").write_text(as_csv((0,) * 48), encoding="utf-8")
    (tmp_path / "latin.csv").write_bytes(b"half_hour,calls\n\xe9,1\n")
    said = acd([one.format(tmp_path) for one in arguments], monkeypatch, capsys)
    assert said[:2] == (2, "")
    assert sentence in said[2]
    assert len(said[2].splitlines()) == 1
