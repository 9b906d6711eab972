"""Lines in figures: how soon they came up, whether both sides were heard, and how well."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from acd.adapters.asterisk.media import media_of
from acd.core.events import Hangup, Media
from acd.core.facts import Fact, LegEnded, LegRole, Outcome
from acd.core.ids import CallId, LegId
from acd.runtime.metrics.counted import Metrics
from tests.runtime.test_metrics import ended, offered

SAID = (
    "ssrc=1;themssrc=2;lp=3;rxjitter=0.004000;rxcount=97;txjitter=0.001500;txcount=400;rlp=5;"
    "rtt=0.020000;rxmes=88.1;txmes=87.2"
)


def leg(
    role: LegRole = LegRole.AGENT,
    *,
    media: Media | None = None,
    rang_ms: int | None = 1_020,
    answered_ms: int | None = 2_000,
    up_ms: int = 5_000,
    call: str = "c1",
) -> Fact:
    return LegEnded(
        at_ms=2_000 + up_ms,
        call=CallId(call),
        call_arrived_ms=900,
        leg=LegId("n1:hl-1"),
        role=role,
        number=None,
        agent=None,
        started_ms=1_000,
        rang_ms=rang_ms,
        answered_ms=answered_ms,
        joined_ms=None,
        why=Hangup.NORMAL,
        cause=16,
        media=media,
    )


def sound(**changed: int) -> Media:
    went = {"received": 250, "lost": 0, "jitter_us": 500, "sent": 250, "far_lost": 0}
    return Media(**{**went, "far_jitter_us": 0, "round_trip_us": 0, **changed})


def samples(*facts: Fact) -> dict[str, float]:
    metrics = Metrics()
    for fact in facts:
        metrics.past.add(fact)
    return {
        f"{one.name}{{{','.join(f'{k}={v}' for k, v in sorted(one.labels.items()))}}}": one.value
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for one in family.samples
        if one.name.startswith(("huling_leg", "huling_setup"))
    }


def test_what_asterisk_says_of_a_leg() -> None:
    """T16: its two jitters are crossed, and are put right here."""
    assert media_of(SAID) == Media(97, 3, 1_500, 400, 5, 4_000, 20_000)


@pytest.mark.parametrize(
    "text", ["", "rubbish", "lp=1;rxcount=2", SAID.replace("97", "many"), SAID.replace("97", "")]
)
def test_what_asterisk_does_not_say_is_not_known(text: str) -> None:
    assert media_of(text) is None


@pytest.mark.parametrize(("lasted_s", "sent"), [(1_999.0, 400), (2_000.0, 0)])
def test_packets_that_only_keep_a_line_alive_are_no_sound(lasted_s: float, sent: int) -> None:
    """T16: one each 5 s; a line to which nothing else was sent is one-way all the same."""
    found = media_of(SAID, lasted_s=lasted_s)
    assert found is not None and found.sent == sent


def test_more_packets_than_were_expected_are_no_loss() -> None:
    """Asterisk subtracts without a sign."""
    found = media_of(SAID.replace("lp=3", f"lp={2**32 - 2}"))
    assert found is not None and found.lost == 0


@pytest.mark.parametrize(
    ("fact", "name", "value"),
    [
        (leg(), "huling_legs_ended_total{reached=answered,role=agent}", 1),
        (leg(answered_ms=None), "huling_legs_ended_total{reached=rang,role=agent}", 1),
        (
            leg(rang_ms=None, answered_ms=None),
            "huling_legs_ended_total{reached=never,role=agent}",
            1,
        ),
        (leg(), "huling_setup_seconds_sum{role=agent}", 0.02),
        (leg(rang_ms=None), "huling_setup_seconds_sum{role=agent}", 1.0),
        (leg(rang_ms=None, answered_ms=None), "huling_setup_seconds_count{role=agent}", 0),
        (leg(media=sound()), "huling_legs_measured_total{role=agent}", 1),
        (leg(media=sound()), "huling_legs_one_way_total{role=agent,way=from}", 0),
        (leg(media=sound(received=0)), "huling_legs_one_way_total{role=agent,way=from}", 1),
        (leg(media=sound(sent=0)), "huling_legs_one_way_total{role=agent,way=to}", 1),
        # Who hangs up at once has had no time to be heard, and what is not known is no fault.
        (
            leg(media=sound(received=0), up_ms=4_999),
            "huling_legs_one_way_total{role=agent,way=from}",
            0,
        ),
        (leg(), "huling_legs_measured_total{role=agent}", 0),
        (leg(media=sound(lost=250)), "huling_leg_loss_ratio_sum{role=agent}", 0.5),
        (leg(media=sound(received=0)), "huling_leg_loss_ratio_count{role=agent}", 0),
        (
            leg(LegRole.CALLER, media=sound(jitter_us=20_001)),
            "huling_leg_jitter_seconds_bucket{le=0.02,role=caller}",
            0,
        ),
        (
            leg(LegRole.CALLER, media=sound(jitter_us=19_999)),
            "huling_leg_jitter_seconds_bucket{le=0.02,role=caller}",
            1,
        ),
        (
            leg(media=sound(round_trip_us=40_000)),
            "huling_leg_round_trip_seconds_sum{role=agent}",
            0.04,
        ),
        (leg(media=sound()), "huling_leg_round_trip_seconds_count{role=agent}", 0),
    ],
)
def test_counted(fact: Fact, name: str, value: float) -> None:
    assert samples(offered(), fact)[name] == pytest.approx(value)


def test_the_services_own_calls_are_in_none_of_them() -> None:
    found = samples(offered(synthetic=True), leg(media=sound(received=0)))
    assert not any(found.values())
    after = samples(
        *(offered(synthetic=True), ended(Outcome.ANSWERED, synthetic=True), leg()),
        *(offered("c2"), leg(call="c2")),
    )
    assert after["huling_legs_ended_total{reached=answered,role=agent}"] == 1, "not the late leg"
