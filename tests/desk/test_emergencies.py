"""The report of an emergency, printed (E11, E12)."""

from msgspec import structs

from acd.core.directory import EntryKind
from acd.core.emergency.case import Case, Form
from acd.core.facts import CaseNoted, EmergencyReported, ObligationNoted
from acd.core.follow_up.owed import Closing, Obligation, ObligationKind, OwedFor
from acd.core.ids import AgentId, CallId, ObligationId
from acd.core.roles import Role
from acd.core.scripts import RatingScale
from acd.core.tables import CaseState, ObligationState
from tests.desk.office import Office
from tests.runtime.test_http import CASE
from tests.tokens import Keys, granted

AT_MS = CASE.opened_ms


def noted(what: str, case: Case, after_ms: int) -> CaseNoted:
    return CaseNoted(at_ms=AT_MS + after_ms, call=None, what=what, by=AgentId("8001"), case=case)


REPORTED = EmergencyReported(
    at_ms=AT_MS + 86_400_000, call=CallId("c1"), case=CASE.id, agent=AgentId("8001"),
    family="女儿<王>，已告知", condition="已出院", scale=RatingScale.S0, rating="满意", unrated="",
    remarks="",
)  # fmt: skip

REVISIT = Obligation(
    id=ObligationId("1-o9"), kind=ObligationKind.TASK, why=OwedFor.REVISIT,
    state=ObligationState.OWED, queue=CASE.queue, entry=None, entry_kind=EntryKind.EMERGENCY,
    number=None, terminal=None, elders=(), call=None, since_ms=AT_MS, created_ms=AT_MS,
    deadline_ms=AT_MS + 259_200_000, next_ms=None, escalate_ms=AT_MS + 259_200_000, case=CASE.id,
)  # fmt: skip


async def test_the_report_is_a_page_with_what_happened_and_what_the_family_says(
    office: Office,
) -> None:
    """E11, E12, E42: without the report it says so, with it who handed it in; markup in anybody's
    words is none, and whoever opens it is in the audit."""
    form = Form(place="三楼", identity="王某", harm="摔倒", asks="送医")
    closed = structs.replace(
        CASE, state=CaseState.CLOSED, form=form, summary="摔倒，120 送医", outcome="help sent",
        closed_ms=AT_MS + 900_000, elders=(),
    )  # fmt: skip
    await office.write(
        [
            noted("opened", CASE, 0),
            noted("medical reached", CASE, 30_000),
            noted("contact 13900000077 reached", CASE, 35_000),
            noted("contact 13900000078 not reached", CASE, 36_000),
            noted("guide first_aid", CASE, 40_000),
            noted("outcome help sent", closed, 800_000),
            noted("closed", closed, 900_000),
        ]
    )
    async with office.client() as client:
        before = await client.get(f"/cases/{CASE.id}/report")
        await office.write([REPORTED])
        page = await client.get(f"/cases/{CASE.id}/report")
        missing = await client.get("/cases/9-c9/report")
    assert (before.status_code, "报告尚未提交" in before.text) == (200, True)
    assert page.headers["content-type"].startswith("text/html")
    for words in (
        "立案（8001）", "接通 120（8001）", "联系人 13900000077 已接通",
        "联系人 13900000078 未接通",
        "结果：已派救援（8001）",
        "结案（8001）", "三楼", "摔倒，120 送医",
        "女儿&lt;王&gt;，已告知", "已出院", "满意", "报告人 8001",
    ):  # fmt: skip
        assert words in page.text, words
    assert "first_aid" not in page.text
    assert "报告尚未提交" not in page.text
    assert "尚未回访" in page.text
    assert (missing.status_code, missing.json()) == (404, {"sentence": "There is no case 9-c9."})
    seen = [(one.action, one.subject) for one in await office.audit.find()]
    assert seen == [("see emergency report", CASE.id)] * 2


async def test_an_agent_prints_in_full_what_they_have_a_part_in(office: Office) -> None:
    """L2, E11: A of the open case, and whoever owes its revisit when it is closed; to another the
    page says that words and numbers are left out.  A supervisor prints everything."""
    tokens = Keys(
        a=granted(Role.AGENT, agent="8001"), b=granted(Role.AGENT, agent="8002"),
        c=granted(Role.SUPERVISOR, agent="8090"),
    )  # fmt: skip
    mine = structs.replace(CASE, form=Form(harm="摔倒"), elders=("e0001",), summary="送医")

    async def sees_all(token: str) -> bool:
        headers = {"Authorization": f"Bearer {token}"}
        async with office.client(tokens=tokens, headers=headers) as client:
            page = await client.get(f"/cases/{CASE.id}/report")
        assert page.status_code == 200
        words = [
            one in page.text for one in (str(CASE.number), "摔倒", "送医", "13900000077", "已出院")
        ]
        assert len({*words, 'id="masked"' not in page.text}) == 1, page.text
        return words[0]

    await office.write([noted("contact 13900000077 reached", mine, 0), REPORTED])
    assert [await sees_all(one) for one in "abc"] == [True, False, True]
    closed = structs.replace(mine, state=CaseState.CLOSED, closed_ms=AT_MS)
    await office.write([noted("closed", closed, 1_000)])
    assert [await sees_all(one) for one in "abc"] == [False, False, True]
    owed = structs.replace(REVISIT, assignee=AgentId("8002"))
    await office.write([ObligationNoted(at_ms=AT_MS, call=None, what="assigned", obligation=owed)])
    assert [await sees_all(one) for one in "abc"] == [False, True, True]


async def test_the_revisits_summary_stands_on_the_report(office: Office) -> None:
    """D26, E18: how the elder is three days later, and who says so."""
    done = structs.replace(
        REVISIT, state=ObligationState.DONE, closing=Closing.DONE, reason="已好转<b>",
        assignee=AgentId("8002"), closed_ms=AT_MS + 259_200_000,
    )  # fmt: skip
    ended = ObligationNoted(at_ms=AT_MS + 259_200_000, call=None, what="ended", obligation=done)
    await office.write([noted("opened", CASE, 0), ended])
    async with office.client() as client:
        page = await client.get(f"/cases/{CASE.id}/report")
    assert "已好转&lt;b&gt;（8002）" in page.text
    assert "尚未回访" not in page.text
