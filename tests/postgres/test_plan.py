"""`acd plan --day` and `--forecast`: staff is planned for a day of the records, or for one to come
as they let it be foretold (H09, H11)."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.profile import read_profiles
from acd.adapters.postgres.records import PostgresRecords
from acd.cli.app import main
from acd.cli.plan import Wanted, plan_day
from acd.runtime.credentials import ConfigurationError
from acd.runtime.settings import Settings, load_settings
from tests.postgres.test_records import life, numbered


async def test_a_day_of_the_records_is_a_profile(pool: Pool) -> None:
    """By the half hour of the line's own clock: 02:30 UTC is 10:30 in Shanghai."""
    await PostgresRecords(pool).write(1, numbered(life()))
    found = await read_profiles(
        pool, date(2026, 3, 13), date(2026, 3, 14), "Asia/Shanghai", place="PostgreSQL"
    )
    assert list(found) == [date(2026, 3, 13), date(2026, 3, 14)]
    before, day = found.values()
    assert [n for n, calls in enumerate(day.calls) if calls] == [21]
    assert (day.talk_s, day.wrap_up_s, day.emergency_share) == (60.0, 5.0, 1.0)
    assert sum(before.calls) == 0
    assert (before.talk_s, before.wrap_up_s, before.emergency_share) == (None, None, None)


async def test_a_day_without_calls_is_refused(
    pool: Pool,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No invented zero: a sentence and exit code 2."""
    monkeypatch.setenv("HULING_DATABASE_URL", database_url)
    monkeypatch.setattr("sys.argv", ["acd", "plan", "--day", "2020-03-13"])
    with pytest.raises(SystemExit) as end:
        await asyncio.to_thread(main)
    assert end.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "The records have no calls on 2020-03-13: nothing to plan for.\n"


async def test_a_day_that_is_not_over_was_planned_by_half_of_its_calls(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And of a day to come it was said that the records have no calls, and not what to ask for."""
    settings = settings_of(database_url, monkeypatch)
    for day in ("2026-09-14", "2026-09-15"):
        with pytest.raises(ConfigurationError, match=f"{day} is not over: .* --forecast plans"):
            await asyncio.to_thread(
                plan_day, lambda: settings, file=None, day=day, forecast=None, wanted=WANTED,
                page=None, clock=lambda: MORNING,
            )  # fmt: skip
    assert capsys.readouterr().out == ""


MORNING = datetime(2026, 9, 13, 23, tzinfo=UTC)
"""Seven on a Monday, in Shanghai; for twelve weeks there has been no holiday."""

WANTED = Wanted(
    share_percent=80, limit_s=10, talk_s=None, wrap_up_s=None, emergency_percent=None,
    patience_s=None, days=2, upper=False,
)  # fmt: skip


async def weeks_of_calls(pool: Pool, weeks: int) -> None:
    """Until that morning: each day's half hours from 08:00 to 12:00 with three calls on a Monday
    and two on other days, every other week one more in each; and what is not to be counted."""
    for month in range(4, 10):
        await pool.execute("SELECT ensure_partitions($1, 0)", datetime(2026, month, 9, tzinfo=UTC))
    await pool.execute(
        """
        INSERT INTO call (call_id, arrived_at, kind, talk_ms, wrap_up_ms, synthetic, direction)
        SELECT concat_ws('-', day::date, half, n, of.kind, of.synthetic),
               (day + half * interval '30 min' + n * interval '5 min') AT TIME ZONE 'Asia/Shanghai',
               of.kind, 100000, 20000, of.synthetic, of.direction
        FROM generate_series(timestamp '2026-09-14' - $1 * interval '7 day',
                             timestamp '2026-09-14', interval '1 day') AS day,
             generate_series(16, 23) AS half,
             (VALUES ('enquiry', false, 'inbound'), ('enquiry', true, 'inbound'),
                     ('outbound', false, 'outbound')) AS of (kind, synthetic, direction),
             generate_series(1, CASE WHEN extract(isodow FROM day) = 1 THEN 3 ELSE 2 END
                 + (('2026-09-13'::date - day::date) / 7 % 2)) AS n
        """,
        weeks,
    )


def settings_of(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("HULING_DATABASE_URL", database_url)
    return load_settings()


async def planned(settings: Settings, day: str, wanted: Wanted = WANTED, page: Path | None = None,
                  ) -> None:  # fmt: skip
    await asyncio.to_thread(
        plan_day, lambda: settings, file=None, day=None, forecast=day, wanted=wanted, page=page,
        clock=lambda: MORNING,
    )  # fmt: skip


async def test_a_day_to_come_is_planned_by_days_like_it(
    pool: Pool,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Tuesdays had 16 calls or 24, every other week: 20 are expected, neither proofs nor our own
    calls among them, nor those of this morning.  So were all half hours, off by half a call of 2.5
    (on Mondays of 3.5), and by a whole one from the week before."""
    settings = settings_of(database_url, monkeypatch)
    await weeks_of_calls(pool, 16)
    page = tmp_path / "plan.html"
    await planned(settings, "2026-09-15", page=page)
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[:7] == ["half", "hour", "calls", "forecast", "80%", "within", "erlangs"]
    assert [row.split()[1:3] for row in rows[15:18]] == [["0", "0.0"], ["2", "2.5"], ["3", "2.5"]]
    assert sum(int(row.split()[1]) for row in rows[:48]) == 20
    forecast, good, wanted = rows[48:51]
    assert forecast.startswith("Forecast for 2026-09-15: 20 calls, with 80% between ")
    assert forecast.endswith(
        "; by 8 Tuesdays from 2026-07-21 to 2026-09-08 without the busiest and the quietest; no "
        "trend beyond chance."
    )
    off, before = 0.5 * 28 / (24 * 2.5 + 4 * 3.5), 28 / (24 * 2.5 + 4 * 3.5)
    assert good.startswith(
        "Such forecasts of the last 28 days of this kind, made as long before, were off by "
        f"{off:.1%} a day and {off:.1%} a half hour, the last such weekday known then by "
        f"{before:.1%} and {before:.1%}; "
    )
    assert wanted.startswith("Wanted:")
    html = page.read_text(encoding="utf-8")
    assert forecast in html and good in html and "<th>80% within</th>" in html


async def test_a_plan_for_the_upper_edge_has_more_calls(
    pool: Pool,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And no word of accuracy that so short a history cannot give."""
    settings = settings_of(database_url, monkeypatch)
    await weeks_of_calls(pool, 5)
    await planned(settings, "2026-09-15", replace(WANTED, upper=True))
    lines = capsys.readouterr().out.splitlines()
    assert all(row.split()[1] == row.split()[3].partition("-")[2] for row in lines[1:49])
    assert int(lines[17].split()[1]) > 3
    assert lines[50] == (
        "How far such forecasts are off is not known: the records let fewer than 7 be tried."
    )


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-09-13", "should be from today, 2026-09-14, to 2026-11-09."),
        ("2026-11-10", "should be from today, 2026-09-14, to 2026-11-09."),
        (
            "2026-09-17",
            "A forecast for 2026-09-17 is made from Thursdays of the last 8 weeks: the records "
            "hold 3, and 4 are needed.",
        ),
    ],
)
async def test_what_cannot_be_forecast_is_refused(
    pool: Pool,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    day: str,
    sentence: str,
) -> None:
    """One sentence and no number."""
    settings = settings_of(database_url, monkeypatch)
    await weeks_of_calls(pool, 3)
    with pytest.raises(ConfigurationError, match=sentence):
        await planned(settings, day)
    assert capsys.readouterr().out == ""
