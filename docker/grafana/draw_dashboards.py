"""The Grafana dashboards, drawn from the table below: `python docker/grafana/draw_dashboards.py`.

Writes docker/grafana/dashboards/*.json, which Grafana provisions; a test fails when they are stale,
and another asks every panel's question of a real Prometheus with real data.  Titles are in the
operators' language and in the documents'.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DataSourceRef, GridPos, Threshold

FOLDER = Path(__file__).with_name("dashboards")
SOURCE = DataSourceRef(type_val="prometheus", uid="huling-prometheus")
GRID_WIDTH = 24
STAT_HEIGHT = 4
CURVE_HEIGHT = 8
WINDOW = "5m"
"""Curves look back so far: long enough for a quiet line, short enough to see the last minutes."""

GOOD, BAD = "green", "red"


@dataclass(frozen=True)
class Stat:
    """One number of now, an eighth or a quarter of the width.  ``red`` is the value from which on
    it is red; with ``low`` it is red below it."""

    title: str
    expr: str
    unit: str = "short"
    red: float | None = None
    low: bool = False
    width: int = 6


@dataclass(frozen=True)
class Curve:
    """Curves over time, half or the whole of the width: (PromQL, legend) each."""

    title: str
    unit: str
    lines: tuple[tuple[str, str], ...]
    width: int = 12


@dataclass(frozen=True)
class Board:
    """A dashboard: its numbers first, then its curves."""

    uid: str
    title: str
    stats: tuple[Stat, ...]
    curves: tuple[Curve, ...]
    refresh: str = "5s"
    since: str = "now-1h"


def rate(metric: str, by: str = "") -> str:
    """Return events a minute."""
    grouped = f"sum by ({by})" if by else "sum"
    return f"{grouped} (rate({metric}[{WINDOW}])) * 60"


def quantile(share: float, metric: str, by: str = "") -> str:
    """Return a quantile of a histogram."""
    groups = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({groups}) (rate({metric}_bucket[{WINDOW}])))"


BOARDS = (
    Board(
        "huling-now",
        "护铃 此刻 Now",
        (
            Stat("正在等待 Waiting", "sum(huling_calls_waiting)", red=1),
            Stat("最长等待 Longest wait", "max(huling_longest_wait_seconds)", "s", red=10),
            Stat("空闲座席 Agents free", 'huling_agents_free{queue="emergency"}', red=2, low=True),
            Stat("在线通话 Calls live", "huling_calls_live"),
        ),
        (
            Curve(
                "来电 Calls a minute",
                "cpm",
                (
                    (rate("huling_calls_offered_total"), "进线 offered"),
                    (rate("huling_calls_answered_total"), "接通 answered"),
                    (rate("huling_calls_abandoned_total"), "放弃 abandoned"),
                ),
            ),
            Curve(
                "应答时间 Answer time",
                "s",
                (
                    (quantile(0.5, "huling_answer_time_seconds"), "p50"),
                    (quantile(0.95, "huling_answer_time_seconds"), "p95"),
                    (quantile(0.99, "huling_answer_time_seconds"), "p99"),
                ),
            ),
            Curve("等待人数 Waiting", "short", (("huling_calls_waiting", "{{queue}}"),)),
            Curve("座席状态 Agents", "short", (("huling_agents > 0", "{{state}}"),)),
            Curve(
                "工时利用率 Occupancy of agents at work",
                "percentunit",
                (("huling:occupancy:ratio", "占用 occupancy"),),
            ),
        ),
    ),
    Board(
        "huling-level",
        "护铃 服务水平 Service level",
        (
            Stat(
                "10秒应答率 Within 10 s",
                'min(huling:level_raw:ratio1h{le="10.0"})',
                "percentunit",
                red=0.95,
                low=True,
            ),
            Stat(
                "15秒服务水平 Within 15 s",
                'min(huling:level_raw:ratio1h{le="15.0"})',
                "percentunit",
                red=0.98,
                low=True,
            ),
            Stat(
                "20秒应答率 Within 20 s",
                'min(huling:level_raw:ratio1h{le="20.0"})',
                "percentunit",
                red=0.99,
                low=True,
            ),
            Stat(
                "接通率 Connect rate",
                "min(huling:connect:ratio1h)",
                "percentunit",
                red=0.99,
                low=True,
            ),
        ),
        (
            Curve(
                "各口径10秒应答率 Within 10 s, by formula",
                "percentunit",
                (
                    ('huling:level_raw:ratio1h{le="10.0"}', "{{queue}} 全部 raw"),
                    ('huling:level_adjusted:ratio1h{le="10.0"}', "{{queue}} 剔除秒挂 adjusted"),
                    ('huling:level_of_answered:ratio1h{le="10.0"}', "{{queue}} 接通内 of answered"),
                    ('huling:level_in_time:ratio1h{le="10.0"}', "{{queue}} 及时 in time"),
                ),
            ),
            Curve(
                "NENA 口径 NENA, 10, 15 and 20 s",
                "percentunit",
                (("huling:level_nena:ratio1h", "{{queue}} ≤ {{le}} s"),),
            ),
            Curve("平均应答速度 ASA", "s", (("huling:asa:seconds1h", "{{queue}}"),)),
            Curve(
                "平均处理时长 AHT",
                "s",
                (
                    ("huling:aht:seconds1h", "{{queue}} 处理 handle"),
                    ("huling:att:seconds1h", "{{queue}} 通话 talk"),
                    ("huling:acw:seconds1h", "{{queue}} 整理 wrap-up"),
                ),
            ),
            Curve(
                "放弃率 Abandonment",
                "percentunit",
                (("huling:abandonment:ratio1h", "{{queue}}"),),
            ),
            Curve(
                "承诺逾期 Promises broken",
                "short",
                (("sum by (queue) (increase(huling_promises_broken_total[1h]))", "{{queue}}"),),
            ),
            Curve(
                "各接入号10秒应答率 Within 10 s, by entry",
                "percentunit",
                (
                    ('huling:entry_level_raw:ratio1h{le="10.0"}', "{{entry}} 全部 raw"),
                    (
                        'huling:entry_level_adjusted:ratio1h{le="10.0"}',
                        "{{entry}} 剔除秒挂 adjusted",
                    ),
                    ('huling:entry_level_nena:ratio1h{le="10.0"}', "{{entry}} NENA"),
                ),
            ),
            Curve(
                "各接入号接通与放弃 Connect and abandonment, by entry",
                "percentunit",
                (
                    ("huling:entry_connect:ratio1h", "{{entry}} 接通 connect"),
                    ("huling:entry_abandonment:ratio1h", "{{entry}} 放弃 abandonment"),
                ),
            ),
            Curve(
                "各接入号处理时长 AHT, by entry",
                "s",
                (
                    ("huling:entry_aht:seconds1h", "{{entry}} 处理 handle"),
                    ("huling:entry_acw:seconds1h", "{{entry}} 整理 wrap-up"),
                ),
            ),
            Curve(
                "各技能10秒应答率 Within 10 s, by skill",
                "percentunit",
                (
                    ('huling:skill_level_raw:ratio1h{le="10.0"}', "{{skill}} 全部 raw"),
                    (
                        'huling:skill_level_adjusted:ratio1h{le="10.0"}',
                        "{{skill}} 剔除秒挂 adjusted",
                    ),
                    (
                        'huling:skill_level_of_answered:ratio1h{le="10.0"}',
                        "{{skill}} 接通内 of answered",
                    ),
                    ('huling:skill_level_in_time:ratio1h{le="10.0"}', "{{skill}} 及时 in time"),
                    ('huling:skill_level_nena:ratio1h{le="10.0"}', "{{skill}} NENA"),
                ),
            ),
            Curve(
                "各技能接通与放弃 Connect and abandonment, by skill",
                "percentunit",
                (
                    ("huling:skill_connect:ratio1h", "{{skill}} 接通 connect"),
                    ("huling:skill_abandonment:ratio1h", "{{skill}} 放弃 abandonment"),
                ),
            ),
            Curve(
                "各技能时长 ASA and AHT, by skill",
                "s",
                (
                    ("huling:skill_asa:seconds1h", "{{skill}} 应答 ASA"),
                    ("huling:skill_aht:seconds1h", "{{skill}} 处理 AHT"),
                    ("huling:skill_acw:seconds1h", "{{skill}} 整理 ACW"),
                ),
            ),
            Curve(
                "各技能座席 Agents, by skill",
                "short",
                (("huling_skill_agents", "{{skill}} {{state}}"),),
            ),
            Curve(
                "各组10秒应答与接起 Within 10 s and taken, by group",
                "percentunit",
                (
                    (
                        'huling:group_level_of_answered:ratio1h{le="10.0"}',
                        "{{group}} 10秒内 of answered",
                    ),
                    ("huling:group_taken:ratio1h", "{{group}} 接起 taken"),
                ),
            ),
            Curve(
                "各组时长 ASA, ACW and AHT, by group",
                "s",
                (
                    ("huling:group_asa:seconds1h", "{{group}} 应答 ASA"),
                    ("huling:group_acw:seconds1h", "{{group}} 整理 ACW"),
                    ("huling:group_aht:seconds1h", "{{group}} 处理 AHT"),
                ),
            ),
            Curve(
                "各组座席 Agents, by group",
                "short",
                (("huling_group_agents", "{{group}} {{state}}"),),
            ),
            Curve(
                "满意度评价 Ratings in a day",
                "short",
                (
                    ("sum (increase(huling_ratings_asked_total[1d]))", "邀评 asked"),
                    ("sum by (rating) (increase(huling_ratings_total[1d]))", "{{rating}}"),
                ),
            ),
            Curve(
                "自助服务 Self-service in a day",
                "short",
                (
                    (
                        "sum by (result) (increase(huling_self_service_ended_total[1d]))",
                        "{{result}}",
                    ),
                ),
            ),
            Curve(
                "自助成功率 Self-service success",
                "percentunit",
                (
                    ("huling:self_service:ratio1d", "成功 success"),
                    ("huling:menu_understood:ratio1d", "按键有效 keys understood"),
                ),
            ),
            Curve(
                "自助响应 INVITE to the menu",
                "s",
                (("huling:menu_start:seconds1h", "平均 mean"),),
            ),
        ),
        refresh="30s",
        since="now-24h",
    ),
    Board(
        "huling-agents",
        "护铃 座席 Agents",
        (
            Stat(
                "在岗 At work",
                'sum(huling_agents{state=~"ready|reserved|offered|talking|wrap_up"})',
                red=2,
                low=True,
            ),
            Stat("就绪 Ready", 'huling_agents{state="ready"}'),
            Stat("通话中 Talking", 'huling_agents{state="talking"}'),
            Stat("无应答 Not responding", 'huling_agents{state="not_responding"}', red=1),
        ),
        (
            Curve("座席状态 States", "short", (("huling_agents > 0", "{{state}}"),)),
            Curve("空闲 Free", "short", (("huling_agents_free", "{{queue}}"),)),
            Curve(
                "派话结果 Offers a minute, by result",
                "cpm",
                ((rate("huling_offers_ended_total", "result"), "{{result}}"),),
            ),
            Curve(
                "振铃时长 Ring time",
                "s",
                (
                    (quantile(0.5, "huling_ring_time_seconds", "result"), "{{result}} p50"),
                    (quantile(0.95, "huling_ring_time_seconds", "result"), "{{result}} p95"),
                ),
            ),
        ),
    ),
    Board(
        "huling-emergency",
        "护铃 紧急 Emergency",
        (
            Stat(
                "紧急等待 Waiting",
                'sum(huling_calls_waiting{queue="emergency"})',
                red=1,
            ),
            Stat(
                "最长等待 Longest wait",
                'max(huling_longest_wait_seconds{queue="emergency"})',
                "s",
                red=10,
            ),
            Stat(
                "一小时内逾期 Promises broken in an hour",
                'sum(increase(huling_promises_broken_total{queue="emergency"}[1h]))',
                red=1,
            ),
            Stat(
                "事件单 Incidents in a day",
                'sum(increase(huling_incidents_opened_total{queue="emergency"}[1d]))',
                red=1,
            ),
        ),
        (
            Curve(
                "紧急应答时间 Answer time",
                "s",
                (
                    (
                        "histogram_quantile(0.5, sum by (le) (rate("
                        f'huling_answer_time_seconds_bucket{{queue="emergency"}}[{WINDOW}])))',
                        "p50",
                    ),
                    (
                        "histogram_quantile(0.99, sum by (le) (rate("
                        f'huling_answer_time_seconds_bucket{{queue="emergency"}}[{WINDOW}])))',
                        "p99",
                    ),
                ),
            ),
            Curve(
                "首次派话 INVITE to first offer",
                "s",
                (
                    (
                        "histogram_quantile(0.99, sum by (le) (rate("
                        f'huling_first_offer_seconds_bucket{{queue="emergency"}}[{WINDOW}])))',
                        "p99",
                    ),
                ),
            ),
            Curve(
                "紧急来电 Emergency calls a minute",
                "cpm",
                (
                    (
                        "sum(rate(huling_calls_offered_total"
                        f'{{queue="emergency"}}[{WINDOW}])) * 60',
                        "进线 offered",
                    ),
                    (
                        "sum by (outcome) (rate(huling_calls_ended_total"
                        f'{{queue="emergency"}}[{WINDOW}])) * 60',
                        "{{outcome}}",
                    ),
                ),
            ),
            Curve(
                "重新排队 Put back in the queue, a minute",
                "cpm",
                ((rate("huling_calls_requeued_total"), "重新排队 requeued"),),
            ),
            Curve(
                "未结个案 Cases not closed",
                "short",
                (("huling_cases", "{{state}}"),),
            ),
            Curve(
                "最久未结 Oldest open case",
                "s",
                (("huling_oldest_case_seconds", "最久 oldest"),),
            ),
            Curve(
                "逾期事项 What is owed and late",
                "short",
                (("huling_obligations_late", "{{kind}}"),),
            ),
            Curve(
                "B 席到位 From the opening of a case to B",
                "s",
                (
                    (quantile(0.99, "huling_case_b_ring_seconds"), "振铃 rings p99"),
                    (quantile(0.99, "huling_case_b_join_seconds"), "加入 joins p99"),
                ),
            ),
        ),
    ),
    Board(
        "huling-asterisk",
        "护铃 Asterisk",
        (
            Stat("ARI 链路 ARI link", 'min(huling_link_up{link="ari"})', red=1, low=True),
            Stat("AMI 链路 AMI link", 'min(huling_link_up{link="ami"})', red=1, low=True),
            Stat("执行中指令 Commands under way", "huling_commands_under_way", red=60),
            Stat("排队指令 Commands waiting", "huling_commands_waiting", red=20),
        ),
        (
            Curve("链路 Links", "short", (("huling_link_up", "{{node}} {{link}}"),)),
            Curve(
                "中继 Trunks: answering, registered",
                "short",
                (("huling_trunk_up", "{{node}} {{trunk}} {{way}}"),),
            ),
            Curve(
                "中继占用 Lines in use, of those there are",
                "percentunit",
                (("huling:trunk_lines_used:ratio", "{{trunk}}"),),
            ),
            Curve(
                "接入接通率 Lines that came to ring",
                "percentunit",
                (("huling:access:ratio1h", "{{role}}"),),
            ),
            Curve(
                "呼叫建立时延 Set-up delay",
                "s",
                (
                    (quantile(0.5, "huling_setup_seconds", "role"), "{{role}} p50"),
                    (quantile(0.95, "huling_setup_seconds", "role"), "{{role}} p95"),
                ),
            ),
            Curve(
                "单向无声 Lines without sound one way, in an hour",
                "short",
                (
                    (
                        "sum by (role, way) (increase(huling_legs_one_way_total[1h]))",
                        "{{role}} {{way}}",
                    ),
                ),
            ),
            Curve("丢包率 Packets lost", "percentunit", (("huling:loss:ratio1h", "{{role}}"),)),
            Curve("抖动 Jitter", "s", (("huling:jitter:seconds1h", "{{role}}"),)),
            Curve(
                "指令 Commands",
                "short",
                (
                    ("huling_commands_under_way", "执行中 under way"),
                    ("huling_commands_waiting", "排队 waiting"),
                ),
            ),
            Curve(
                "修正 Repairs",
                "short",
                ((f"sum(increase(huling_repairs_total[{WINDOW}])) or vector(0)", "修正 repairs"),),
            ),
            Curve(
                "适配层忽略 Left alone by the adapter, a minute",
                "cpm",
                ((rate("huling_adapter_noticed_total", "what"), "{{what}}"),),
            ),
        ),
    ),
    Board(
        "huling-service",
        "护铃 服务健康 Service health",
        (
            Stat("就绪 Ready", "huling_ready", red=1, low=True, width=4),
            Stat("缺陷 Defects", "sum(huling_defects_total)", red=1, width=4),
            Stat(
                "不变式 Invariants violated",
                "sum(huling_invariants_violated_total)",
                red=1,
                width=4,
            ),
            Stat("待写记录 Records waiting", "huling_records_waiting", red=1000, width=4),
            Stat("日志 Journal written", "huling_journal_writing", red=1, low=True, width=4),
            Stat("内存 Memory", "process_resident_memory_bytes", "bytes", red=150e6, width=4),
        ),
        (
            Curve(
                "决策时间 Decision time",
                "s",
                (
                    (quantile(0.5, "huling_decision_seconds"), "p50"),
                    (quantile(0.99, "huling_decision_seconds"), "p99"),
                ),
            ),
            Curve("循环迟滞 Loop lag", "s", ((quantile(0.99, "huling_loop_lag_seconds"), "p99"),)),
            Curve("收件箱 Inbox", "short", (("huling_inbox_events", "事件 events"),)),
            Curve("记录滞后 Record lag", "s", (("huling_record_lag_seconds", "滞后 lag"),)),
            Curve(
                "处理器 CPU",
                "percentunit",
                ((f"rate(process_cpu_seconds_total[{WINDOW}])", "acd serve"),),
            ),
            Curve(
                "语音监听 Listening to callers",
                "short",
                (
                    ("huling_listening_ready", "可监听 ready"),
                    ("huling_listening_legs", "监听中 legs"),
                ),
            ),
            Curve(
                "事件流 Readers of the stream",
                "short",
                (
                    ("huling_stream_readers", "读者 readers"),
                    ("increase(huling_stream_fell_behind_total[1h])", "掉队 fell behind in 1 h"),
                ),
            ),
            Curve(
                "弹屏时间 Screen pop",
                "s",
                (
                    (quantile(0.5, "huling_screen_pop_seconds", "at"), "{{at}} p50"),
                    (quantile(0.99, "huling_screen_pop_seconds", "at"), "{{at}} p99"),
                ),
            ),
            Curve(
                "查询时间 Search",
                "s",
                (
                    (quantile(0.95, "huling_search_seconds", "what"), "{{what}} p95"),
                    (quantile(0.95, "huling_desk_search_seconds", "what"), "后台 {{what}} p95"),
                ),
            ),
            Curve(
                "可用率 Availability",
                "percentunit",
                (
                    ("huling:available:bool", "此刻 now"),
                    ("huling:availability:ratio1d", "一天 a day"),
                    ("huling:availability:ratio30d", "三十天 30 days"),
                ),
            ),
            Curve("内存走势 Memory", "bytes", (("process_resident_memory_bytes", "acd serve"),)),
        ),
    ),
)


def positions(board: Board) -> Iterator[tuple[Stat | Curve, GridPos]]:
    """Yield each panel with its place: rows filled from the left, numbers above curves."""
    y = 0
    for panels, height in ((board.stats, STAT_HEIGHT), (board.curves, CURVE_HEIGHT)):
        x = 0
        for panel in panels:
            if x + panel.width > GRID_WIDTH:
                x, y = 0, y + height
            yield panel, GridPos(x=x, y=y, w=panel.width, h=height)
            x += panel.width
        y += height


def _query(expr: str, legend: str, ref: str) -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(expr).legend_format(legend).ref_id(ref)


def _thresholds(panel: Stat) -> build.ThresholdsConfig:
    if panel.red is None:
        steps = [Threshold(value=None, color=GOOD)]
    else:
        below, above = (BAD, GOOD) if panel.low else (GOOD, BAD)
        steps = [Threshold(value=None, color=below), Threshold(value=panel.red, color=above)]
    return build.ThresholdsConfig().steps(steps)


def _panel(panel: Stat | Curve, place: GridPos, number: int) -> stat.Panel | timeseries.Panel:
    if isinstance(panel, Stat):
        return (
            stat.Panel()
            .id(number)
            .title(panel.title)
            .datasource(SOURCE)
            .unit(panel.unit)
            .thresholds(_thresholds(panel))
            .grid_pos(place)
            .with_target(_query(panel.expr, panel.title, "A"))
        )
    curve = (
        timeseries.Panel()
        .id(number)
        .title(panel.title)
        .datasource(SOURCE)
        .unit(panel.unit)
        .min(0)
        .grid_pos(place)
    )
    for letter, (expr, legend) in zip("ABCDEFGH", panel.lines, strict=False):
        curve.with_target(_query(expr, legend, letter))
    return curve


def rendered(board: Board) -> str:
    """Return a dashboard as Grafana's JSON."""
    made = (
        build.Dashboard(board.title)
        .uid(board.uid)
        .tags(["huling"])
        .refresh(board.refresh)
        .time(board.since, "now")
        .timezone("browser")
        .readonly()
    )
    for number, (panel, place) in enumerate(positions(board), start=1):
        made.with_panel(_panel(panel, place, number))
    return JSONEncoder(sort_keys=True, indent=2).encode(made.build()) + "\n"


def main() -> None:
    """Write all dashboards anew."""
    FOLDER.mkdir(exist_ok=True)
    for board in BOARDS:
        (FOLDER / f"{board.uid}.json").write_text(rendered(board), encoding="utf-8")


if __name__ == "__main__":
    main()
