"""Callers who are asked how content they are, on a real Asterisk: keys by RFC 4733."""

from collections.abc import Iterator

import pytest

from tests.switch.live import Json, Switch, demo, demo_with, load_directory
from tests.switch.test_call_control import BUSY_HZ, hears
from tests.switch.test_self_service import CALLER
from tests.switch.test_treatment import until_heard


@pytest.fixture
def rated(switch: Switch) -> Iterator[None]:
    def asks(found: dict[str, list[Json]]) -> None:
        for queue in found["queues"]:
            if queue["id"] == "enquiry":
                queue["treatment"]["rating"] = "s0"

    load_directory(switch.service, demo_with(asks))
    yield
    load_directory(switch.service, demo())


async def test_a_caller_rates_the_service_by_key(switch: Switch, rated: None) -> None:
    """V17, C04: the agent hangs up; the caller hears the question, presses a wrong key and then 3
    in the middle of it, is thanked, and the line is ended.  The word of the scale stands in the
    record, the metric and the explanation; nobody's talk time has grown by it."""
    agent = await switch.ready_agent("8012")
    call = await (await switch.terminal(CALLER)).call("95002")
    talk = await agent.takes_the_call()
    await agent.wait("talking")
    await switch.media(1.5)  # less would count as not served
    talk.hang_up()
    await until_heard(switch, call, "caller-rating-s0")
    call.send_digit("9")
    await until_heard(switch, call, "caller-no-such-key")
    call.send_digit("3")
    await until_heard(switch, call, "caller-rating-thanks")
    await call.over()
    row = await switch.record()
    assert (row["outcome"], row["agent"]) == ("answered", "8012")
    assert (row["rating_scale"], row["rating"]) == ("s0", "满意")
    assert row["talk_ms"] + 3_000 < (row["ended_at"] - row["answered_at"]).total_seconds() * 1000
    shown = await switch.get(f"/calls/{row['call_id']}")
    assert (shown["rating_scale"], shown["rating"]) == ("s0", "满意")
    counted = await switch.counted()
    assert counted['huling_ratings_asked_total{queue="enquiry"}'] == 1
    assert counted['huling_ratings_total{queue="enquiry",rating="满意",scale="s0"}'] == 1
    told = await switch.get(f"/calls/{row['call_id']}/explanation")
    sentences = [line["sentence"] for line in told["lines"]]
    assert "The caller rated the service of 8012: 满意 (s0)." in sentences


async def test_a_one_key_terminal_is_let_go(switch: Switch, rated: None) -> None:
    """C28, T25: it has no keys: busy tone at once, and no question."""
    agent = await switch.ready_agent("8012")
    call = await (await switch.terminal()).call("95002")
    talk = await agent.takes_the_call()
    await agent.wait("talking")
    await switch.media(1.5)  # less would count as not served
    talk.hang_up()
    await hears(switch, call, BUSY_HZ)
    call.hang_up()
    row = await switch.record()
    assert row["rating"] is None
    assert not any("ratings_asked" in name for name in await switch.counted())
