"""Which of the operators' lines are taken stands in the metrics, so that somebody is told before
they are full (H10, T30)."""

from acd.adapters.postgres.directory import Trunk
from acd.core.ids import TrunkId
from acd.core.numbers import NumberRules
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.metrics.lines import add_line_gauges
from acd.simulation.careline import TRUNKS
from tests.core.story import Story, go_on, tell
from tests.core.test_stories_case import TALKING
from tests.runtime.test_metrics import samples

MOBILE = "13900000001"
A, B = (trunk.id for trunk in TRUNKS[:2])


def trunk(key: TrunkId, lines: int | None) -> Trunk:
    return Trunk(
        id=key, provider="operator", addresses=("192.0.2.1/32",),
        rules=NumberRules(area_code="021"), trusts_asserted=True,
        outbound_caller_ids=("02109500101",), areas=("shanghai",), in_service=True, host=None,
        port=None, priority=None, dial_form=None, lines=lines,
    )  # fmt: skip


def lines(story: Story) -> dict[str, float]:
    """What a scrape shows of the lines now."""
    metrics = Exposition()
    directory = {A: trunk(A, 30), B: trunk(B, None)}
    add_line_gauges(metrics, story.core, lambda: directory)
    found = samples(metrics=metrics)  # type: ignore[arg-type]
    return {name: value for name, value in found.items() if name.startswith("huling_trunk")}


def test_a_callers_line_is_taken_until_their_leg_is_gone() -> None:
    """The agent's leg takes none; a trunk of which nobody has said how many lines it has shows its
    use alone."""
    story = tell(TALKING, agents="8001 8002")
    assert lines(story) == {
        f"huling_trunk_lines{{trunk={A}}}": 30,
        f"huling_trunk_lines_in_use{{trunk={A}}}": 1,
        f"huling_trunk_lines_in_use{{trunk={B}}}": 0,
    }
    go_on(
        story,
        """
        9.000  A hangs up   | hang up 8001
        9.100  8001 is gone | 8001 wrap_up; close room A; ended A answered, wait 1.002, talk 7.998
        """,
    )
    assert lines(story)[f"huling_trunk_lines_in_use{{trunk={A}}}"] == 0


def test_an_outside_number_takes_a_line_from_its_invite_on() -> None:
    """The one over which it is dialled; the phone of whoever calls takes none."""
    story = tell(
        f"""
        0.000  8001 asks to call {MOBILE} about case-7 | placed {MOBILE} by 8001;
          | ring 8001 for {MOBILE}; done: offered; open room {MOBILE}
        """,
        agents="8001",
    )
    assert lines(story)[f"huling_trunk_lines_in_use{{trunk={A}}}"] == 0
    go_on(
        story,
        f"1.000  8001 answers | offer accepted 8001; dial {MOBILE} over {A} as 02109500101",
    )
    assert lines(story)[f"huling_trunk_lines_in_use{{trunk={A}}}"] == 1
