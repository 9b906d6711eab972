"""Reports divide by what calls turned out to be, with the trend of each, and show nothing that does
not add up (K11, K04)."""

import io
import zipfile
from datetime import timedelta

import pytest

from acd.adapters.postgres.reports import PostgresReports
from acd.desk.figures import DoesNotAddUp, Figures, figures, trend_must_add_up
from tests.desk.office import Office
from tests.desk.test_reports import DAY, NOW, a_day, at, call, get


async def test_reports_divide_by_what_a_call_turned_out_to_be(office: Office) -> None:
    """K11: by the agent's last word (*21), with its trend; a call of a case needs no word, and what
    nobody has said stands under a dash.  Every form of the report tells it."""
    await a_day(office)
    said = {"a1": "emergency", "a2": "enquiry", "a3": "enquiry", "b2": "complaint"}
    for name, flow in said.items():
        await office.pool.execute("UPDATE call SET flow = $2 WHERE call_id = $1", name, flow)
    await office.pool.execute(
        """
        INSERT INTO cases (case_id, noted_at, state, origin, queue, elders, calls, services,
                           opened_at, body)
        VALUES ('k1', $1, 'closed', 'agent', 'emergency', '{}', '{a4,a2}', '{}', $1, '{}')
        """,
        DAY,
    )
    report = await get(office, "day", date="2026-03-14")
    flows = report["groups"]["flow"]
    assert {k: (v["offered"], v["answered"]) for k, v in flows.items()} == {
        "emergency": (2, 2), "enquiry": (2, 2), "complaint": (1, 0), "—": (5, 1),
    }  # fmt: skip
    assert list(flows) == ["emergency", "enquiry", "complaint", "—"]
    assert {
        flow: {part: one["offered"] for part, one in parts.items()}
        for flow, parts in report["trend"].items()
    } == {
        "emergency": {"09:00": 1, "10:00": 1},
        "enquiry": {"09:00": 1, "10:00": 1},
        "complaint": {"10:00": 1},
        "—": {"09:00": 1, "11:00": 1, "12:00": 1, "13:00": 1, "23:00": 1},
    }
    asked = await get(office, "day", date="2026-03-14", flow="enquiry")
    assert (asked["total"]["offered"], asked["placed"]) == (2, None)
    assert "诉求类别 咨询" in asked["sentence"]
    month = await get(office, "month", date="2026-03-14", flow="enquiry")
    assert {k: v["offered"] for k, v in month["trend"]["enquiry"].items()} == {"2026-03-14": 2}
    async with office.client(now=NOW) as client:
        query = {"date": "2026-03-14"}
        table = (await client.get("/reports/day", params={**query, "format": "csv"})).text
        page = (await client.get("/reports/day", params={**query, "format": "html"})).text
        book = (await client.get("/reports/day", params={**query, "format": "xlsx"})).content
        unknown = await client.get("/reports/day", params={**query, "flow": "small talk"})
    assert "\n按诉求类别,咨询,2,2," in table.replace("\r", "")
    assert "\n诉求类别趋势,咨询 09:00,1,1," in table.replace("\r", "")
    assert "<h2>诉求类别趋势</h2>" in page and "<title>09:00 咨询 1</title>" in page
    with zipfile.ZipFile(io.BytesIO(book)) as opened:
        assert "咨询 09:00" in opened.read("xl/sharedStrings.xml").decode()
    assert unknown.status_code == 422
    assert unknown.json()["sentence"].startswith("flow: ")


async def test_a_test_that_was_an_enquiry_is_told_with_the_enquiries(office: Office) -> None:
    """W48, K11: tests stand apart under the same division."""
    await call(office, "t", at(14), flow="enquiry", disposition="test")
    tests = {
        flow: (await get(office, "day", date="2026-03-14", flow=flow))["tests"]
        for flow in ("enquiry", "complaint")
    }
    assert tests == {"enquiry": 1, "complaint": 0}


async def test_a_flow_that_does_not_add_up_over_time_is_not_shown(office: Office) -> None:
    """K04, K11: neither a flow that its parts are not, nor a part that its flows are not."""
    await call(office, "a", at(9), flow="enquiry")
    await call(office, "b", at(10), flow="enquiry")
    sums = await PostgresReports(office.pool, content=[]).calls(
        DAY, DAY + timedelta(days=1), part="hour", zone="Asia/Shanghai"
    )

    def of(by: str, what: str) -> Figures:
        return figures(one for one in sums if (one.by, one.what) == (by, what))

    groups = {"flow": {"enquiry": of("flow", "enquiry")},
              "part": {hour: of("part", hour) for hour in ("09:00", "10:00")}}  # fmt: skip
    nine, ten = groups["part"].values()
    trend_must_add_up({"enquiry": {"09:00": nine, "10:00": ten}}, groups)
    with pytest.raises(DoesNotAddUp, match="2 calls were enquiry, but over time they are 1"):
        trend_must_add_up({"enquiry": {"09:00": nine}}, groups)
    with pytest.raises(DoesNotAddUp, match="1 calls came in at 10:00, but by flow 0"):
        trend_must_add_up({"enquiry": {"09:00": nine, "11:00": ten}}, groups)
