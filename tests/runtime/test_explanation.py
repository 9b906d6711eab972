"""A call's life in plain words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from acd.adapters.postgres.history import CallHistory, CallRecord, HappeningRecord, OfferRecord
from acd.runtime.explain.explanation import explain

ARRIVED = datetime(2026, 3, 14, 2, 30, tzinfo=UTC)


def at(after_ms: int) -> datetime:
    return ARRIVED + timedelta(milliseconds=after_ms)


def call(**known: Any) -> CallRecord:
    fields: dict[str, Any] = dict.fromkeys(CallRecord.__struct_fields__)
    fields |= {"call_id": "1-7", "arrived_at": ARRIVED, "wrap_up_ms": 0, "elders": []}
    fields |= {"queue": "emergency", "kind": "emergency", "called": "95001"}
    return CallRecord(**fields | known)


def offer(agent: str, made_ms: int, ended_ms: int | None = None, **known: Any) -> OfferRecord:
    fields: dict[str, Any] = dict.fromkeys(OfferRecord.__struct_fields__)
    fields |= {"offer_id": f"o{made_ms}-{agent}", "agent": agent, "made_at": at(made_ms)}
    fields |= {"ended_at": None if ended_ms is None else at(ended_ms), "free": 1, "phones": 1}
    fields |= {"reach": "ready", "selection": "longest_idle", "rank": 0}
    return OfferRecord(**fields | known)


def told(record: CallRecord, *offers: OfferRecord) -> list[str]:
    lines = explain(CallHistory(call=record, legs=[], offers=list(offers), happenings=[]))
    assert [line.at for line in lines] == [at(line.after_ms) for line in lines]
    return [f"{line.after_ms / 1000:.3f} {line.sentence}" for line in lines]


def test_a_life_from_the_arrival_to_the_end() -> None:
    """Who was chosen and why, the next best, who was skipped, the slack, and what came of it."""
    record = call(
        caller="02160000001",
        trunk="carrier-a",
        picked_up_at=at(2_000),
        promise_broken_at=at(10_000),
        answered_at=at(11_002),
        ended_at=at(71_002),
        wait_ms=11_002,
        talk_ms=60_000,
        wrap_up_ms=5_000,
        agent="8002",
        outcome="answered",
    )
    first = offer(
        "8001",
        1,
        6_501,
        selection="highest_skill",
        rank=-9,
        free=3,
        next=["8002", "8003"],
        skipped={"paused": 1, "not_responding": 2},
        slack_ms=9_999,
        ring_limit_ms=6_500,
        result="missed",
        ring_ms=6_400,
    )
    second = offer(
        "8002",
        10_200,
        11_000,
        reach="wrap_up",
        free=0,
        phones=2,
        slack_ms=-200,
        ring_limit_ms=4_000,
        result="accepted",
        ring_ms=700,
    )
    third = offer("8003", 10_100, 11_000, slack_ms=-100, result="withdrawn", ring_ms=800)
    assert told(record, first, third, second) == [
        "0.000 Caller 02160000001 dialled 95001 (emergency) by trunk carrier-a, for queue "
        "emergency.",
        "0.001 Agent 8001 was rung: the highest skill (level 9) of 3 free. Next would have been "
        "8002, 8003. Skipped: 2 not responding, 1 paused. 10.0 s were left of the promise; ring "
        "limit 6.5 s.",
        "2.000 No agent was there yet: the system picked up and spoke; that is not an answer.",
        "6.501 Agent 8001 did not answer after ringing for 6.4 s.",
        "10.000 The promise was over, and no agent's audio was there.",
        "10.100 Agent 8003 was rung: the only one free. The promise had been over for 0.1 s.",
        "10.200 Nobody was free, so agent 8002 was rung out of wrap-up as number 2 of the phones "
        "ringing at once. The promise had been over for 0.2 s; ring limit 4.0 s.",
        "11.000 The ring of agent 8003 was withdrawn after ringing for 0.8 s: 8002 had answered.",
        "11.000 Agent 8002 answered the phone after ringing for 0.7 s.",
        "11.002 The audio of agent 8002 reached the caller after 11.0 s: too late for the promise.",
        "71.002 The call ended after a conversation of 60.0 s; wrap-up took 5.0 s.",
    ]


@pytest.mark.parametrize(
    ("caller", "said"),
    [
        ("02160000001", ""),
        ("anonymous", " Without a number they cannot be called."),
        (None, " Without a number they cannot be called."),
    ],
)
def test_a_caller_who_left(caller: str | None, said: str) -> None:
    """C02, T14: whoever has no number cannot be called back, and the record says so."""
    record = call(
        caller=caller,
        ended_at=at(70_000),
        wait_ms=70_000,
        outcome="abandoned",
        incident_at=at(60_000),
    )
    ring = offer("8001", 69_000, 70_000, result="withdrawn")
    assert told(record, ring)[1:] == [
        "60.000 An incident was opened: a person must look after this caller.",
        "69.000 Agent 8001 was rung: the only one free.",
        "70.000 The ring of agent 8001 was withdrawn: the caller had gone.",
        f"70.000 The caller left after 70.0 s without an answer.{said}",
    ]


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"selection": "longest_idle", "idle_ms": 45_000}, "the longest idle (45.0 s) of 4 free"),
        ({"selection": "best_fit", "rank": 5}, "the lowest skill that will do (level 5) of 4"),
        ({"selection": "round_robin", "rank": 77}, "the one rung longest ago of 4 free"),
        ({"selection": "fewest_calls", "rank": 3}, "the fewest calls (3) of 4 free"),
        ({"selection": "least_talk", "rank": 12_000}, "the least time talking (12.0 s) of 4"),
        ({"selection": "linear", "rank": 1}, "the first in the list of 4 free"),
        ({"selection": "random"}, "drawn at random of 4 free"),
        ({"selection": "weighted"}, "drawn at random, in proportion to the level of 4 free"),
        ({"reach": "break", "free": 0}, "Nobody was free, so agent 8001 was rung out of a break."),
        # Rows of an older version say less, and no more is made of them.
        ({"selection": None, "reach": None, "phones": None, "free": None}, "8001 was rung."),
    ],
)
def test_each_reason_has_its_words(known: dict[str, Any], words: str) -> None:
    assert words in told(call(), offer("8001", 1, **{"free": 4} | known))[1]


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"result": "rejected", "why": "busy"}, "Agent 8001 refused (busy)."),
        ({"result": "failed", "why": "unreachable"}, "could not be rung (the phone could not be"),
        ({"result": "failed"}, "8001's phone never rang within the limit."),
        ({"result": "accepted"}, "Agent 8001 answered the phone."),
    ],
)
def test_each_end_of_a_ring_has_its_words(known: dict[str, Any], words: str) -> None:
    assert words in told(call(), offer("8001", 1, 900, **known))[2]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("refused", "the dialled number means nothing here"),
        ("fallback", "handed to the dialplan's fallback"),
        ("lost", "after the link to Asterisk had been away"),
    ],
)
def test_each_outcome_has_its_words(outcome: str, words: str) -> None:
    record = call(ended_at=at(5), outcome=outcome)
    assert words in told(record)[-1]


def test_a_call_that_goes_on_has_no_end() -> None:
    """Also one of which nothing but its arrival is recorded."""
    assert told(msgspec.structs.replace(call(), queue=None, called=None, kind=None)) == [
        "0.000 A caller without a number dialled nothing known, for no queue."
    ]


def test_what_was_done_with_the_call_while_it_went_on() -> None:
    """T38, C07, E42: hold, transfers, silence, outcome and release are told in their places."""

    def happening(at_ms: int, fact: str, **body: Any) -> HappeningRecord:
        return HappeningRecord(at=at(at_ms), kind=fact, body=body)

    history = CallHistory(
        call=call(),
        legs=[],
        offers=[offer("8012", 3_100, selection="consult")],
        happenings=[
            happening(3_000, "TransferStarted", kind="consult", by="8011", number="8012"),
            happening(3_002, "CallHeld", agent="8011"),
            happening(
                9_000, "TransferEnded", by="8011", number="8012", result="joined", queue=None
            ),
            happening(9_500, "CallResumed", agent="8011", hold_ms=6_498),
            happening(12_000, "SilencePrompted", heard="sound"),
            happening(15_000, "NoResponseFlagged", heard=None, after_ms=6_010),
            happening(16_000, "CallerResponded", after_ms=7_010),
            happening(20_000, "CallDisposed", agent="8011", disposition="settled"),
            happening(20_500, "CallRated", agent="8011", rating="一般", scale="s2"),
            happening(
                20_600,
                "CallRated",
                agent="8011",
                rating="满意",
                scale="s0",
                by="8012",
                source="revisit",
            ),
            happening(21_000, "CallReleased", agent="8011", busy_tone=True),
        ],
    )
    assert [f"{line.after_ms / 1000:.3f} {line.sentence}" for line in explain(history)][1:] == [
        "3.000 Agent 8011 asked 8012 out of the caller's hearing.",
        "3.002 Agent 8011 stepped aside: the caller heard music.",
        "3.100 Agent 8012 was rung: a colleague had asked for them.",
        "9.000 8012 came into the conversation, and 8011 stayed.",
        "9.500 The caller was with somebody again after 6.5 s on hold.",
        "12.000 The system asked the caller to speak; there was a sound, and no near speech.",
        "15.000 Nobody had responded after 6.0 s, and nothing judged the sound: the call was "
        "flagged, and the line kept for people to decide.",
        "16.000 The caller spoke, 7.0 s after they could first.",
        "20.000 Agent 8011 said how it went: settled.",
        "20.500 The caller rated the service of 8011: 一般 (s2).",
        "20.600 Agent 8012 wrote down what was said on a revisit of 8011's service: 满意 (s0).",
        "21.000 The caller was let go with busy tone, by which a terminal clears.",
    ]
