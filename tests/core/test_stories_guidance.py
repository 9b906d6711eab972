"""Stories of the guidance scripts, and of what a call turns out to be (E01, E07, E12, E19, E28)."""

from acd.core.emergency.guidance import missing
from acd.core.emergency.guide import Flow, Script, Sign, Step, When
from acd.core.events import CaseRestored, GuidanceDefined
from acd.core.facts import CaseNoted
from tests.core.story import EPOCH_MS, Story, go_on, tell

SCRIPTS = (
    Script(
        id="sop",
        version=2,
        flow=Flow.EMERGENCY,
        when=When.OPENED,
        steps=(
            Step(id="identify", is_mandatory=True),
            Step(id="form", is_mandatory=True, sign=Sign.FORM),
            Step(id="supervisor", is_mandatory=True, sign=Sign.SUPERVISOR),
            Step(id="family", sign=Sign.CONTACT),
            Step(id="summary", is_mandatory=True, blocks=True, sign=Sign.SUMMARY),
        ),
    ),
    Script(
        id="medical",
        version=1,
        flow=Flow.EMERGENCY,
        when=When.MEDICAL,
        steps=(Step(id="card", is_mandatory=True),),
    ),
    Script(
        id="missed",
        version=1,
        flow=Flow.EMERGENCY,
        when=When.CONTACT_MISSED,
        steps=(Step(id="tell", is_mandatory=True),),
    ),
    Script(
        id="first_aid", version=1, flow=Flow.EMERGENCY, steps=(Step(id="safe", is_mandatory=True),)
    ),
)

TALKING = """
    0.000  A calls 95001 | offered A; ring 8001 for A; open room A
    1.000  8001 answers  | offer accepted 8001; answer A; join A 8001
    1.002  A, 8001 enter | answered A by 8001, wait 1.002
    """


def guided(table: str) -> Story:
    """A case that was opened at second 2, with scripts."""
    story = tell("", agents="8001", away="8090")
    story.step(EPOCH_MS - 1, GuidanceDefined(SCRIPTS))
    return go_on(go_on(story, TALKING), table)


OPENED = """
    2.000  8001 presses *90 | case opened by 8001; play case-open to 8001
    """


def told(story: Story) -> list[str]:
    """The mandatory steps that are not done in the story's case."""
    last = [one.case for one in story.effects if isinstance(one, CaseNoted)][-1]
    return missing(last)


def test_steps_done_are_kept_with_person_and_time_and_what_is_missing_is_shown() -> None:
    """E19: said once; again changes nothing; a step that is not there is refused in a sentence."""
    story = guided(OPENED)
    assert told(story) == ["sop/identify", "sop/form", "sop/supervisor", "sop/summary"]
    go_on(
        story,
        """
        3.000  8001 asks to step the case as sop/identify | case step sop/identify by 8001;
                                                          | done: open
        3.100  8001 asks to step the case as sop/identify | done: open
        3.200  8001 asks to step the case as sop/dance    | refused unknown_step; no: The case has
                                                          | no step sop/dance.
        """,
    )
    (case,) = story.core.state.cases.values()
    done = case.guides[0].steps[0]
    assert (case.guides[0].version, done.done_ms, done.done_by) == (2, EPOCH_MS + 3_000, "8001")
    assert missing(case) == ["sop/form", "sop/supervisor", "sop/summary"]


def test_a_step_can_be_taken_back_unless_the_case_shows_it() -> None:
    """E19: a slip of the hand is missing again and blocks again; a written summary stays done."""
    story = go_on(
        guided(OPENED),
        """
        3.000  8001 asks to step the case as sop/identify      | case step sop/identify by 8001;
                                                               | done: open
        3.100  8001 asks to undo_step the case as sop/identify | case undone sop/identify by 8001;
                                                               | done: open
        3.200  8001 asks to undo_step the case as sop/identify | done: open
        3.300  8001 asks to undo_step the case as sop/dance    | refused unknown_step; no: The case
                                                               | has no step sop/dance.
        3.400  8001 asks to step the case as sop/summary       | case step sop/summary by 8001;
                                                               | done: open
        3.500  8001 asks to undo_step the case as sop/summary  | case undone sop/summary by 8001;
                                                               | done: open
        4.000  8001 asks to outcome the case as safe           | case outcome safe by 8001;
                                                               | done: open
        4.100  8001 asks to close the case                     | refused step_missing; no: Not done
                                                               | yet: sop/summary. Do it, or say
                                                               | that it was done.
        5.000  8001 asks to summary the case as fell           | case summary by 8001; done: open
        5.100  8001 asks to undo_step the case as sop/summary  | refused step_shown; no: Step
                                                               | sop/summary is shown to be done by
                                                               | summary: change that first.
        """,
    )
    assert told(story) == ["sop/identify", "sop/form", "sop/supervisor"]
    (case,) = story.core.state.cases.values()
    assert (case.guides[0].steps[0].done_ms, case.guides[0].steps[0].done_by) == (None, None)


def test_first_aid_is_taken_up_by_hand() -> None:
    """E07, F35."""
    story = go_on(
        guided(OPENED),
        """
        3.000  8001 asks to guide the case as first_aid | case guide first_aid by 8001; done: open
        3.100  8001 asks to guide the case as first_aid | done: open
        3.200  8001 asks to guide the case as ballet    | refused unknown_script; no: There is no
                                                        | script ballet; there are sop, medical,
                                                        | missed, first_aid.
        """,
    )
    assert told(story)[-1] == "first_aid/safe"


def test_what_shows_that_a_step_was_done_does_it() -> None:
    """E02, E09, E22: the form with all four facts; a supervisor who does something with the case;
    and 120, once reached, brings its own script."""
    story = go_on(
        guided(OPENED),
        """
        3.000  8001 presses *911#                    | dial 90120 over carrier-a as 02109500101;
                                                     | open side A; stop case-open; aside 8001;
                                                     | hold A
        3.002  8001 enters                           | held A by 8001
        5.000  90120 answers                         | dialled 90120: answered;
                                                     | case medical reached by 8001; aside 90120
        6.000  8090 asks to summary the case as fell | case summary by 8090; done: open
        """,
    )
    assert told(story) == ["sop/identify", "sop/form", "medical/card"]


def test_a_contact_with_whom_an_agent_talks_is_reached() -> None:
    """E06."""
    story = go_on(
        guided(OPENED),
        """
        3.000  8001 presses *914#  | dial 01390000001 over carrier-a as 02109500101;
                                   | open side A; stop case-open; aside 8001; hold A
        3.002  8001 enters         | held A by 8001
        5.000  01390000001 answers | dialled 01390000001: answered;
                                   | case contact 01390000001 reached by 8001;
                                   | aside 01390000001
        """,
    )
    (case,) = story.core.state.cases.values()
    (family,) = [step for step in case.guides[0].steps if step.id == "family"]
    assert case.reached == ("01390000001",)
    assert (family.done_ms, family.done_by) == (EPOCH_MS + 5_000, "8001")


def test_nothing_missing_delays_a_dial_and_only_what_blocks_keeps_the_case_open() -> None:
    """C09, E12: 120 was dialled above with no step done; the end waits for the summary alone."""
    story = go_on(
        guided(OPENED),
        """
        3.000  8001 asks to outcome the case as safe  | case outcome safe by 8001; done: open
        4.000  8001 asks to close the case            | refused step_missing; no: Not done yet:
                                                      | sop/summary. Do it, or say that it was done.
        5.000  8001 asks to summary the case as fell  | case summary by 8001; done: open
        6.000  8001 asks to close the case            | case closed by 8001; done: closed
        """,
    )
    assert told(story) == ["sop/identify", "sop/form", "sop/supervisor"]


def test_of_an_accident_nobody_writes_a_summary() -> None:
    """E44."""
    go_on(
        guided(OPENED),
        """
        3.000  8001 asks to outcome the case as accidental | case outcome accidental by 8001;
                                                           | done: open
        4.000  8001 asks to close the case                 | case closed by 8001; done: closed
        """,
    )


def test_a_contact_who_is_not_reached_sends_us_back_to_the_elder() -> None:
    """E28, E46: the agent is told, the script says what to tell the elder and to ask whom else."""
    story = go_on(
        guided(OPENED),
        """
        4.000  8001 presses *914#              | dial 01390000001 over carrier-a as 02109500101;
                                               | open side A; stop case-open; aside 8001; hold A
        4.002  8001 enters                     | held A by 8001
        9.000  01390000001 is refused with 486 | dialled 01390000001: busy;
                                               | case contact 01390000001 not reached;
                                               | play outbound-busy to 8001
        """,
    )
    (case,) = story.core.state.cases.values()
    assert case.missed == ("01390000001",)
    assert "missed/tell" in missing(case)


def test_a_case_that_is_taken_in_again_keeps_its_steps_and_their_version() -> None:
    """After a restart with newer scripts: what was done is done."""
    story = go_on(
        guided(OPENED),
        """
        3.000  8001 asks to step the case as sop/identify | case step sop/identify by 8001;
                                                          | done: open
        """,
    )
    (case,) = story.core.state.cases.values()
    later = tell("")
    newer = tuple(Script(id=one.id, version=9, flow=one.flow, when=one.when, steps=one.steps)
                  for one in SCRIPTS)  # fmt: skip
    later.step(EPOCH_MS, GuidanceDefined(newer))
    later.step(EPOCH_MS, CaseRestored(case))
    assert later.core.state.cases[case.id].guides == case.guides


def test_what_a_call_turns_out_to_be_and_an_emergency_opens_its_case() -> None:
    """E01, E47–E49: an enquiry of somebody who is unwell becomes an emergency by one key, and B is
    called; a digit that is none is refused."""
    go_on(
        tell("", agents="8011 8001"),
        """
        0.000  A calls 95002     | offered A; ring 8011 for A; open room A
        1.000  8011 answers      | offer accepted 8011; answer A; join A 8011
        1.002  A, 8011 enter     | answered A by 8011, wait 1.002
        2.000  8011 presses *212 | 8011 says enquiry; play flow-noted to 8011
        3.000  8011 presses *215 | refused unknown_flow; stop flow-noted;
                                 | play refused-unknown-flow to 8011
        4.000  8011 presses *211 | 8011 says emergency; case opened by 8011;
                                 | stop refused-unknown-flow; play flow-noted to 8011;
                                 | ring 8001 for A
        5.000  8011 presses *211 | 8011 says emergency; stop flow-noted;
                                 | play flow-noted to 8011
        """,
    )
