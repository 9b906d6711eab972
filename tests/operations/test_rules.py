"""Prometheus' rules do what they say: each alert fires on its trouble and on nothing less, each
level is the formula of docs/metrics.md, and every alert tells the operator what to do."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from servers.prometheus import CONFIG

REPO = Path(__file__).parents[2]
RULES = sorted((REPO / "docker" / "prometheus").glob("*.rules.yml"))
EVERY = "5s"
"""As Prometheus evaluates in servers/prometheus.py."""

Series = dict[str, str]


def rules(kind: str) -> dict[str, dict[str, Any]]:
    """Return the rules of a kind (``alert``, ``record``) by name."""
    return {
        rule[kind]: rule
        for path in RULES
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
        if kind in rule
    }


def promtool(*arguments: str) -> None:
    """Run promtool of the private root; its complaint is the test's."""
    done = subprocess.run(
        ["promtool", *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def judge(
    tmp_path: Path,
    tested: list[dict[str, Any]],
    series: Series,
    asked: Sequence[tuple[str, str, float | None]],
    *,
    every: str = EVERY,
) -> None:
    """Have promtool run the rules ``tested`` over ``series`` (a value ``every`` so often) and
    compare (when, PromQL, value) each; None stands for "no figure at all"."""
    alone = tmp_path / "alone.rules.yml"
    alone.write_text(yaml.safe_dump({"groups": [{"name": "tested", "rules": tested}]}))
    document = {
        "rule_files": [str(alone)],
        "evaluation_interval": every,
        "tests": [
            {
                "interval": every,
                "input_series": [{"series": k, "values": v} for k, v in series.items()],
                "promql_expr_test": [
                    {
                        "expr": expr,
                        "eval_time": when,
                        "exp_samples": [] if value is None else [{"labels": "{}", "value": value}],
                    }
                    for when, expr, value in asked
                ],
            }
        ],
    }
    path = tmp_path / "case.yml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    promtool("test", "rules", str(path))


def needed(rule: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a rule behind the figures it asks for: with all others promtool would take minutes."""
    figures = [figure for name, figure in rules("record").items() if name in rule["expr"]]
    return [*figures, rule]


def firing(alert: str) -> str:
    return f'count(ALERTS{{alertname="{alert}",alertstate="firing"}})'


Q = 'queue="emergency"'
ALERTS: dict[str, tuple[Series, str, str]] = {
    # alert: (series, a moment at which it must fire, a moment at which it must not)
    "CallerAloneTooLong": (
        {f"huling_incidents_opened_total{{{Q}}}": "0x12 1x60"},
        "1m30s",
        "4m",
    ),
    "CallerWaitsLong": ({f"huling_longest_wait_seconds{{{Q}}}": "0+5x10 0x20"}, "40s", "20s"),
    "PromiseKeptTooRarely": (
        {
            f'huling_calls_offered_total{{entry="95001",{Q}}}': "0+1x360 360+0x800",
            f'huling_answer_time_seconds_bucket{{{Q},le="10.0"}}': "0+0.5x360 180+0x800",
        },
        "20m",
        "1m",
    ),
    "TooManyLeave": (
        {
            f'huling_calls_offered_total{{entry="95001",{Q}}}': "0+1x360 360+0x800",
            f"huling_calls_abandoned_total{{{Q}}}": "0+0.1x360 36+0x800",
        },
        "20m",
        "1m",
    ),
    "NoCalls": ({"huling_calls_expected_since_last": "0+1x15 16x60"}, "4m", "3m"),
    "ProofFails": ({"huling_proof_failures_in_a_row": "0x5 1x10 2x10 0x10"}, "1m30s", "1m"),
    "CaseOpenTooLong": ({"huling_oldest_case_seconds": "7180+5x6 0x9"}, "30s", "15s"),
    "ObligationsLate": (
        {
            'huling_obligations_late{kind="callback"}': "0x3 1x20 0x10",
            'huling_obligations_late{kind="revisit"}': "0x33",
        },
        "1m40s",
        "1m",
    ),
    "StreamFallsBehind": ({"huling_stream_fell_behind_total": "0x12 1x130"}, "2m", "1m"),
    "StreamUnread": ({"huling_stream_readers": "2x12 0x500"}, "2m30s", "40m"),
    "TooFewAgents": (
        {
            'huling_agents{state="ready"}': "1x20 2x20",
            'huling_agents{state="paused"}': "5x40",
            'huling_agents{state="logged_out"}': "9x40",
        },
        "1m30s",
        "2m",
    ),
    "LeftWithoutConsent": (
        {
            'huling_left_without_consent_total{why="staffing"}': "0x12 1x250",
            'huling_left_without_consent_total{why="reason"}': "0x262",
        },
        "2m",
        "18m",
    ),
    "TrunkNotRegistered": (
        {
            'huling_trunk_up{node="n1",trunk="carrier-a",way="registered"}': "1x12 0x20 1x20",
            'huling_trunk_up{node="n1",trunk="carrier-b",way="registered"}': "1x52",
            'huling_trunk_up{node="n1",trunk="carrier-b",way="answers"}': "0x52",
        },
        "2m20s",
        "3m",
    ),
    "TrunkSilent": (
        {
            'huling_trunk_up{node="n1",trunk="carrier-a",way="answers"}': "0x80",
            'huling_trunk_up{node="n2",trunk="carrier-a",way="answers"}': "1x12 0x40 1x28",
        },
        "4m",
        "2m",
    ),
    "TrunkNearlyFull": (
        {
            'huling_trunk_lines_in_use{trunk="carrier-a"}': "23x12 24x80",
            'huling_trunk_lines{trunk="carrier-a"}': "30x92",
            # Nobody has said how many this one has, and this one is far from full.
            'huling_trunk_lines_in_use{trunk="carrier-b"}': "30x92",
            'huling_trunk_lines_in_use{trunk="carrier-c"}': "23x92",
            'huling_trunk_lines{trunk="carrier-c"}': "30x92",
        },
        "6m30s",
        "5m30s",
    ),
    "TrunkFull": (
        {
            'huling_trunk_lines_in_use{trunk="carrier-a"}': "28x24 29x30",
            'huling_trunk_lines{trunk="carrier-a"}': "30x54",
        },
        "3m10s",
        "2m40s",
    ),
    "AgentsNearlyAllBusy": (
        {
            'huling_agents{state="ready"}': "2x180 1x400",
            'huling_agents{state="talking"}': "7x180 8x400",
            'huling_agents{state="wrap_up"}': "1x580",
            'huling_agents{state="paused"}': "5x580",
        },
        "30m",
        "15m",
    ),
    "SipGuessing": (
        {
            'huling_adapter_noticed_total{what="SIP guesses where one of us is"}': "0x12 1x250",
            'huling_adapter_noticed_total{what="SIP guess"}': "0+9x262",
        },
        "2m",
        "18m",
    ),
    "ConfigurationTakenBack": (
        {
            'huling_configuration_taken_back_total{what="directory"}': "0x12 1x250",
            'huling_configuration_taken_back_total{what="nodes"}': "0x262",
        },
        "2m",
        "18m",
    ),
    "AgentNotResponding": ({'huling_agents{state="not_responding"}': "1x30 0x10"}, "2m20s", "1m"),
    "ServiceDown": ({'up{job="huling"}': "1x5 0x10 1x10"}, "50s", "30s"),
    "ServiceNotScraped": ({'up{job="huling"}': "_x20 1x20"}, "1m30s", "2m"),
    "NobodyActive": (
        {'huling_active{instance="a"}': "1x5 0x20", 'huling_active{instance="b"}': "0x15 1x10"},
        "1m10s",
        "1m30s",
    ),
    "TwoActive": (
        {'huling_active{instance="a"}': "1x30", 'huling_active{instance="b"}': "0x5 1x10 0x15"},
        "1m10s",
        "20s",
    ),
    "TakenOver": (
        {
            'huling_takeovers_total{instance="a"}': "0x300",
            'huling_takeovers_total{instance="b"}': "0x12 1x288",
        },
        "2m",
        "1m",
    ),
    "OneWayAudio": (
        {
            'huling_legs_one_way_total{role="agent",way="from"}': "0x12 0+1x30 30x200",
            'huling_legs_one_way_total{role="agent",way="to"}': "0x240",
            'huling_legs_measured_total{role="agent"}': "0+2x40 80x200",
        },
        "4m",
        "1m",
    ),
    "VoicePoor": (
        {
            'huling_leg_loss_ratio_bucket{role="caller",le="0.05"}': "0+10x12 120+0x240",
            'huling_leg_loss_ratio_bucket{role="caller",le="0.2"}': "0+10x250",
            'huling_leg_loss_ratio_bucket{role="caller",le="+Inf"}': "0+10x250",
        },
        "10m",
        "1m",
    ),
    "SetUpSlow": (
        {
            'huling_setup_seconds_bucket{role="agent",le="2.0"}': "0+10x12 120+0x240",
            'huling_setup_seconds_bucket{role="agent",le="5.0"}': "0+10x250",
            'huling_setup_seconds_bucket{role="agent",le="+Inf"}': "0+10x250",
        },
        "10m",
        "1m",
    ),
    "NotReady": ({"huling_ready": "1x5 0x10 1x10"}, "50s", "30s"),
    "LinkDown": ({'huling_link_up{node="n1",link="ami"}': "1x5 0x10 1x10"}, "50s", "30s"),
    "Defect": ({"huling_defects_total": "0x12 1x120"}, "2m", "1m"),
    "ManyRepairs": (
        {'huling_repairs_total{what="leg was gone"}': "0x12 0+1x30 30x200"},
        "4m",
        "1m",
    ),
    "RecordsBehind": ({"huling_record_lag_seconds": "0+5x20 0x10"}, "1m20s", "40s"),
    "RecordsGivenUp": ({"huling_records_given_up_total": "0x12 1x300"}, "2m", "1m"),
    "JournalNotWritten": ({"huling_journal_writing": "1x5 0x10"}, "50s", "20s"),
    "EventsDropped": (
        {'huling_inbox_dropped_total{event="DigitPressed"}': "0x12 9x120"},
        "2m",
        "1m",
    ),
    "LoopSlow": (
        {
            'huling_loop_lag_seconds_bucket{le="0.05"}': "0+10x12 120+0x40",
            'huling_loop_lag_seconds_bucket{le="0.25"}': "0+10x60",
            'huling_loop_lag_seconds_bucket{le="+Inf"}': "0+10x60",
        },
        "4m",
        "1m",
    ),
    "DecisionSlow": (
        {
            'huling_decision_seconds_bucket{le="0.001"}': "0+10x60 600+0x200",
            'huling_decision_seconds_bucket{le="0.02"}': "0+10x260",
            'huling_decision_seconds_bucket{le="+Inf"}': "0+10x260",
        },
        "18m",
        "4m",
    ),
    "RecordingsDiskFull": ({'huling_desk_disk_alarm{folder="spool"}': "0x5 1x10"}, "50s", "20s"),
    "RecordingLost": (
        {
            'huling_desk_recordings{state="missing"}': "0x5 1x10",
            'huling_desk_recordings{state="finished"}': "9x15",
        },
        "50s",
        "20s",
    ),
    "RecordingsWait": ({"huling_desk_oldest_waiting_seconds": "3500+60x10"}, "50s", "5s"),
    "ArchiveNotVerified": (
        {"huling_desk_last_verify_timestamp_seconds": "1x300"},
        "49h",
        "40h",
    ),
    "BackupOld": (
        {'huling_desk_last_backup_timestamp_seconds{place="near"}': "1x300"},
        "30h",
        "25h",
    ),
    "FeedNotAcknowledged": (
        {'huling_desk_feed_unacknowledged_seconds{feed="calls"}': "0+600x300"},
        "29h",
        "27h40m",
    ),
    "DeskDown": ({'up{job="huling-desk"}': "1x5 0x30"}, "1m50s", "1m"),
    "ScreenPopSlow": (
        {
            'huling_screen_pop_seconds_bucket{at="ring",le="1.0"}': "0+1x24 24x300",
            'huling_screen_pop_seconds_bucket{at="ring",le="2.5"}': "0+1x324",
            'huling_screen_pop_seconds_bucket{at="ring",le="+Inf"}': "0+1x324",
            'huling_screen_pop_seconds_count{at="ring"}': "0+1x324",
            'huling_screen_pop_seconds_bucket{at="answer",le="1.0"}': "0+1x324",
            'huling_screen_pop_seconds_bucket{at="answer",le="+Inf"}': "0+1x324",
            'huling_screen_pop_seconds_count{at="answer"}': "0+1x324",
        },
        "20m",
        "2m",
    ),
    "SearchSlow": (
        {
            'huling_search_seconds_bucket{what="calls",le="2.0"}': "0+1x324",
            'huling_search_seconds_bucket{what="calls",le="+Inf"}': "0+1x324",
            'huling_search_seconds_count{what="calls"}': "0+1x324",
            'huling_desk_search_seconds_bucket{what="recordings",le="2.0"}': "0+1x24 24x300",
            'huling_desk_search_seconds_bucket{what="recordings",le="5.0"}': "0+1x324",
            'huling_desk_search_seconds_bucket{what="recordings",le="+Inf"}': "0+1x324",
            'huling_desk_search_seconds_count{what="recordings"}': "0+1x324",
        },
        "20m",
        "2m",
    ),
    # 17 samples of 15 s are within what 30 days allow, 18 are not.
    "AvailabilityLow": (
        {'up{job="huling"}': "1x60", "huling_ready": "1x10 0x16 1x5 0x20"},
        "8m30s",
        "8m",
    ),
    "OutsideMinutesHigh": (
        {
            "huling_outside_talk_seconds": "700+20x10",
            "huling_outside_talk_seconds_max": "1000x10",
        },
        "40s",
        "20s",
    ),
    "OutsideMinutesSpent": (
        {
            "huling_outside_talk_seconds": "900+20x10",
            "huling_outside_talk_seconds_max": "1000x10",
        },
        "40s",
        "20s",
    ),
    "ClockRunsAhead": ({"huling_clock_ahead_seconds": "0x4 3x20 0x10"}, "1m50s", "1m"),
    "JournalDiskFull": (
        {'huling_disk_free_bytes{folder="journal"}': "2000000000x12 500000000x20"},
        "2m30s",
        "1m30s",
    ),
    "ClockNotSynchronised": (
        {'huling_clock_synchronised{by="kernel"}': "1x12 0x150"},
        "12m",
        "10m",
    ),
    "CertificateEnds": (
        {'huling_certificate_end_timestamp_seconds{of="sip"}': "1300000x300"},
        "26h",
        "24h",
    ),
    "RoomTemperature": (
        {'huling_desk_environment{kind="temperature",sensor="room"}': "22x12 26x150"},
        "12m",
        "10m",
    ),
    "RoomHumidity": (
        {'huling_desk_environment{kind="humidity",sensor="room"}': "50x12 30x400"},
        "32m",
        "30m",
    ),
    "PowerLost": (
        {'huling_desk_environment{kind="mains",sensor="ups"}': "1x6 0x10 1x10"},
        "50s",
        "30s",
    ),
    "WaterOrSmoke": (
        {'huling_desk_environment{kind="smoke",sensor="rack"}': "0x6 1x10"},
        "50s",
        "25s",
    ),
    "SensorSilent": (
        {'huling_desk_environment_timestamp_seconds{kind="mains",sensor="ups"}': "0x400"},
        "17m",
        "15m",
    ),
    "WalArchiveFails": ({"huling_desk_wal_archive_failing": "0x12 1x100"}, "7m", "5m"),
    "ReplicaLost": ({"huling_desk_replicas": "1x12 0x100"}, "4m", "2m"),
    "ReplicaBehind": ({"huling_desk_replica_lag_seconds": "0x12 90x100"}, "4m", "2m"),
}


SLOW = {
    "AvailabilityLow": "15s",
    "ArchiveNotVerified": "10m",
    "BackupOld": "10m",
    "FeedNotAcknowledged": "10m",
    "CertificateEnds": "10m",
}
"""Alerts that look back for days are judged in larger steps."""


def test_the_rules_are_well_formed() -> None:
    promtool("check", "rules", *map(str, RULES))


@pytest.mark.parametrize("alert", rules("alert"))
def test_an_alert_fires_on_its_trouble_and_not_before(alert: str, tmp_path: Path) -> None:
    series, fires_at, quiet_at = ALERTS[alert]
    asked = [(fires_at, firing(alert), 1), (quiet_at, firing(alert), None)]
    judge(tmp_path, needed(rules("alert")[alert]), series, asked, every=SLOW.get(alert, EVERY))


def test_an_alert_named_the_services_own_node_whichever_link_was_down() -> None:
    """A target's label takes the place of a metric's own, which is `exported_node` from then on:
    of several Asterisks LinkDown named the wrong one."""
    config = yaml.safe_load(CONFIG.format(rules="", target="a:1", desk="b:2"))
    targets = [one for job in config["scrape_configs"] for one in job["static_configs"]]
    assert [sorted(one) for one in targets] == [["targets"], ["targets"]]


def test_only_alerts_that_exist_are_tested() -> None:
    assert set(ALERTS) == set(rules("alert"))


def test_every_alert_says_how_urgent_it_is_and_what_to_do() -> None:
    """The runbook has a heading of the alert's own name, with something under it."""
    runbook = (REPO / "docs" / "operations.md").read_text(encoding="utf-8")
    advice = dict(re.findall(r"^### (\w+)\n+([^#\n].+)", runbook, re.MULTILINE))
    for name, rule in rules("alert").items():
        assert rule["labels"]["severity"] in ("page", "ticket"), name
        assert rule["annotations"]["summary"], name
        assert name in advice, f"docs/operations.md says nothing of {name}"
    assert set(advice) >= set(rules("alert"))


# One hour in which 100 calls came: 80 answered within 10 s, 85 within 15, 88 within 20, 90 in all;
# 10 left, 4 of them within 5 s and 6 within 10 s.  Steady, so that nothing is guessed at the ends.
STEPS = 60


def _grows(to: float) -> str:
    return f"0+{to / STEPS}x{2 * STEPS}"


LEVELS: Series = {
    f'huling_calls_offered_total{{entry="95001",{Q}}}': _grows(100),
    f"huling_calls_answered_total{{{Q}}}": _grows(90),
    f"huling_calls_abandoned_total{{{Q}}}": _grows(10),
    f'huling_answer_time_seconds_bucket{{{Q},le="10.0"}}': _grows(80),
    f'huling_answer_time_seconds_bucket{{{Q},le="15.0"}}': _grows(85),
    f'huling_answer_time_seconds_bucket{{{Q},le="20.0"}}': _grows(88),
    f"huling_answer_time_seconds_count{{{Q}}}": _grows(90),
    f"huling_answer_time_seconds_sum{{{Q}}}": _grows(450),
    f'huling_abandon_time_seconds_bucket{{{Q},le="5.0"}}': _grows(4),
    f'huling_abandon_time_seconds_bucket{{{Q},le="10.0"}}': _grows(6),
    f'huling_abandon_time_seconds_bucket{{{Q},le="15.0"}}': _grows(8),
    f'huling_abandon_time_seconds_bucket{{{Q},le="20.0"}}': _grows(10),
    f"huling_abandon_time_seconds_count{{{Q}}}": _grows(10),
    f"huling_handle_time_seconds_count{{{Q}}}": _grows(90),
    f"huling_handle_time_seconds_sum{{{Q}}}": _grows(90 * 270),
    f"huling_talk_time_seconds_count{{{Q}}}": _grows(90),
    f"huling_talk_time_seconds_sum{{{Q}}}": _grows(90 * 240),
    f"huling_wrap_up_seconds_count{{{Q}}}": _grows(90),
    f"huling_wrap_up_seconds_sum{{{Q}}}": _grows(90 * 30),
    f'huling_calls_made_good_total{{{Q},closing="reached"}}': _grows(5),
    f'huling_calls_made_good_total{{{Q},closing="called_again"}}': _grows(1),
    'huling_ring_time_seconds_bucket{result="accepted",le="11.0"}': _grows(88),
    'huling_ring_time_seconds_count{result="accepted"}': _grows(90),
    'huling_ring_time_seconds_bucket{result="missed",le="11.0"}': _grows(20),
    'huling_ring_time_seconds_count{result="missed"}': _grows(20),
    'huling_self_service_ended_total{result="served"}': _grows(30),
    'huling_self_service_ended_total{result="person"}': _grows(50),
    'huling_self_service_ended_total{result="gave_up"}': _grows(12),
    'huling_self_service_ended_total{result="left"}': _grows(8),
}

# The same hour of calls that ask for a skill.
LEVELS |= {
    name.replace("huling_", "huling_skill_", 1).replace(Q, 'skill="emergency"'): values
    for name, values in LEVELS.items()
    if name.startswith(
        (
            "huling_calls_answered",
            "huling_calls_abandoned",
            "huling_answer",
            "huling_abandon_time",
            "huling_handle",
            "huling_wrap_up",
        )
    )
}
LEVELS['huling_skill_calls_offered_total{skill="emergency"}'] = _grows(100)

# Of the number dialled.
LEVELS |= {
    name.replace("huling_", "huling_entry_", 1).replace(Q, 'entry="95001"'): values
    for name, values in LEVELS.items()
    if name.startswith(
        (
            "huling_calls_answered",
            "huling_calls_abandoned",
            "huling_answer",
            "huling_abandon_time",
            "huling_handle",
            "huling_wrap_up",
        )
    )
}

# Of its lines: 100 of callers, 90 of which were up for long enough.
LEVELS |= {
    'huling_legs_ended_total{role="caller",reached="answered"}': _grows(90),
    'huling_legs_ended_total{role="caller",reached="rang"}': _grows(8),
    'huling_legs_ended_total{role="caller",reached="never"}': _grows(2),
    'huling_setup_seconds_sum{role="caller"}': _grows(2),
    'huling_setup_seconds_count{role="caller"}': _grows(98),
    'huling_legs_measured_total{role="caller"}': _grows(80),
    'huling_legs_one_way_total{role="caller",way="from"}': _grows(4),
    'huling_leg_loss_ratio_sum{role="caller"}': _grows(0.9),
    'huling_leg_loss_ratio_count{role="caller"}': _grows(90),
    'huling_leg_jitter_seconds_sum{role="caller"}': _grows(0.45),
    'huling_leg_jitter_seconds_count{role="caller"}': _grows(90),
    'huling_menu_steps_total{result="chosen"}': _grows(60),
    'huling_menu_steps_total{result="wrong_key"}': _grows(15),
    'huling_menu_steps_total{result="nothing"}': _grows(5),
    "huling_menu_start_seconds_sum": _grows(3),
    "huling_menu_start_seconds_count": _grows(60),
}

# And of a group that answered 90 of them, at 100 rings.
LEVELS |= {
    name.replace("huling_", "huling_group_", 1).replace(Q, 'group="emergency"'): values
    for name, values in LEVELS.items()
    if name.startswith(("huling_answer", "huling_talk_time", "huling_wrap_up"))
}
LEVELS |= {
    'huling_group_offers_ended_total{group="emergency",result="accepted"}': _grows(90),
    'huling_group_offers_ended_total{group="emergency",result="missed"}': _grows(10),
}

# In time were 95 of 100 screen pops and 98 of 100 searches of each kind.
LEVELS |= {
    'huling_screen_pop_seconds_bucket{at="ring",le="1.0"}': _grows(95),
    'huling_screen_pop_seconds_count{at="ring"}': _grows(100),
    'huling_search_seconds_bucket{what="calls",le="2.0"}': _grows(98),
    'huling_search_seconds_count{what="calls"}': _grows(100),
}

AVAILABLE: Series = {'up{job="huling"}': "0x9 1x110", "huling_ready": "_x10 1x110"}
"""Of 91 minutes the first ten had no service."""

# Eight of ten agents at work are busy, and 24 of 30 lines.
LEVELS |= {
    'huling_agents{state="ready"}': f"2x{2 * STEPS}",
    'huling_agents{state="talking"}': f"7x{2 * STEPS}",
    'huling_agents{state="wrap_up"}': f"1x{2 * STEPS}",
    'huling_agents{state="paused"}': f"4x{2 * STEPS}",
    'huling_trunk_lines_in_use{trunk="carrier-a"}': f"24x{2 * STEPS}",
    'huling_trunk_lines{trunk="carrier-a"}': f"30x{2 * STEPS}",
}

FIGURES: dict[str, dict[str, float]] = {
    "huling:level_raw:ratio1h": {"10.0": 0.80, "15.0": 0.85, "20.0": 0.88},
    "huling:level_adjusted:ratio1h": {"10.0": 80 / 96, "15.0": 85 / 96, "20.0": 88 / 96},
    "huling:level_of_answered:ratio1h": {"10.0": 80 / 90, "15.0": 85 / 90, "20.0": 88 / 90},
    "huling:level_in_time:ratio1h": {"10.0": 0.86, "15.0": 0.93, "20.0": 0.98},
    "huling:level_nena:ratio1h": {"10.0": 0.80, "15.0": 0.85, "20.0": 0.88},
    "huling:three_rings:ratio1h": {"": 88 / 90},
    "huling:asa:seconds1h": {"": 5.0},
    "huling:aht:seconds1h": {"": 270.0},
    "huling:att:seconds1h": {"": 240.0},
    "huling:acw:seconds1h": {"": 30.0},
    "huling:abandonment:ratio1h": {"": 0.10},
    "huling:connect:ratio1h": {"": 0.90},
    "huling:connect_adjusted:ratio1h": {"": 90 / 96},
    "huling:connect_finally:ratio1d": {"": 0.96},
    "huling:self_service:ratio1d": {"": 0.80},
    "huling:skill_level_raw:ratio1h": {"10.0": 0.80, "15.0": 0.85, "20.0": 0.88},
    "huling:skill_level_adjusted:ratio1h": {"10.0": 80 / 96, "15.0": 85 / 96, "20.0": 88 / 96},
    "huling:skill_level_of_answered:ratio1h": {"10.0": 80 / 90, "15.0": 85 / 90, "20.0": 88 / 90},
    "huling:skill_level_in_time:ratio1h": {"10.0": 0.86, "15.0": 0.93, "20.0": 0.98},
    "huling:skill_level_nena:ratio1h": {"10.0": 0.80, "15.0": 0.85, "20.0": 0.88},
    "huling:skill_connect:ratio1h": {"": 0.90},
    "huling:skill_abandonment:ratio1h": {"": 0.10},
    "huling:skill_asa:seconds1h": {"": 5.0},
    "huling:skill_aht:seconds1h": {"": 270.0},
    "huling:skill_acw:seconds1h": {"": 30.0},
    "huling:entry_level_raw:ratio1h": {"10.0": 0.80, "15.0": 0.85, "20.0": 0.88},
    "huling:entry_level_adjusted:ratio1h": {"10.0": 80 / 96, "15.0": 85 / 96, "20.0": 88 / 96},
    "huling:entry_level_of_answered:ratio1h": {"10.0": 80 / 90, "15.0": 85 / 90, "20.0": 88 / 90},
    "huling:entry_level_in_time:ratio1h": {"10.0": 0.86, "15.0": 0.93, "20.0": 0.98},
    "huling:entry_level_nena:ratio1h": {"10.0": 0.80, "15.0": 0.85, "20.0": 0.88},
    "huling:entry_connect:ratio1h": {"": 0.90},
    "huling:entry_abandonment:ratio1h": {"": 0.10},
    "huling:entry_asa:seconds1h": {"": 5.0},
    "huling:entry_aht:seconds1h": {"": 270.0},
    "huling:entry_acw:seconds1h": {"": 30.0},
    "huling:occupancy:ratio": {"": 0.80},
    "huling:available:bool": {"": 1.0},
    "huling:availability:ratio1d": {"": 81 / 91},
    "huling:availability:ratio30d": {"": 81 / 91},
    "huling:screen_pop_in_time:ratio1h": {"": 0.95},
    "huling:search_in_time:ratio1h": {"": 0.98},
    "huling:trunk_lines_used:ratio": {"": 0.80},
    "huling:access:ratio1h": {"": 0.98},
    "huling:setup:seconds1h": {"": 2 / 98},
    "huling:one_way:ratio1h": {"": 0.05},
    "huling:loss:ratio1h": {"": 0.01},
    "huling:jitter:seconds1h": {"": 0.005},
    "huling:menu_understood:ratio1d": {"": 0.75},
    "huling:menu_start:seconds1h": {"": 0.05},
    "huling:group_level_of_answered:ratio1h": {"10.0": 80 / 90, "15.0": 85 / 90, "20.0": 88 / 90},
    "huling:group_taken:ratio1h": {"": 0.90},
    "huling:group_asa:seconds1h": {"": 5.0},
    "huling:group_acw:seconds1h": {"": 30.0},
    "huling:group_aht:seconds1h": {"": 270.0},
}


def test_each_figure_is_what_its_definition_says(tmp_path: Path) -> None:
    def asked(name: str, le: str) -> str:
        return f"round(sum({name}{{le='{le}'}}), 1e-6)" if le else f"round(sum({name}), 1e-6)"

    assert set(FIGURES) == set(rules("record"))
    figures: list[tuple[str, str, float | None]] = [
        ("90m", asked(name, le), round(value, 6))
        for name, values in FIGURES.items()
        for le, value in values.items()
    ]
    judge(tmp_path, list(rules("record").values()), LEVELS | AVAILABLE, figures, every="1m")


def test_a_share_of_nothing_is_no_figure(tmp_path: Path) -> None:
    """A queue that is shown and had no call: neither 0 nor 100 %."""
    quiet = dict.fromkeys(LEVELS, f"0x{2 * STEPS}")
    none: list[tuple[str, str, float | None]] = [
        ("90m", f"count({name})", None) for name in FIGURES
    ]
    judge(tmp_path, list(rules("record").values()), quiet, none, every="1m")


def test_a_prometheus_without_data_says_that_and_nothing_else(tmp_path: Path) -> None:
    """Figures of nothing are none, and silence is not calm."""
    asked: list[tuple[str, str, float | None]] = [
        ("5m", 'count({__name__=~"huling:.+"})', None),
        ("5m", 'count(ALERTS{alertname!="ServiceNotScraped"})', None),
        ("5m", firing("ServiceNotScraped"), 1),
    ]
    tested = [*rules("record").values(), *rules("alert").values()]
    judge(tmp_path, tested, {"something_else": "1x20"}, asked, every="1m")
