"""Reports: exact figures from the record, divided as asked, and never what cannot be (K01–K09)."""

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acd.adapters.postgres.statements import sql
from acd.core.facts import Outcome
from acd.core.scripts import RATINGS
from acd.demo import directory as demo
from acd.desk.charts import chart
from acd.desk.columns import COLUMNS, heading_of
from acd.desk.figures import GOING_ON, OUTCOMES, words_of_the_content
from acd.runtime.directory.load import load
from tests.desk.office import Office

DAY = datetime(2026, 3, 13, 16, tzinfo=UTC)
"""Midnight before 14 March 2026 in China."""

NOW = datetime(2026, 3, 20, 4, tzinfo=UTC)

Json = dict[str, Any]


async def call(
    office: Office,
    name: str,
    after: timedelta,
    outcome: str | None = "answered",
    *,
    wait_s: float = 5,
    talk_s: float = 60,
    hold_s: float = 0,
    wrap_s: float = 10,
    queue: str = "emergency",
    entry: str = "95001",
    agent: str | None = "8003",
    **changes: object,
) -> None:
    """One row of the record, so long after midnight."""
    arrived = DAY + after
    answered = outcome == "answered"
    row: dict[str, object] = {
        "call_id": name, "arrived_at": arrived, "queue": queue, "entry": entry,
        "kind": "emergency", "outcome": outcome, "synthetic": False,
        "wait_ms": int(wait_s * 1000),
        "talk_ms": int(talk_s * 1000) if answered else 0,
        "hold_ms": int(hold_s * 1000) if answered else 0,
        "wrap_up_ms": int(wrap_s * 1000) if answered else 0,
        "answered_at": arrived + timedelta(seconds=wait_s) if answered else None,
        "ended_at": arrived + timedelta(seconds=wait_s + talk_s) if outcome else None,
        "agent": agent if answered else None,
        "seat": f"s{agent}" if answered else None,
        **changes,
    }  # fmt: skip
    await office.pool.execute("SELECT ensure_partitions($1, 0)", arrived)
    names = ", ".join(row)
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await office.pool.execute(f"INSERT INTO call ({names}) VALUES ({places})", *row.values())


def at(hour: float) -> timedelta:
    return timedelta(hours=hour)


async def a_day(office: Office) -> None:
    """Ten calls of one day and a few around it."""
    await call(office, "a1", at(9), wait_s=4, talk_s=100, wrap_s=20)
    await call(office, "a2", at(9.5), wait_s=10, talk_s=200, hold_s=30, wrap_s=10)
    await call(office, "a3", at(10), wait_s=10.001, talk_s=60, wrap_s=0, agent="8004")
    await call(office, "a4", at(10.5), wait_s=15, agent="8004", talk_s=60, wrap_s=0)
    await call(office, "a5", at(23.9999), wait_s=31, agent="8004", talk_s=60, wrap_s=0,
               queue="enquiry", entry="95002", promise_broken_at=DAY + at(24))  # fmt: skip
    await call(office, "b1", at(9), "abandoned", wait_s=3)
    await call(office, "b2", at(10), "abandoned", wait_s=25)
    await call(office, "c1", at(11), "refused", wait_s=0, queue=None, entry=None)  # type: ignore[arg-type]
    await call(office, "d1", at(12), "lost", wait_s=12)
    await call(office, "e1", at(13), None, wait_s=0, ended_at=None)
    # Not of this day, or of nobody's: the proof's, and a second before and after.
    await call(office, "x1", at(9), synthetic=True)
    await call(office, "x2", timedelta(milliseconds=-1))
    await call(office, "x3", at(24))


async def get(office: Office, path: str, **query: str) -> Json:
    async with office.client(now=NOW) as client:
        answer = await client.get(f"/reports/{path}", params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_a_days_figures_are_exact(office: Office) -> None:
    """K09, C01, C02: offered, abandoned, speed of answer, talk and handle time, the three levels;
    each worked out by hand from the ten calls."""
    await a_day(office)
    report = await get(office, "day", date="2026-03-14")
    total = report["total"]
    assert total["offered"] == 10
    assert total["outcomes"] == {
        **dict.fromkeys(OUTCOMES, 0),
        "answered": 5, "abandoned": 2, "refused": 1, "lost": 1, GOING_ON: 1,
    }  # fmt: skip
    assert [total[f"within_{s}_s"] for s in (10, 15, 20)] == [2, 4, 4]
    assert [total[f"level_{s}"] for s in (10, 15, 20)] == [0.2, 0.4, 0.4]
    assert total["level_10_adjusted"] == pytest.approx(2 / 9)
    assert (total["connect"], total["abandonment"]) == (0.5, 0.2)
    assert total["speed_of_answer_ms"] == round((4000 + 10000 + 10001 + 15000 + 31000) / 5)
    assert total["talk_ms"] == (100 + 200 + 60 + 60 + 60) * 200
    assert total["handle_ms"] == (480 + 30 + 30) * 200
    assert (total["longest_wait_ms"], total["promises_broken"]) == (31000, 1)
    assert report["complete"] is True
    assert report["title"] == "日报 2026年03月14日"
    assert "来电 10 通，接通 5 通" in report["sentence"]
    assert report["before"]["offered"] == 1


async def test_calls_that_we_place_are_figures_of_their_own(office: Office) -> None:
    """K01: outbound volume by what became of it, by agent too; none of it in what came in."""
    await a_day(office)
    for n, outcome in enumerate(["answered", "answered", "busy", "no_answer", None]):
        await call(office, f"o{n}", at(14 + n), outcome, talk_s=30, direction="outbound")
    report = await get(office, "day", date="2026-03-14")
    assert report["total"]["offered"] == 10
    placed = report["placed"]
    assert (placed["calls"], placed["answered"], placed["connect"]) == (5, 2, 0.4)
    assert placed["talk_ms"] == 30_000
    assert {name: n for name, n in placed["outcomes"].items() if n} == {
        "answered": 2, "busy": 1, "no_answer": 1, GOING_ON: 1,
    }  # fmt: skip
    of_agent = await get(office, "day", date="2026-03-14", agent="8003")
    assert of_agent["placed"]["calls"] == 2


async def test_tests_of_terminals_stand_apart(office: Office) -> None:
    """W48: by an agent's word; they are counted, and in no other figure."""
    await a_day(office)
    before = await get(office, "day", date="2026-03-14")
    await call(office, "t", at(14), "answered", wait_s=25, talk_s=30)
    counted = await get(office, "day", date="2026-03-14")
    assert (counted["total"]["offered"], counted["tests"]) == (11, 0)
    await office.pool.execute("UPDATE call SET disposition = 'test' WHERE call_id = 't'")
    report = await get(office, "day", date="2026-03-14")
    assert (report["total"], report["groups"], report["tests"]) == (
        before["total"], before["groups"], 1,
    )  # fmt: skip
    assert (await get(office, "day", date="2026-03-14", queue="nobody"))["tests"] == 0
    async with office.client(now=NOW) as client:
        for form in ("csv", "xlsx", "html"):
            answer = await client.get("/reports/day", params={"date": "2026-03-14", "format": form})
            shown = answer.text
            if form == "xlsx":
                with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
                    shown = book.read("xl/sharedStrings.xml").decode()
            assert "另有终端测试来电 1 通" in shown, form


async def test_who_was_reached_finally_counts_on_the_day_of_the_call(office: Office) -> None:
    """C02, T14: raw, without those who left at once, and finally: a callback that reached them, the
    redial that was the same matter, and a number keyed in; not what is owed still, nor what was
    closed undone, nor a call after the matter had ended."""
    await call(office, "a", at(9), caller="0216001")
    for name, hour in (("b1", 10.0), ("b2", 10.01)):
        await call(office, name, at(hour), "abandoned", wait_s=20, caller="0216002")
    await call(office, "c", at(11), "callback", wait_s=20, caller="0216003")
    await call(office, "d", at(12), "abandoned", wait_s=20, caller="0216004")
    await call(office, "e", at(13), "abandoned", wait_s=20, caller="0216005")
    await call(office, "f", at(14), "abandoned", wait_s=3, caller="0216002")
    ends = {"b1": ("0216002", "reached"), "c": ("0219999", "called_again"),
            "d": ("0216004", "closed"), "e": ("0216005", None)}  # fmt: skip
    for name, (number, closing) in ends.items():
        await office.pool.execute(
            """
            INSERT INTO obligation
            SELECT 'o-' || call_id, ended_at, 'done', 'callback', 'abandoned', queue, true, $2,
                   call_id, ended_at, ended_at + interval '15 min',
                   CASE WHEN $3::text IS NOT NULL THEN ended_at + interval '10 min' END,
                   $3, false, 0, '{}'
            FROM call WHERE call_id = $1
            """,
            name, number, closing,
        )  # fmt: skip
    total = (await get(office, "day", date="2026-03-14"))["total"]
    assert (total["offered"], total["answered"], total["made_good"]) == (7, 1, 3)
    assert total["connect"] == 1 / 7
    assert total["connect_adjusted"] == 1 / 6
    assert total["connect_finally"] == 4 / 7
    assert total["uncallable"] == 0


async def test_who_has_no_number_stands_there_as_one_who_cannot_be_called(office: Office) -> None:
    """C02, T14: whoever left without an answer and withheld their number, or showed none that is
    one; not whoever was answered, or has a number."""
    await call(office, "a", at(9), caller=None)
    for name, caller in (("b", None), ("c", "anonymous"), ("d", "0216004"), ("e", None)):
        await call(office, name, at(10), "abandoned", wait_s=20, caller=caller)
    report = await get(office, "day", date="2026-03-14")
    assert (report["total"]["offered"], report["total"]["uncallable"]) == (5, 3)
    assert report["total"]["connect"] == report["total"]["connect_finally"] == 1 / 5
    async with office.client(now=NOW) as client:
        shown = await client.get("/reports/day", params={"date": "2026-03-14", "format": "html"})
    assert "无法回拨" in shown.text


@pytest.mark.parametrize(("neutral_counts", "satisfied"), [(True, 5), (False, 4)])
async def test_a_share_of_the_satisfied_by_each_scale_s_own_rule(
    office: Office, *, neutral_counts: bool, satisfied: int
) -> None:
    """V17, C04: S2 says that 一般 satisfies, S0 does not say, so a setting does; who said nothing
    is in no share, and what was said stays as it was said."""
    office.content = words_of_the_content(neutral_counts=neutral_counts)
    for scale, words in RATINGS.items():
        for n, word in enumerate(words):
            if word not in ("非常满意", "比较满意"):
                await call(office, f"{scale}{n}", at(9 + n), rating_scale=scale.value, rating=word)
    await call(office, "s0-0", at(9), rating_scale="s0", rating="非常满意")
    await call(office, "s2-1", at(9), rating_scale="s2", rating="比较满意")
    await call(office, "silent", at(9))
    total = (await get(office, "day", date="2026-03-14"))["total"]
    assert (total["offered"], total["rated"], total["satisfied"]) == (9, 8, satisfied)
    assert total["satisfaction"] == satisfied / 8
    none = await get(office, "day", date="2026-03-14", agent="8004")
    assert none["total"] is None


async def test_parts_and_whole_agree(office: Office) -> None:
    """K04: whatever divides the calls divides all of them; who has no agent stands under a dash."""
    await a_day(office)
    groups = (await get(office, "day", date="2026-03-14"))["groups"]
    for group, members in groups.items():
        assert sum(one["offered"] for one in members.values()) == 10, group
    assert {k: v["offered"] for k, v in groups["part"].items()} == {
        "09:00": 3, "10:00": 3, "11:00": 1, "12:00": 1, "13:00": 1, "23:00": 1,
    }  # fmt: skip
    assert {k: v["answered"] for k, v in groups["agent"].items()} == {"8003": 2, "8004": 3, "—": 0}
    assert {k: v["offered"] for k, v in groups["queue"].items()} == {
        "emergency": 8, "enquiry": 1, "—": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        ({"agent": "8004"}, 3),
        ({"seat": "s8003"}, 2),
        ({"queue": "enquiry"}, 1),
        ({"entry": "95001"}, 8),
        ({"skill": "enquiry"}, 1),
        ({"agent": "8004", "queue": "emergency"}, 2),
    ],
)
async def test_figures_are_found_by_agent_seat_skill_and_entry(
    office: Office, tmp_path: Path, query: dict[str, str], offered: int
) -> None:
    """K07."""
    await a_day(office)
    file = tmp_path / "demo.yaml"
    file.write_text(demo.text(terminals=1), encoding="utf-8")
    await load(file, office.pool)
    report = await get(office, "day", date="2026-03-14", **query)
    assert report["total"]["offered"] == offered
    assert (report["placed"] is None) is bool({"queue", "entry", "skill"} & set(query))


@pytest.mark.parametrize("kind", ["day", "week", "month", "quarter", "year"])
async def test_each_kind_of_report_holds_the_day(office: Office, kind: str) -> None:
    """K02: and the longer ones the day after it and before it too."""
    await a_day(office)
    report = await get(office, kind, date="2026-03-14")
    assert report["total"]["offered"] == (10 if kind == "day" else 12)
    assert report["complete"] is (kind in ("day", "week"))


async def test_a_span_is_reported_from_day_to_day(office: Office) -> None:
    await a_day(office)
    report = await get(office, "span", first="2026-03-13", last="2026-03-14")
    assert report["total"]["offered"] == 11
    assert list(report["groups"]["part"]) == ["2026-03-13", "2026-03-14"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"answered_at": None}, "1 calls hold what cannot be"),
        ({"answered_at": DAY}, "1 calls hold what cannot be"),
        ({"ended_at": DAY}, "1 calls hold what cannot be"),
        ({"talk_ms": -1}, "1 calls hold what cannot be"),
        ({"wait_ms": None}, "1 calls hold what cannot be"),
        ({"outcome": "vanished"}, "Calls have ended as vanished"),
        ({"outcome": "busy", "answered_at": None}, "Calls have ended as busy"),
        ({"flow": "small talk"}, "Calls have turned out to be small talk, which is no flow."),
        ({"outcome": "refused", "direction": "outbound"}, "Placed calls have ended as refused"),
    ],
)
async def test_what_cannot_be_is_not_shown(
    office: Office, changes: dict[str, object], sentence: str
) -> None:
    """K04: one impossible row, and no form of the report shows a figure; a sentence says why."""
    await a_day(office)
    await call(office, "wrong", at(9), **changes)  # type: ignore[arg-type]
    async with office.client(now=NOW) as client:
        for form in ("json", "csv", "xlsx", "html"):
            answer = await client.get("/reports/day", params={"date": "2026-03-14", "format": form})
            assert answer.status_code == 409
            assert answer.json()["sentence"].startswith(sentence)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("day?date=2026-03-21", "2026-03-21 has not begun: there is nothing to report. The last"),
        ("year?date=2027-01-01", "2027-01-01 has not begun"),
        ("day?date=yesterday", "date: "),
        ("decade?date=2026-03-14", "kind: "),
        ("span?first=2026-03-14&last=2026-03-13", "The last day, 2026-03-13, lies before"),
        ("day?skill=juggling", "No queue asks for the skill juggling."),
        ("day?format=pdf", "format: "),
        ("week?date=0001-01-01", "There is no week around"),
    ],
)
async def test_a_report_that_cannot_be_made_is_refused(
    office: Office, path: str, sentence: str
) -> None:
    async with office.client(now=NOW) as client:
        answer = await client.get(f"/reports/{path}")
    assert answer.status_code == 422
    assert answer.json()["sentence"].startswith(sentence)


async def test_a_misspelt_filter_is_refused_and_not_passed_over(office: Office) -> None:
    """`queu=emergency` was answered with the report of all calls, `data=…` with today's."""
    async with office.client(now=NOW) as client:
        report = await client.get("/reports/day?queu=emergency")
        recordings = await client.get("/recordings?agnet=8003")
    assert (report.status_code, recordings.status_code) == (422, 422)
    assert report.json()["sentence"] == (
        "queu is not asked for here: "
        "there are agent, date, entry, flow, format, queue, seat, skill."
    )
    assert recordings.json()["sentence"].startswith("agnet is not asked for here: there are agent,")


async def test_a_mistyped_queue_was_a_queue_without_calls(office: Office) -> None:
    async with office.client(now=NOW) as client:
        query = {"date": "2026-03-15", "queue": "emergncy"}
        report = (await client.get("/reports/day", params=query)).json()
    assert report["total"] is None
    assert report["sentence"].endswith("没有可统计的数据。目录中没有队列 emergncy。")


async def test_a_day_without_calls_has_a_sentence_and_no_zero(office: Office) -> None:
    """K04: a share of nothing is neither 0 nor 100 %."""
    async with office.client(now=NOW) as client:
        query = {"date": "2026-03-15"}
        report = (await client.get("/reports/day", params=query)).json()
        page = (await client.get("/reports/day", params={**query, "format": "html"})).text
        text = (await client.get("/reports/day", params={**query, "format": "csv"})).text
        book = await client.get("/reports/day", params={**query, "format": "xlsx"})
    assert report["total"] is None and report["groups"] == {} and report["remarks"] == []
    assert report["sentence"] == "日报 2026年03月15日：没有来电，没有可统计的数据。"
    assert report["sentence"] in page and report["sentence"] in text
    assert "<svg" not in page and "0.0%" not in page
    assert book.status_code == 200


async def test_today_is_said_to_be_unfinished(office: Office) -> None:
    await call(office, "now", NOW - DAY - timedelta(minutes=1))
    report = await get(office, "day")
    assert report["complete"] is False
    assert "截至目前来电 1 通" in report["sentence"]


async def test_a_report_tells_how_calls_have_grown(office: Office) -> None:
    """H09, K08: against the week before and last year's, in figures and as a remark, in each form;
    where nothing came in then, neither."""
    for n, weeks in enumerate([0, 0, 0, 1, 1, 52, 52, 52, 52]):
        await call(office, f"c{n}", at(9) - timedelta(weeks=weeks))
    report = await get(office, "week", date="2026-03-14")
    assert report["total"]["offered"] == 3
    assert (report["before"]["offered"], report["year_before"]["offered"]) == (2, 4)
    growth = ["来电较上一期增加 50.0%。", "来电较去年同期减少 25.0%。"]
    assert report["remarks"][:2] == growth
    async with office.client(now=NOW) as client:
        for form in ("csv", "html"):
            query = {"date": "2026-03-14", "format": form}
            answer = await client.get("/reports/week", params=query)
            assert "去年同期" in answer.text, form
    older = await get(office, "week", date="2026-03-07")
    assert (older["before"], older["year_before"]) == (None, None)
    assert not [remark for remark in older["remarks"] if "较" in remark]


async def test_half_a_month_is_no_decline(office: Office) -> None:
    """A month that went on was held against the whole one before: 来电较上一期减少 66.7%."""
    for n, days in enumerate([0, -20, -21, -22]):
        await call(office, f"c{n}", at(9) + timedelta(days=days))
    report = await get(office, "month", date="2026-03-14")
    assert (report["complete"], report["before"]["offered"]) == (False, 3)
    assert not [remark for remark in report["remarks"] if "较" in remark]


async def test_agents_hours_are_cut_at_the_spans_ends(office: Office) -> None:
    """K07, Q08: a stretch over midnight counts with its part of the day; one that goes on, until
    now; logged out is no work."""
    await office.pool.execute("SELECT ensure_partitions($1, 0)", DAY)
    insert = "INSERT INTO agent_state (agent, from_at, to_at, state, seat) VALUES ($1,$2,$3,$4,$5)"
    rows = [
        ("8003", at(-1), at(1), "ready"),
        ("8003", at(1), at(2), "talking"),
        ("8003", at(2), at(9), "logged_out"),
        ("8003", at(23), at(30), "ready"),
        ("8004", at(30), at(31), "ready"),
    ]
    for agent, since, until, state in rows:
        await office.pool.execute(insert, agent, DAY + since, DAY + until, state, f"s{agent}")
    hours = (await get(office, "day", date="2026-03-14"))["agents"]
    assert hours == {"8003": {"ready": 2 * 3_600_000, "talking": 3_600_000}}


async def test_the_workbook_holds_every_table_as_numbers(office: Office) -> None:
    """K07: opened by a spreadsheet; headings in Chinese, figures as numbers."""
    await a_day(office)
    async with office.client(now=NOW) as client:
        answer = await client.get("/reports/day", params={"date": "2026-03-14", "format": "xlsx"})
    assert "huling-day-2026-03-14.xlsx" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        assert book.testzip() is None
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        strings = book.read("xl/sharedStrings.xml").decode()
        summary = book.read("xl/worksheets/sheet1.xml").decode()
    assert names == [
        "汇总", "分时段", "按队列", "按接入号", "按座席", "按席位", "按诉求类别", "诉求类别趋势",
    ]  # fmt: skip
    assert all(column.heading in strings for column in COLUMNS)
    assert "<v>10</v>" in summary and "<v>0.2</v>" in summary


async def test_a_table_for_a_spreadsheet_is_safe_and_says_all(office: Office) -> None:
    """The whole first; a name that looks like a formula is text."""
    await a_day(office)
    await call(office, "evil", at(9), queue="=cmd|'/c calc'!A1")
    async with office.client(now=NOW) as client:
        answer = await client.get("/reports/day", params={"date": "2026-03-14", "format": "csv"})
    head, first, *rest = answer.content.decode("utf-8-sig").splitlines()
    assert head.startswith("分组,对象,来电,接通")
    assert first.startswith("合计,,11,6,2,")
    assert any(line.startswith("按队列,'=cmd") for line in rest)


async def test_the_page_is_whole_and_loads_nothing_from_elsewhere(
    office: Office, tmp_path: Path
) -> None:
    """K03: charts as SVG in the page itself; what a directory holds cannot become markup; a queue
    stands by its name."""
    await a_day(office)
    file = tmp_path / "demo.yaml"
    file.write_text(demo.text(terminals=1), encoding="utf-8")
    await load(file, office.pool)
    await call(office, "evil", at(9), queue="<script>alert(1)</script>")
    async with office.client(now=NOW) as client:
        answer = await client.get("/reports/day", params={"date": "2026-03-14", "format": "html"})
    page = answer.text
    assert page.count("<rect") >= 48
    assert "<script" not in page
    assert set(re.findall(r"https?://[^\"' <]+", page)) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    for heading in ("来电", "呼损", "10秒接通率", "平均应答速度", "平均处理时长"):
        assert heading in page
    assert "<td>紧急呼叫（emergency）</td>" in page


async def test_reports_are_noted(office: Office) -> None:
    """L2: who saw which figures, and who took them away."""
    await a_day(office)
    async with office.client(now=NOW) as client:
        await client.get("/reports/day", params={"date": "2026-03-14", "agent": "8003"})
        await client.get("/reports/month", params={"date": "2026-03-14", "format": "csv"})
    notes = [(one.action, one.subject, one.details) for one in await office.audit.find()]
    assert notes == [
        ("export report", "月报 2026年03月", {"form": "csv", "of": ""}),
        ("see report", "日报 2026年03月14日", {"form": "json", "of": "座席 8003"}),
    ]


async def test_a_months_report_reads_that_months_partition_only(office: Office) -> None:
    """Ten years of calls cost a month's report nothing."""
    for month in (1, 2, 3, 4):
        await office.pool.execute(
            "SELECT ensure_partitions($1, 0)", datetime(2026, month, 10, tzinfo=UTC)
        )
    rows = await office.pool.fetch(
        "EXPLAIN " + sql("report_calls"),
        DAY, DAY + timedelta(days=7), "day", "Asia/Shanghai", None, None, None, None, [], None,
    )  # fmt: skip
    plan = "\n".join(row[0] for row in rows)
    assert "call_2026_03" in plan
    assert "call_2026_02" not in plan and "call_2026_04" not in plan


def test_every_outcome_has_a_word() -> None:
    assert [one for one in Outcome if heading_of(one) == one.value] == []


@pytest.mark.parametrize(("labels", "bars"), [([], [("x", [])]), (["a", "b"], [("x", [1])])])
def test_a_chart_of_nothing_is_an_error(
    labels: list[str], bars: list[tuple[str, list[int]]]
) -> None:
    with pytest.raises(ValueError, match="as many values as labels"):
        chart(labels, bars)


def test_a_chart_of_zeros_can_be_drawn() -> None:
    assert chart(["a"], [("x", [0])], ("y", [None])).count("<circle") == 0
