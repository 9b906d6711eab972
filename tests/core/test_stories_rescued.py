"""Stories of an emergency until somebody has taken over: what was called already, the line that
stays open, what the elder asks for (C09, C18, E04, E18, E23, E24, E26, E31, E38, E43)."""

import pytest

from acd.core.commands import StopListening
from acd.core.directory import Area
from acd.core.emergency.case import Form
from acd.core.emergency.guide import Flow, Script, Sign, Step, When
from acd.core.events import (
    AreaDefined,
    CaseAction,
    CaseRequested,
    GuidanceDefined,
    Heard,
    TrunkRemoved,
)
from acd.core.facts import ObligationNoted
from acd.core.ids import AgentId, AreaId, LegId, TrunkId
from tests.core.story import EPOCH_MS, REQUEST, Story, go_on, tell
from tests.core.test_bad_input_case import is_connected
from tests.core.test_stories_chasers import RESCUE_ROOM, talking
from tests.core.test_stories_guidance import TALKING as ANSWERED

CALLER = LegId("n1:A")
FORM_FIRST = Script(
    id="sop",
    version=2,
    flow=Flow.EMERGENCY,
    when=When.OPENED,
    steps=(Step(id="form", is_mandatory=True, blocks=True, sign=Sign.FORM),),
)


def test_what_the_terminal_has_dialled_itself_counts_as_called() -> None:
    """C18, E21: an agent hears that 120 is on its way already; it is asked as if we had called, and
    110 need not be sent once it is known to come.  Said twice it changes nothing."""
    story = go_on(
        talking(),
        """
        3.000  8001 presses *90                            | case opened by 8001; task report owed;
                                                           | task revisit owed; task leader owed;
                                                           | play case-open to 8001
        4.000  8001 asks to called_before the case as medical | case medical called before by 8001;
                                                           | task ask_medical owed; done: open
        4.500  8001 asks to called_before the case as medical | done: open
        5.000  8001 asks to called_before the case as police  | case police called before by 8001;
                                                           | task call_elder owed; done: open
        6.000  8001 asks to called_before the case         | refused no_reason; no: Which service:
                                                           | medical, police or fire?
        """,
    )
    (case,) = story.core.state.cases.values()
    assert case.services == case.called_before == ("medical", "police")
    asked = [one for one in story.core.state.obligations.values() if one.why == "ask_medical"]
    assert [one.deadline_ms for one in asked] == [EPOCH_MS + 124_000]
    assert not case.needs_agreement


def test_120_that_was_busy_and_was_called_by_the_elder_is_owed_no_more() -> None:
    """C18, E03."""
    go_on(
        talking(),
        """
        3.000  8001 presses *90          | case opened by 8001; task report owed;
                                         | task revisit owed; task leader owed;
                                         | play case-open to 8001
        6.000  8001 presses *911#        | dial 90120 over carrier-a as 02109500101; open side A;
                                         | stop case-open; aside 8001; hold A
        6.002  8001 enters               | held A by 8001
        7.000  90120 is refused with 486 | dialled 90120: busy; task call_rescue owed;
                                         | play outbound-busy to 8001
        9.000  8001 asks to called_before the case as medical | case medical called before by 8001;
                                         | task call_rescue ended done; task ask_medical owed;
                                         | done: open
        """,
    )


def test_120_is_dialled_before_anything_is_written_and_the_form_before_the_end() -> None:
    """C09, E02, E04: nothing of the form delays the dial; without its four facts the case stays
    open."""
    story = tell("", agents="8001", away="8090")
    story.step(EPOCH_MS - 1, GuidanceDefined((FORM_FIRST,)))
    go_on(
        go_on(story, ANSWERED),
        """
        2.000  8001 presses *90   | case opened by 8001; play case-open to 8001
        2.100  8001 presses *911# | dial 90120 over carrier-a as 02109500101; open side A;
                                  | stop case-open; aside 8001; hold A
        2.102  8001 enters        | held A by 8001
        5.000  90120 answers      | dialled 90120: answered; case medical reached by 8001;
                                  | aside 90120
        5.002  90120 enters       | -
        6.000  8001 presses *92   | join 8001; hold 90120
        6.002  8001 enters        | play call-resumed to 8001; resumed A after 3.900
        7.000  8001 presses *98   | case help arrived by 8001; stop call-resumed;
                                  | play case-help-arrived to 8001
        8.000  8001 asks to outcome the case with safe | case outcome safe by 8001; done: open
        8.100  8001 asks to close the case | refused step_missing; no: Not done yet: sop/form. Do
                                           | it, or say that it was done.
        8.500  8001 asks to form the case as kitchen | case form by 8001; done: open
        8.600  8001 asks to close the case | refused step_missing; no: Not done yet: sop/form. Do
                                           | it, or say that it was done.
        """,
    )
    (case,) = story.core.state.cases.values()
    facts = Form(place="kitchen", identity="herself", harm="fell", asks="120")
    by = AgentId("8001")
    told = story.step(
        EPOCH_MS + 9_000,
        CaseRequested(request=REQUEST, case=case.id, action=CaseAction.FORM, agent=by, form=facts),
    )
    assert told
    go_on(story, "9.500  8001 asks to close the case | case closed by 8001; done: closed")


@pytest.mark.parametrize(("keys", "number"), [("*911#", "90120"), ("*912#", "90110")])
def test_the_line_stays_open_until_help_has_taken_over(keys: str, number: str) -> None:
    """E23, E26: 120 or 110 is on its way and whoever talked hangs up: the caller's line is neither
    ended nor left alone, for as long as it takes, and agents are rung back to it."""
    story = _on_the_way(keys, number)
    _until(story, 30)
    story.moment("30.000", "8001 hangs up")
    _until(story, 31)
    story.moment("31.000", "8002 hangs up")
    agents = [LegId(one) for one in story.core.state.legs if one != CALLER]
    assert agents, "nobody is rung back"
    for second in (60, 300, 900):
        _until(story, second)
        assert is_connected(story)
        assert not story.core.state.legs[CALLER].ended_by_us


def _until(story: Story, second: int) -> None:
    """Let everything happen by itself that is due by then."""
    while (due := story.core.next_deadline()) is not None and due < EPOCH_MS + second * 1000:
        story.moment(f"{(due - EPOCH_MS) / 1000:.3f}", "time passes")


def _on_the_way(keys: str, number: str) -> Story:
    rescue = RESCUE_ROOM.replace("*911#", keys).replace("90120", number)
    if number == "90110":
        rescue = rescue.replace("medical", "police").replace("ask_police", "call_elder")
    story = go_on(talking("8001 8002"), rescue)
    _until(story, 15)
    story.moment("15.000", f"{number} hangs up")
    story.moment("16.000", "8001 presses *92")
    story.moment("16.002", "8001 enters")
    return story


def test_who_answers_the_callback_gets_what_they_ask_for() -> None:
    """E43: the elder was silent, is called back, answers, and asks for 120: the same agent opens
    the case on that very line and calls."""
    go_on(
        tell("", agents="8001", owed=True),
        """
        0.000  A calls 95001 as 5 | offered A; ring 8001 for A; open room A
        1.000  A hangs up         | offer withdrawn 8001; hang up 8001
        1.010  8001 is gone       | 8001 ready; close room A; ended A abandoned, wait 1.000;
                                  | callback to 02160005 owed
        3.010  time passes        | callback to 02160005 due; placed 02160005;
                                  | callback to 02160005 taken up; ring 8001 for 02160005;
                                  | open room 02160005
        4.000  8001 answers       | offer accepted 8001; dial 02160005 over carrier-a as 95001
        6.000  02160005 answers     | dialled 02160005: answered; join 02160005 8001
        6.002  02160005, 8001 enter | reached 02160005 by 8001, wait 2.992
        8.000  8001 presses *90     | case opened by 8001; task report owed; task revisit owed;
                                    | task leader owed; play case-open to 8001
        9.000  8001 presses *911#   | dial 90120 over carrier-a as 02109500101;
                                    | open side 02160005; stop case-open; aside 8001; hold 02160005
        """,
    )


def test_the_scene_is_listened_to_while_contacts_are_tried() -> None:
    """E31, E33, E23: moaning is no word.  The line is held and listened to while A calls a contact;
    a word there is heard, whoever is with the caller: it is shown, and people decide."""
    story = tell(
        """
         0.000  A calls 95001                   | offered A; ring 8001 for A; open room A
         1.000  8001 answers                    | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter                   | answered A by 8001, wait 1.002; listen to A;
                                                | detect 8001
         1.050  A is heard: sound               | -
         4.002  time passes                     | play caller-please-speak to 8001;
                                                | prompted A who gives sound;
                                                | play caller-please-speak to A
         6.000  prompt caller-please-speak ends | -
         6.000  8001 has heard it               | -
         9.000  time passes                     | no response A after 7.998;
                                                | prompted A who gives sound;
                                                | play caller-not-heard-we-stay to A;
                                                | play agent-no-response to 8001
        """,
        agents="8001 8002",
        silence=True,
    )
    for second, what in (
        ("11.000", "prompt caller-not-heard-we-stay ends"),
        ("12.000", "8001 presses *90"),
        ("13.000", "8002 answers"),
        ("13.002", "8002 enters"),
        ("14.000", "8001 presses *914#"),
        ("14.002", "8001 enters"),
        ("16.000", "01390000001 is refused with 486"),
    ):
        story.moment(second, what)
    assert is_connected(story)
    (case,) = story.core.state.cases.values()
    assert case.no_response
    story.moment("18.000", "A is heard: speech")
    assert story.core.state.legs[CALLER].heard is Heard.SPEECH
    assert not any(isinstance(one, StopListening) for one in story.effects)


def test_the_revisit_is_asked_for_until_somebody_has_made_it() -> None:
    """E18, E24, E38: owed when the case is long closed; late after three days, told to the shift
    leader, and done by a person."""
    story = go_on(
        talking("8001 8002"),
        """
        3.000  8001 presses *90 | case opened by 8001; task report owed; task revisit owed;
                                | task leader owed; play case-open to 8001; ring 8002 for A
        5.000  8002 answers     | offer accepted 8002; case b taken by 8002; join 8002
        5.002  8002 enters      | -
        6.000  8001 presses *98 | case help arrived by 8001; stop case-open;
                                | play case-help-arrived to 8001
        6.500  8090 asks to seen the case              | case seen by 8090;
                                                       | task leader ended done; done: open
        6.600  8001 hands in a report which says: 女儿, 住院, 满意 | report of the case by 8001;
                                | rated A 满意 (s0) for 8001 by 8001, revisit;
                                | task report ended done; done: talking
        7.000  8001 asks to outcome the case with safe | case outcome safe by 8001; done: open
        8.000  8001 asks to close the case             | case closed by 8001; done: closed
        9.000  A hangs up                              | hang up 8001; hang up 8002
        9.010  8001 is gone                            | 8001 wrap_up
        9.020  8002 is gone                            | 8002 wrap_up; close room A;
                                                       | ended A answered, wait 1.002, talk 7.998
        """,
    )
    _until(story, 3 * 86_400 + 2)
    told = story.moment(f"{3 * 86_400 + 3}.000", "time passes")
    assert told == "task revisit escalated late"
    told = story.moment(f"{3 * 86_400 + 60}.000", "the revisit is done: 老人已出院，恢复良好")
    assert told == "task revisit ended done late; done: done"


def test_a_revisit_is_not_done_without_a_summary() -> None:
    """D26: whoever made it says how the elder is; the words and their name stay with it.  It can
    still be closed undone, with a reason."""
    story = go_on(
        talking(),
        """
        3.000  8001 presses *90           | case opened by 8001; task report owed;
                                          | task revisit owed; task leader owed;
                                          | play case-open to 8001
        4.000  the revisit is done        | refused summary_missing; no: Write a summary of the
                                          | revisit into reason: how the elder is, and what was
                                          | agreed; or close this with a reason.
        4.100  the revisit is done by 8001 | refused summary_missing; no: Write a summary of the
                                          | revisit into reason: how the elder is, and what was
                                          | agreed; or close this with a reason.
        4.200  the revisit is done by 8009: 已好转 | refused unknown_agent;
                                          | no: There is no agent 8009.
        5.000  the revisit is done by 8001: 已好转，约好下周复诊 | task revisit assigned;
                                          | task revisit ended done; done: done
        """,
    )
    (ended,) = (
        one.obligation for one in story.effects
        if isinstance(one, ObligationNoted) and one.obligation.closing is not None
    )  # fmt: skip
    assert (ended.why, ended.closing, ended.assignee) == ("revisit", "done", "8001")
    assert ended.reason == "已好转，约好下周复诊"


def test_a_service_that_no_operator_carries_is_owed_as_any_that_was_not_reached() -> None:
    """E03, T31: both operators fail: the agent hears it, and 120 is theirs to call, and soon the
    shift leader's."""
    tell(
        """
        0.100  A calls 95001 as 5        | offered A; ring 8001 for A; open room A
        0.500  8001 answers              | offer accepted 8001; answer A; join A 8001
        0.502  A, 8001 enter             | answered A by 8001, wait 0.402
        0.600  8001 presses *90          | case opened by 8001; task report owed;
                                         | task revisit owed; task leader owed;
                                         | play case-open to 8001
        0.800  8001 presses *911#        | dial 90120 over carrier-a as 02109500101; open side A;
                                         | stop case-open; aside 8001; hold A
        0.802  8001, A enter             | held A by 8001
        1.000  90120 is refused with 503 | dial 90120 over carrier-b as 02109500102
        1.100  90120 is refused with 503 | dialled 90120: no_trunk; task call_rescue owed;
                                         | play refused-no-trunk to 8001
        """,
        agents="8001",
        owed=True,
    )


def test_two_emergencies_call_120_at_the_same_time() -> None:
    """E03: an ambulance service has many lines, and the second elder's A does not wait until the
    first one's has hung up; within one call it is called once."""
    tell(
        """
        0.100  A calls 95001 as 5        | offered A; ring 8001 for A; open room A
        0.500  8001 answers              | offer accepted 8001; answer A; join A 8001
        0.502  A, 8001 enter             | answered A by 8001, wait 0.402
        0.600  B calls 95001 as 6        | offered B; ring 8002 for B; open room B
        0.700  8002 answers              | offer accepted 8002; answer B; join B 8002
        0.702  B, 8002 enter             | answered B by 8002, wait 0.102
        0.800  8001 presses *90          | case opened by 8001; task report owed;
                                         | task revisit owed; task leader owed;
                                         | play case-open to 8001
        0.900  8002 presses *90          | case opened by 8002; task report owed;
                                         | task revisit owed; task leader owed;
                                         | play case-open to 8002
        1.000  8001 presses *911#        | dial 90120 over carrier-a as 02109500101; open side A;
                                         | stop case-open; aside 8001; hold A
        1.002  8001, A enter             | held A by 8001
        1.100  8002 presses *911#        | dial 90120 over carrier-a as 02109500101; open side B;
                                         | stop case-open; aside 8002; hold B
        1.200  8001 presses *911#        | refused number_in_call;
                                         | play refused-number-in-call to 8001
        """,
        agents="8001 8002",
        owed=True,
    )


CASE_OPEN = """
        3.000  8001 presses *90   | case opened by 8001; task report owed; task revisit owed;
                                  | task leader owed; play case-open to 8001
        """


@pytest.mark.parametrize(("keys", "owed"), [("*911#", "call_rescue"), ("*912#", "send_police")])
def test_rescue_that_no_trunk_of_the_area_reaches_is_owed(keys: str, owed: str) -> None:
    """E03: the agent is told at once; that somebody has to call 120 or 110 by whatever telephone is
    theirs, and soon the shift leader's, as when it was called and not reached."""
    story = go_on(talking(), CASE_OPEN)
    for trunk in ("carrier-a", "carrier-b"):
        story.step(EPOCH_MS + 4_000, TrunkRemoved(TrunkId(trunk)))
    go_on(
        story,
        f"""
        5.000  8001 presses {keys} | task {owed} owed; refused no_trunk; stop case-open;
                                   | play refused-no-trunk to 8001
        6.000  8001 presses {keys} | refused no_trunk; stop refused-no-trunk;
                                   | play refused-no-trunk to 8001
        """,
    )


def test_rescue_whose_number_the_directory_lacks_is_owed_by_its_name() -> None:
    """E03: 120 and 119 are two matters; that the elder has called one of them ends that one."""
    story = go_on(talking(), CASE_OPEN)
    story.step(EPOCH_MS + 4_000, AreaDefined(Area(id=AreaId("east"), rescue=())))
    go_on(
        story,
        """
        5.000  8001 presses *911#  | task call_rescue owed; refused no_rescue_number;
                                   | stop case-open; play refused-no-rescue-number to 8001
        6.000  8001 presses *913#  | task call_rescue owed; refused no_rescue_number;
                                   | stop refused-no-rescue-number;
                                   | play refused-no-rescue-number to 8001
        7.000  8001 asks to called_before the case as medical | case medical called before by 8001;
                                   | task call_rescue ended done; task ask_medical owed; done: open
        """,
    )
    (left,) = [one for one in story.core.state.obligations.values() if one.why == "call_rescue"]
    assert left.about == "fire"


def test_the_agent_is_told_when_everybody_is_called_but_120() -> None:
    """T35, E03: the contacts ring, and without a word 120 would be taken to be on its way."""
    story = go_on(talking(), CASE_OPEN)
    story.step(EPOCH_MS + 4_000, AreaDefined(Area(id=AreaId("east"), rescue=())))
    go_on(
        story,
        """
        5.000  8001 presses *96    | dial 01390000001 over carrier-a as 02109500101;
                                   | dial 01390000002 over carrier-a as 02109500101;
                                   | task call_rescue owed; refused no_rescue_number;
                                   | case all called by 8001; stop case-open;
                                   | play refused-no-rescue-number to 8001
        """,
    )
