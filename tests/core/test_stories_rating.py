"""Stories of callers who are asked how content they are (V17, C04, C28)."""

import pytest
from msgspec import structs

from acd.core.call_control.marks import DISPOSITIONS
from acd.core.directory import Queue
from acd.core.events import CallArrived
from acd.core.ids import EntryId, LegId
from acd.core.scripts import RATINGS, RatingScale, Treatment
from acd.core.self_service import rating
from prompts.texts import load
from tests.core.story import EMERGENCY, ENQUIRY, EPOCH_MS, NODE, SYNTHETIC, Story, tell


def rated(queue: Queue, scale: RatingScale = RatingScale.S0) -> Queue:
    return structs.replace(queue, treatment=Treatment(rating=scale))


def served(after: str, *, entry: str = "95002", scale: RatingScale = RatingScale.S0) -> Story:
    """A talks with 8011, or 8001 on the emergency line, for ten seconds; then comes ``after``."""
    agent = "8001" if entry == "95001" else "8011"
    return tell(
        f"""
         0.000  A calls {entry}    | offered A; ring {agent} for A; open room A
         1.000  {agent} answers    | offer accepted {agent}; answer A; join A {agent}
         1.002  A, {agent} enter   | answered A by {agent}, wait 1.002
        {after}
        """,
        agents="8001 8011",
        queues=(rated(EMERGENCY), rated(ENQUIRY, scale), SYNTHETIC),
    )


def test_a_key_says_how_content_the_caller_is_in_the_scale_s_own_word() -> None:
    """V17, C04: the agent hangs up first, and the caller answers while the question is still being
    said (barge-in).  Talk time ended with the conversation, and the agent waits for nothing."""
    served(
        """
        11.000  8011 is gone    | rating asked A (s0); play caller-rating-s0 to A; 8011 wrap_up
        12.000  time passes     | 8011 ready; wrapped up 8011 1.000
        14.000  A presses 3     | stop caller-rating-s0; rated A 满意 (s0) for 8011;
                                | play caller-rating-thanks caller-goodbye to A
        17.000  A has heard it  | hang up A
        17.100  A is gone       | close room A; ended A answered, wait 1.002, talk 9.998
        """
    )


def test_a_festival_is_wished_at_the_goodbye() -> None:
    """V10: the greeting has its variant at the beginning; this is the other end."""
    queues = (rated(EMERGENCY), rated(ENQUIRY), SYNTHETIC)
    story = Story(agents=["8011"], away=[], queues=queues, strict=True)
    leg = LegId(f"{NODE}:A")
    story.names.leg[leg] = "A"
    arrival = CallArrived(
        leg=leg,
        arrived_ms=EPOCH_MS,
        trunk=None,
        caller="0216000A",
        called=EntryId("95002"),
        recording=None,
        closing=("closing-mid-autumn",),
    )
    story.step(EPOCH_MS, arrival)
    for moment, what in (
        ("1.000", "8011 answers"),
        ("1.002", "A, 8011 enter"),
        ("11.000", "8011 is gone"),
    ):
        story.moment(moment, what)
    said = story.moment("11.500", "A presses 3")
    assert said.endswith("play caller-rating-thanks caller-goodbye closing-mid-autumn to A")


def test_the_other_standard_has_other_words() -> None:
    """C04: one scale is never written down as the other; the same key is another word."""
    served(
        """
        11.000  8011 is gone    | rating asked A (s2); play caller-rating-s2 to A; 8011 wrap_up
        11.500  A presses 3     | stop caller-rating-s2; rated A 一般 (s2) for 8011;
                                | play caller-rating-thanks caller-goodbye to A
        """,
        scale=RatingScale.S2,
    )


def test_a_wrong_key_is_asked_once_more_and_silence_never() -> None:
    """Whoever says nothing may be hanging up already, and owes us no answer."""
    served(
        """
        11.000  8011 is gone    | rating asked A (s0); play caller-rating-s0 to A; 8011 wrap_up
        11.500  A presses 8     | stop caller-rating-s0;
                                | play caller-no-such-key caller-rating-s0 to A
        12.000  time passes     | 8011 ready; wrapped up 8011 1.000
        20.000  A has heard it  | -
        26.000  time passes     | play caller-goodbye to A
        28.000  A has heard it  | hang up A
        """
    )


def test_a_silent_caller_whom_the_agent_leaves_at_the_goodbye_is_asked_like_any_other() -> None:
    """C05, C04: the machine was about to let an unknown number go; the agent is quicker.  (The
    clock of the silence called itself without end, and the whole core with it.)"""
    tell(
        """
         0.000  A calls 95002                   | offered A; ring 8011 for A; open room A
         1.000  8011 answers                    | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter                   | answered A by 8011, wait 1.002;
                                                | listen to A
         1.010  A is heard: silence             | detect 8011
         4.002  time passes                     | play caller-please-speak to 8011;
                                                | prompted A who gives silence;
                                                | play caller-please-speak to A
         6.000  prompt caller-please-speak ends | -
         6.000  8011 has heard it               | -
         9.000  time passes                     | no response A after 7.998;
                                                | prompted A who gives silence;
                                                | play caller-not-heard-goodbye to A;
                                                | play agent-no-response to 8011
        10.000  8011 is gone                    | rating asked A (s0);
                                                | stop caller-not-heard-goodbye;
                                                | play caller-rating-s0 to A; 8011 wrap_up
        11.000  time passes                     | 8011 ready; wrapped up 8011 1.000
        """,
        agents="8011",
        queues=(rated(EMERGENCY), rated(ENQUIRY), SYNTHETIC),
        silence=True,
    )


def test_whoever_is_asked_on_the_way_back_to_the_agent_is_not_moved_on() -> None:
    """The agent comes back from hold and goes, and nobody has told yet that the caller is in the
    room: the machine speaks to them wherever they are, and a move that is not told of is not asked
    for again."""
    served(
        """
         5.000  8011 presses *10 | open side A; aside 8011; hold A
         5.002  8011, A enter    | play call-held to 8011; held A by 8011
         6.000  8011 presses *10 | stop call-held; join 8011; play caller-hold-thanks to A
         6.002  8011 enters      | close side A; play call-resumed to 8011
         7.000  A has heard it   | join A
         7.001  8011 is gone     | rating asked A (s0); play caller-rating-s0 to A; 8011 wrap_up
         8.001  time passes      | 8011 ready; wrapped up 8011 1.000
        12.000  A presses 3      | stop caller-rating-s0; rated A 满意 (s0) for 8011;
                                 | play caller-rating-thanks caller-goodbye to A
        """
    )


def test_a_caller_who_hangs_up_meanwhile_has_been_served() -> None:
    served(
        """
        11.000  8011 is gone    | rating asked A (s0); play caller-rating-s0 to A; 8011 wrap_up
        11.400  A hangs up      | close room A; ended A answered, wait 1.002, talk 9.998
        """
    )


def test_a_question_that_cannot_be_played_keeps_nobody() -> None:
    served(
        """
        11.000  8011 is gone      | rating asked A (s0); play caller-rating-s0 to A; 8011 wrap_up
        11.010  Play fails for A  | ignored: Play failed
        12.000  time passes       | 8011 ready; wrapped up 8011 1.000
        17.010  time passes       | play caller-goodbye to A
        17.020  Play fails for A  | ignored: Play failed; hang up A
        """
    )


def test_after_an_emergency_nobody_is_asked() -> None:
    """C28, C07: the agent's hang-up leaves the caller waiting; with an outcome the caller is let
    go by busy tone, and no machine asks anything, whatever the queue's policy says."""
    served(
        """
        10.000  8001 presses *2002  | 8001 says safe; play outcome-noted to 8001
        11.000  8001 is gone        | released A; busy tone to A; 8001 wrap_up
        """,
        entry="95001",
    )


@pytest.mark.parametrize("code", ["06", "07", "08", "09", "10"])
def test_what_was_no_service_is_not_rated(code: str) -> None:
    name = DISPOSITIONS[code]
    served(
        f"""
        10.000  somebody asks to outcome A with {code} | 8011 says {name}; done: talking
        11.000  8011 is gone                           | hang up A; 8011 wrap_up
        """
    )


def test_a_one_key_terminal_is_not_asked() -> None:
    """C28: it has no keys; a revisit asks (Q11)."""
    story = served("10.000  time passes | -")
    call = next(iter(story.core.state.calls.values()))
    call.has_keys = False
    assert story.moment("11.000", "8011 is gone") == "hang up A; 8011 wrap_up"


def test_an_agent_gone_too_soon_has_served_nobody() -> None:
    tell(
        """
         0.000  A calls 95002   | offered A; ring 8011 for A; open room A
         1.000  8011 answers    | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter   | answered A by 8011, wait 1.002
         1.500  8011 is gone    | requeued A; hold A; 8011 not_responding (refused)
        """,
        agents="8011",
        queues=(EMERGENCY, rated(ENQUIRY), SYNTHETIC),
    )


@pytest.mark.parametrize("scale", RatingScale)
def test_the_question_says_the_scale_s_words_in_the_keys_order(scale: RatingScale) -> None:
    """V04: what is asked and what is written down are the same words."""
    text = load().prompts[rating.QUESTIONS[scale]].text
    pairs = zip(RATINGS[scale], "一二三四五", strict=True)
    assert "，".join(f"{word}请按{key}" for word, key in pairs) in text


def test_what_is_said_to_people_is_written_down_and_who_wrote_it() -> None:
    """C28, V17: an emergency is rated in the conversation or on a revisit, by whoever asks; the
    call may be long over, and one agent's word on another's service says whose it is."""
    served(
        """
        10.000  8001 writes down that A call is 满意 (s0), by agent     | rated A 满意 (s0) for 8001
                                                                      | by 8001, agent;
                                                                      | done: talking
        11.000  8011 writes down that 7-9 call is 一般 (s2), by revisit | rated - 一般 (s2) for 8001
                                                                      | by 8011, revisit;
                                                                      | done: ready
        """,
        entry="95001",
    )


def test_what_cannot_be_a_rating_is_refused() -> None:
    """C04, C28: a word of the other scale, a call that nobody has answered, an unknown agent."""
    served(
        """
        10.000  8001 writes down that A call is 满意 (s2), by sms         | refused unknown_rating;
                 | no: 满意 is no word of the scale s2; its words are
                 | 非常满意, 比较满意, 一般, 比较不满意, 非常不满意.
        10.100  8001 writes down that nobody's call is 满意 (s0), by sms | refused not_served;
                 | no: Call nobody's was not served in any line: there is nothing to rate.
        10.200  8999 writes down that A call is 满意 (s0), by sms        | refused unknown_agent;
                 | no: There is no agent 8999.
        """,
    )
