"""The columns of every table of a report, in one order, with their Chinese headings (K09)."""

from collections.abc import Callable
from typing import NamedTuple

from acd.core.emergency.guide import Flow
from acd.desk.figures import GOING_ON, OUTCOMES, Figures

Value = int | float | None


class Column(NamedTuple):
    """One column; ``form`` says how its values are written: count, share or ms."""

    key: str
    heading: str
    form: str
    value: Callable[[Figures], Value]


_OUTCOMES = {
    "answered": "接通",
    "abandoned": "呼损",
    "refused": "空号",
    "fallback": "兜底",
    "lost": "中断",
    "voicemail": "留言",
    "callback": "预约回拨",
    "self_served": "自助办结",
    "busy": "占线",
    "no_answer": "无人接听",
    "rejected": "拒接",
    "unreachable": "不可达",
    "no_trunk": "无可用中继",
    "withdrawn": "主动撤销",
    GOING_ON: "进行中",
}


def _of(outcome: str) -> Callable[[Figures], Value]:
    return lambda figures: figures.outcomes[outcome]


def _field(name: str) -> Callable[[Figures], Value]:
    return lambda figures: getattr(figures, name)


def heading_of(outcome: str) -> str:
    """The Chinese word for an outcome; one that is new here stands as it is."""
    return _OUTCOMES.get(outcome, outcome)


COLUMNS: tuple[Column, ...] = (
    Column("offered", "来电", "count", _field("offered")),
    *(
        Column(f"outcome_{outcome}", heading_of(outcome), "count", _of(outcome))
        for outcome in OUTCOMES
    ),
    Column("within_10_s", "10秒内接通", "count", _field("within_10_s")),
    Column("within_15_s", "15秒内接通", "count", _field("within_15_s")),
    Column("within_20_s", "20秒内接通", "count", _field("within_20_s")),
    Column("level_10", "10秒接通率", "share", _field("level_10")),
    Column("level_10_adjusted", "10秒接通率(除5秒内放弃)", "share", _field("level_10_adjusted")),
    Column("level_15", "15秒接通率", "share", _field("level_15")),
    Column("level_20", "20秒接通率", "share", _field("level_20")),
    Column("connect", "接通率", "share", _field("connect")),
    Column("connect_adjusted", "接通率(除5秒内放弃)", "share", _field("connect_adjusted")),
    Column("made_good", "事后接通", "count", _field("made_good")),
    Column("uncallable", "无法回拨(无号码)", "count", _field("uncallable")),
    Column("connect_finally", "最终接通率", "share", _field("connect_finally")),
    Column("abandonment", "呼损率", "share", _field("abandonment")),
    Column("speed_of_answer_ms", "平均应答速度", "ms", _field("speed_of_answer_ms")),
    Column("talk_ms", "平均通话时长", "ms", _field("talk_ms")),
    Column("hold_ms", "平均保持时长", "ms", _field("hold_ms")),
    Column("wrap_up_ms", "平均整理时长", "ms", _field("wrap_up_ms")),
    Column("handle_ms", "平均处理时长", "ms", _field("handle_ms")),
    Column("longest_wait_ms", "最长等待", "ms", _field("longest_wait_ms")),
    Column("promises_broken", "承诺逾期", "count", _field("promises_broken")),
    Column("incidents", "事件单", "count", _field("incidents")),
    Column("rated", "评价数", "count", _field("rated")),
    Column("satisfied", "满意数", "count", _field("satisfied")),
    Column("satisfaction", "满意率", "share", _field("satisfaction")),
)

GROUP_NAMES = {
    "part": "分时段",
    "queue": "按队列",
    "entry": "按接入号",
    "agent": "按座席",
    "seat": "按席位",
    "flow": "按诉求类别",
}

TREND_NAME = "诉求类别趋势"

FLOWS = {
    Flow.EMERGENCY.value: "紧急",
    Flow.ENQUIRY.value: "咨询",
    Flow.REFERRAL.value: "转介",
    Flow.COMPLAINT.value: "投诉",
}
"""What a call turned out to be, in the order of the digits behind *21."""


def flow_name(flow: str) -> str:
    """The Chinese word for a flow; what nobody has said stays a dash."""
    return FLOWS.get(flow, flow)


STATES = {
    "ready": "就绪",
    "offered": "振铃",
    "talking": "通话",
    "wrap_up": "整理",
    "reserved": "预留",
    "paused": "示忙",
    "not_responding": "无应答",
    "logged_out": "签出",
}


def shown(value: Value, form: str) -> str:
    """A value as a person reads it; what does not exist is a dash and never a zero."""
    if value is None:
        return "—"
    match form:
        case "share":
            return f"{value:.1%}"
        case "ms":
            return f"{value / 1000:.1f} 秒"
    return str(value)
