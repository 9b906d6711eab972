"""T09: a phone does not wait for the rest of the step that lets it ring."""

from acd.core.commands import RingPhone
from acd.core.facts import OfferMade
from acd.core.state import Effect
from tests.core.story import Story, tell


def _one_call() -> Story:
    return tell(
        "0.000  A calls 95001 | offered A; ring 8001 for A; open room A", agents="8001 8002"
    )


def test_a_ring_is_sent_with_all_that_stands_before_it_and_why_it_was_made_is_told_after() -> None:
    """What is sent is the beginning of what the step returns: order per call and per phone holds,
    and nobody is shown another decision than the record."""
    story = _one_call()
    begun, sent = len(story.effects), list[list[Effect]]()
    story.core.send_early(lambda effects: sent.append(list(effects)))
    story.moment("1.000", "B calls 95001")
    (early,) = sent
    returned = story.effects[begun:]
    assert returned[: len(early)] == early
    assert isinstance(early[-1], RingPhone)
    assert not any(isinstance(effect, OfferMade) for effect in early)
    assert any(isinstance(effect, OfferMade) for effect in returned)


def test_a_step_that_rings_nobody_sends_nothing_early() -> None:
    story = _one_call()
    sent = list[list[Effect]]()
    story.core.send_early(lambda effects: sent.append(list(effects)))
    story.moment("0.010", "8001 rings")
    story.moment("0.500", "A hangs up")
    assert sent == []


def test_it_makes_no_difference_to_what_is_decided() -> None:
    watched, unwatched = _one_call(), _one_call()
    watched.core.send_early(lambda effects: None)
    for time, what in (
        ("1.000", "B calls 95001"),
        ("1.500", "8001 rings"),
        ("1.600", "A hangs up"),
    ):
        assert watched.moment(time, what) == unwatched.moment(time, what)
    assert watched.effects == unwatched.effects
