"""What is seen of an open case from outside: who is where, who is called, what is pending."""

from acd.core.emergency import views
from acd.core.emergency.case import Place
from acd.core.emergency.views import SceneView
from tests.core.story import Story, go_on, tell
from tests.core.test_stories_case import TALKING, TO_RESCUE, with_b


def scene_of(story: Story) -> SceneView:
    (case,) = views.open_cases(story.core.state)
    (scene,) = views.scenes(story.core.state, case.id)
    return scene


def places(story: Story) -> dict[str, Place]:
    return {leg.agent or leg.number or "": leg.place for leg in scene_of(story).legs}


def test_who_is_where() -> None:
    """E14–E16: A is with 120 in the rescue room, B with the caller; merged, all are together."""
    story = go_on(with_b(), TO_RESCUE)
    assert places(story) == {
        "0216000A": Place.CALLER,
        "8002": Place.CALLER,
        "8001": Place.RESCUE,
        "90120": Place.RESCUE,
    }
    (party,) = scene_of(story).parties
    assert (party.service, party.state, party.by, party.asks) == (
        "medical",
        "talking",
        "8001",
        False,
    )
    go_on(
        story,
        """
         9.000  8001 presses *93  | join 8001 90120
         9.002  8001, 90120 enter | play conference-joined to 8001; close side A
        """,
    )
    assert set(places(story).values()) == {Place.CALLER}


def test_who_is_alone_hears_music() -> None:
    story = go_on(
        with_b(),
        """
        6.000  8001 presses *95    | open side A; stop case-open; aside 8001 8002; hold A
        6.002  8001, 8002, A enter | held A by 8001; play caller-we-confer to A
        """,
    )
    assert places(story) == {
        "0216000A": Place.MUSIC,
        "8001": Place.PRIVATE,
        "8002": Place.PRIVATE,
    }
    assert scene_of(story).held


def test_who_is_wanted_and_rung() -> None:
    """E14: until somebody answers, the role that lacks is shown with whoever rings for it."""
    story = go_on(
        tell(TALKING, agents="8001 8002"),
        "3.000  8001 presses *90 | case opened by 8001; play case-open to 8001; ring 8002 for A",
    )
    (wanted,) = scene_of(story).wanted
    assert (wanted.role, wanted.ringing, wanted.holder) == ("b", "8002", None)
    assert places(story)["8002"] is Place.NOWHERE


def test_what_is_owed_for_it_is_shown() -> None:
    """E41: whoever looks at the case sees that somebody has to call 120 off."""
    story = go_on(with_b(), TO_RESCUE)
    (case,) = views.open_cases(story.core.state)
    before = {one.why for one in views.owed(story.core.state, case)}
    story.moment("9.000", "8001 presses *97")
    after = {one.why for one in views.owed(story.core.state, case)}
    assert after - before == {"rescue_to_cancel"}
