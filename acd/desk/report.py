"""A report: a span's figures by part of the span, queue, entry, agent and seat (K01–K09).

Made from the record alone.  What does not add up is not shown (K04); where there were no calls a
sentence stands instead of figures, for a zero would be an invention.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from acd.adapters.postgres.reports import CallSums, PostgresReports
from acd.core.emergency.guide import Flow
from acd.desk.columns import FLOWS, flow_name
from acd.desk.figures import (
    NOBODY,
    Figures,
    Placed,
    figures,
    must_add_up,
    placed,
    trend_must_add_up,
)
from acd.desk.periods import Period, ReportRefused

GROUPS = ("part", "queue", "entry", "agent", "seat", "flow")
LEVEL_10_MIN = 0.95
"""Within 10 s by requirements L5; below it the report remarks on it."""

WORK = ("ready", "offered", "talking", "wrap_up", "reserved")
"""States in which an agent works; the others are breaks or trouble."""


_FILTERS = {
    "agent": "座席",
    "seat": "席位",
    "queue": "队列",
    "skill": "技能",
    "entry": "接入号",
    "flow": "诉求类别",
}


class Filter(msgspec.Struct, frozen=True):
    """Of which calls (K07); None stands for all."""

    agent: str | None = None
    seat: str | None = None
    queue: str | None = None
    skill: str | None = None
    entry: str | None = None
    flow: Flow | None = None
    """What the call turned out to be (K11)."""

    def words(self) -> str:
        """As it stands above a report; empty for all calls."""
        given = (
            (name, None if (value := getattr(self, key)) is None else flow_name(value))
            for key, name in _FILTERS.items()
        )
        return "，".join(f"{name} {value}" for name, value in given if value is not None)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says.  ``total`` is None when there were no calls: see ``sentence``."""

    title: str
    kind: str
    part: str
    first: date
    last: date
    made_at: datetime
    complete: bool
    """False while the span goes on: the figures are those so far."""
    filter: Filter
    sentence: str
    total: Figures | None
    before: Figures | None
    """Of the span of the same length before; None when nothing came in then."""
    year_before: Figures | None
    """Of the same span a year earlier; None when nothing came in then, and in a year's report."""
    groups: dict[str, dict[str, Figures]]
    trend: dict[str, dict[str, Figures]]
    """Flow → part of the span → figures: how each kind of business went over time (K11)."""
    queue_names: dict[str, str]
    """What the directory's queues are called now."""
    agents: dict[str, dict[str, int]]
    """Agent → state → milliseconds."""
    placed: Placed | None
    """None where a filter is set that calls which we place are not divided by."""
    tests: int
    """Calls that tested a terminal, by an agent's word: they stand in no other figure (W48)."""
    remarks: list[str]

    @property
    def wholes(self) -> dict[str, Figures]:
        """The whole, and what it is held against where there is something."""
        named = {"合计": self.total, "上一期": self.before, "去年同期": self.year_before}
        return {name: one for name, one in named.items() if one is not None}

    @property
    def tests_sentence(self) -> str:
        """What a reader has to be told of tests; empty when there were none."""
        if not self.tests:
            return ""
        return f"另有终端测试来电 {self.tests} 通，不计入以上数据。"


async def make_report(
    reports: PostgresReports, period: Period, filter_: Filter, now: datetime
) -> Report:
    """Raises ReportRefused for a span that has not begun or a skill that nobody asks for, and
    DoesNotAddUp."""
    if period.since > now:
        raise ReportRefused(
            f"{period.first} has not begun: there is nothing to report. The last full day is "
            f"{_last_full_day(period, now)}."
        )
    queues = await _queues(reports, filter_)
    total, groups, trend = await _calls(reports, period, filter_, queues)
    before = await _whole(reports, period.before(), filter_, queues)
    year_before = await _whole(reports, period.year_before(), filter_, queues)
    times = await reports.agents(
        period.since, period.until, now, agent=filter_.agent, seat=filter_.seat
    )
    agents: dict[str, dict[str, int]] = defaultdict(dict)
    for time in times:
        agents[time.agent][time.state] = time.ms
    complete = period.until <= now
    names = await reports.queue_names()
    remarks = [] if total is None else _remarks(total, groups["part"])
    if total is not None and complete:  # half a month is no decline
        remarks = _growth(total, before, year_before) + remarks
    return Report(
        title=period.title,
        kind=period.kind,
        part=period.part,
        first=period.first,
        last=period.last,
        made_at=now,
        complete=complete,
        filter=filter_,
        sentence=_sentence(period, filter_, total, names, complete=complete),
        total=total,
        before=before,
        year_before=year_before,
        groups=groups,
        trend=trend,
        queue_names=names,
        agents=dict(agents),
        placed=await _placed(reports, period, filter_),
        tests=await reports.tests(
            period.since,
            period.until,
            agent=filter_.agent,
            seat=filter_.seat,
            queues=queues,
            entry=filter_.entry,
            flow=filter_.flow,
        ),
        remarks=remarks,
    )


async def _placed(reports: PostgresReports, period: Period, filter_: Filter) -> Placed | None:
    if any((filter_.queue, filter_.skill, filter_.entry, filter_.flow)):
        return None
    return placed(
        await reports.placed(period.since, period.until, agent=filter_.agent, seat=filter_.seat)
    )


async def _queues(reports: PostgresReports, filter_: Filter) -> list[str] | None:
    """The queues that the filter leaves, None for all."""
    if filter_.skill is None:
        return None if filter_.queue is None else [filter_.queue]
    asking = await reports.queues_of(filter_.skill)
    if not asking:
        raise ReportRefused(f"No queue asks for the skill {filter_.skill}.")
    return [one for one in asking if filter_.queue in (None, one)]


async def _whole(
    reports: PostgresReports, period: Period | None, filter_: Filter, queues: list[str] | None
) -> Figures | None:
    return None if period is None else (await _calls(reports, period, filter_, queues))[0]


async def _calls(
    reports: PostgresReports, period: Period, filter_: Filter, queues: list[str] | None
) -> tuple[Figures | None, dict[str, dict[str, Figures]], dict[str, dict[str, Figures]]]:
    """The whole (None: no calls), its groups, and each flow's parts."""
    sums = await reports.calls(
        period.since, period.until, part=period.part, zone=period.zone.key,
        agent=filter_.agent, seat=filter_.seat, queues=queues, entry=filter_.entry,
        flow=filter_.flow,
    )  # fmt: skip
    apart: dict[str, dict[str, list[CallSums]]] = defaultdict(lambda: defaultdict(list))
    over_time: dict[str, dict[str, list[CallSums]]] = defaultdict(lambda: defaultdict(list))
    for one in sums:
        if one.within is None:
            apart[one.by][one.what or NOBODY].append(one)
        else:
            over_time[one.what or NOBODY][one.within].append(one)
    (whole,) = apart["all"][NOBODY]
    if whole.calls == 0:
        return None, {}, {}
    total = figures(apart["total"][NOBODY])
    groups = {
        group: {what: figures(rows) for what, rows in sorted(apart[group].items())}
        for group in GROUPS
    }
    trend = {
        flow: {part: figures(rows) for part, rows in sorted(parts.items())}
        for flow, parts in sorted(over_time.items(), key=lambda one: _place(one[0]))
    }
    groups["flow"] = dict(sorted(groups["flow"].items(), key=lambda one: _place(one[0])))
    must_add_up(whole.calls, total, groups, whole.impossible)
    trend_must_add_up(trend, groups)
    return total, groups, trend


def _place(flow: str) -> tuple[int, str]:
    """Flows stand in the order of their keys, and what nobody has said last."""
    known = list(FLOWS)
    return (known.index(flow) if flow in known else len(known), flow)


def _sentence(
    period: Period,
    filter_: Filter,
    total: Figures | None,
    queue_names: Mapping[str, str],
    *,
    complete: bool,
) -> str:
    words = filter_.words()
    of = f"（{words}）" if words else ""
    so_far = "" if complete else "截至目前"
    if total is None:
        # A queue that is gone from the directory has its calls of before; a mistyped one has none.
        gone = filter_.queue is not None and filter_.queue not in queue_names
        why = f"目录中没有队列 {filter_.queue}。" if gone else ""
        return f"{period.title}{of}：{so_far}没有来电，没有可统计的数据。{why}"
    return f"{period.title}{of}：{so_far}来电 {total.offered} 通，接通 {total.answered} 通。"


def _growth(total: Figures, before: Figures | None, year_before: Figures | None) -> list[str]:
    """The trend (K08, H09)."""
    found = []
    for name, one in (("上一期", before), ("去年同期", year_before)):
        if one is not None:
            change = (total.offered - one.offered) / one.offered
            found.append(f"来电较{name}{'增加' if change >= 0 else '减少'} {abs(change):.1%}。")
    return found


def _remarks(total: Figures, parts: Mapping[str, Figures]) -> list[str]:
    """What a reader should see first (K05, K08): what was below the target."""
    found = []
    if total.level_10 is not None and total.level_10 < LEVEL_10_MIN:
        found.append(f"10 秒接通率 {total.level_10:.1%}，低于 {LEVEL_10_MIN:.0%}。")
        worst = min(parts, key=lambda part: parts[part].level_10 or 0.0)
        found.append(f"最低的时段是 {worst}：{parts[worst].level_10 or 0.0:.1%}。")
    if total.incidents:
        found.append(f"{total.incidents} 通来电等待过久，已开事件单，须逐一查明原因。")
    lost = total.outcomes.get("lost", 0) + total.outcomes.get("fallback", 0)
    if lost:
        found.append(f"{lost} 通来电未由服务处理到底（链路中断或转入兜底）。")
    return found


def _last_full_day(period: Period, now: datetime) -> date:
    today = now.astimezone(period.zone).date()
    return date.fromordinal(today.toordinal() - 1)
