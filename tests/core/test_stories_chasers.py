"""Stories of what has to be asked and done again in an emergency, and of how a case ends (E11, E18,
E21, E35, E36, C10, F10–F13, F18, F19)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from acd.core.follow_up.owed import OwedFor
from tests.core.story import Story, go_on, tell

OPENED = (
    "case opened by 8001; task report owed; task revisit owed; task leader owed;"
    " play case-open to 8001"
)

TALKING = """
    0.000  A calls 95001 | offered A; ring 8001 for A; open room A
    1.000  8001 answers  | offer accepted 8001; answer A; join A 8001
    1.002  A, 8001 enter | answered A by 8001, wait 1.002
    """


def talking(agents: str = "8001") -> Story:
    return tell(TALKING, agents=agents, away="8090 8003", owed=True)


RESCUE_ROOM = """
    3.000  8001 presses *90               | case opened by 8001; task report owed;
                                          | task revisit owed; task leader owed;
                                          | play case-open to 8001;
                                          | ring 8002 for A
    5.000  8002 answers                   | offer accepted 8002; case b taken by 8002;
                                          | join 8002
    5.002  8002 enters                    | -
    6.000  8001 presses *911#             | dial 90120 over carrier-a as 02109500101;
                                          | open side A; stop case-open; aside 8001
    6.002  8001 enters                    | -
    8.000  90120 answers                  | dialled 90120: answered;
                                          | case medical reached by 8001;
                                          | task ask_medical owed; aside 90120
    8.002  90120 enters                   | -
    """


def test_120_is_asked_every_two_minutes_until_a_car_is_sent() -> None:
    """F10, F11, E21: due after two minutes, late then, owed again when done; seven with a car."""
    go_on(
        go_on(talking("8001 8002"), RESCUE_ROOM),
        """
        128.000  time passes                    | task ask_medical escalated late
        140.000  the ask_medical is done        | task ask_medical ended done late;
                                                | task ask_medical owed; done: done
        150.000  8001 asks to car_sent the case | case car sent by 8001;
                                                | task ask_medical ended not_needed;
                                                | task ask_medical owed; done: open
        560.000  8001 presses *98               | case help arrived by 8001;
                                                | task ask_medical ended not_needed;
                                                | play case-help-arrived to 8001
        """,
    )


def test_a_recording_at_120_is_nobody_reached_and_120_is_owed_until_it_is() -> None:
    """E03, E21: the agent says so by one key; what followed from the pick-up is taken back, and the
    shift leader is told when nobody has reached it in 30 s."""
    go_on(
        go_on(talking("8001 8002"), RESCUE_ROOM),
        """
        20.000  8001 presses *22  | case medical was a recording by 8001;
                                  | task ask_medical ended not_needed; task call_rescue owed;
                                  | hang up 90120; play outbound-unreachable to 8001
        20.010  90120 is gone     | -
        50.000  time passes       | task call_rescue escalated late
        60.000  8001 presses *911# | dial 90120 over carrier-a as 02109500101
        62.000  90120 answers     | dialled 90120: answered; case medical reached by 8001;
                                  | task call_rescue ended done late;
                                  | task ask_medical owed; aside 90120
        """,
    )


def test_120_that_has_been_reached_stays_reached_when_a_recording_follows() -> None:
    """What was told to a person there is not taken back by a later call."""
    story = go_on(
        go_on(talking("8001 8002"), RESCUE_ROOM),
        """
        30.000  90120 hangs up     | play party-gone to 8001
        31.000  8001 presses *911# | dial 90120 over carrier-a as 02109500101;
                                   | stop party-gone
        33.000  90120 answers      | dialled 90120: answered; aside 90120
        33.002  90120 enters       | -
        35.000  90120 hangs up     | play party-gone to 8001
        36.000  8001 presses *22   | stop party-gone; play outbound-unreachable to 8001
        37.000  8001 presses *22   | refused nobody_called; stop outbound-unreachable;
                                   | play refused-nobody-called to 8001
        """,
    )
    (case,) = story.core.state.cases.values()
    assert case.services == ("medical",)


def test_a_rescue_number_that_is_busy_is_owed_to_be_called() -> None:
    """E03."""
    go_on(
        go_on(talking("8001 8002"), RESCUE_ROOM.partition("    8.000")[0]),
        """
         8.000  90120 is refused with 486 | dialled 90120: busy; task call_rescue owed;
                                          | play outbound-busy to 8001
        10.000  8001 presses *98          | case help arrived by 8001;
                                          | task call_rescue ended not_needed;
                                          | stop outbound-busy; play case-help-arrived to 8001
        """,
    )


def test_a_case_is_not_closed_without_an_outcome_nor_while_anything_is_owed() -> None:
    go_on(
        talking(),
        """
        3.000  8001 presses *90                      | case opened by 8001; task report owed;
                                                     | task revisit owed; task leader owed;
                                                     | play case-open to 8001
        4.000  8001 asks to close the case           | refused no_outcome; no: Say first how it
                                                     | went: no case ends without an outcome.
        5.000  8001 asks to outcome the case as fine | refused unknown_outcome;
                                                     | no: There is no outcome 'fine'; there are
                                                     | settled, safe, help sent, passed on, call
                                                     | back promised, accidental, test, wrong
                                                     | number, nuisance, no response.
        6.000  8001 asks to outcome the case as safe | case outcome safe by 8001; done: open
        7.000  8001 presses *914#                    | dial 01390000001 over carrier-a as
                                                     | 02109500101; open side A; stop case-open;
                                                     | aside 8001; hold A
        7.002  8001 enters                           | held A by 8001
        8.000  01390000001 answers                   | dialled 01390000001: answered;
                                                     | case contact 01390000001 reached by 8001;
                                                     | task ask_contact owed; aside 01390000001
        8.002  01390000001 enters                    | -
        9.000  8001 asks to close the case           | refused still_owed; no: Still owed:
                                                     | ask_contact. Do it, or end it with a reason.
        """,
    )


def test_that_nobody_was_sent_needs_a_second_person() -> None:
    """E35: until they agree the case stays open, and the first is free."""
    go_on(
        talking(),
        """
         3.000  8001 presses *90               | case opened by 8001; task report owed;
                                               | task revisit owed; task leader owed;
                                               | play case-open to 8001
         4.000  8001 presses *30               | case no response by 8001; 8001 says no response;
                                               | stop case-open; play no-response-noted to 8001
         5.000  8001 presses *2010             | case outcome no response by 8001;
                                               | 8001 says no response; stop no-response-noted;
                                               | play outcome-noted to 8001
         6.000  8001 asks to close the case    | case agreement asked by 8001; task agreement owed;
                                               | done: unconfirmed, a supervisor is asked
         7.000  8001 asks to agree the case    | refused yourself; no: You have closed it, 8001: a
                                               | second person has to agree.
         8.000  8003 asks to disagree the case | task agreement ended done late;
                                               | case not agreed by 8003; done: open
         9.000  8001 asks to close the case    | case agreement asked by 8001; task agreement owed;
                                               | done: unconfirmed, a supervisor is asked
        10.000  8003 asks to agree the case    | task agreement ended done late;
                                               | case agreed by 8003; done: closed
        11.000  8003 asks to agree the case    | refused unknown_case;
                                               | no: There is no open case none.
        """,
    )


def test_the_leader_is_told_at_the_opening_until_a_supervisor_has_looked() -> None:
    """E09: owed within a minute, then told again and further up; done when a supervisor says that
    they have seen it, or does anything with the case; an agent cannot say so."""
    go_on(
        go_on(talking("8001 8002"), RESCUE_ROOM.partition("    6.000")[0]),
        """
         6.000  8001 asks to seen the case | refused not_a_supervisor; no: Agent 8001 is no
                                          | supervisor: it is for one to look at the case.
        63.000  time passes               | task leader escalated late
        70.000  8090 asks to seen the case | case seen by 8090; task leader ended done late;
                                          | done: open
        71.000  8090 asks to seen the case | done: open
        """,
    )


def test_of_what_was_no_emergency_no_leader_has_to_hear() -> None:
    """E09, E44: a closed case that needed nobody; any other stays the leader's to look at."""
    for outcome, ends in (("test", "; task leader ended not_needed"), ("help sent", "")):
        go_on(
            talking(),
            f"""
            3.000  8001 presses *90          | case opened by 8001; task report owed;
                                             | task revisit owed; task leader owed;
                                             | play case-open to 8001
            4.000  8001 has heard it         | -
            5.000  8001 asks to outcome the case as {outcome} | case outcome {outcome} by 8001;
                                             | done: open
            6.000  8001 asks to close the case | case closed by 8001{ends}; done: closed
            """,
        )


def test_a_role_is_handed_over_and_the_case_is_in_other_hands() -> None:
    """C10: who is at it and who answers for it are two things."""
    go_on(
        talking("8001 8002"),
        """
        3.000  8001 presses *90                             | case opened by 8001;
                                                            | task report owed; task revisit owed;
                                                            | task leader owed;
                                                            | play case-open to 8001;
                                                            | ring 8002 for A
        4.000  8002 answers                                 | offer accepted 8002;
                                                            | case b taken by 8002; join 8002
        4.002  8002 enters                                  | -
        5.000  8090 asks to log in at s8090                 | 8090 ready; done: ready
        6.000  8001 asks to hand_over the case to 8090 as a | done: open; ring 8090 for A
        8.000  8090 answers                                 | offer accepted 8090;
                                                            | case a taken by 8090;
                                                            | task leader ended done; hang up 8001;
                                                            | join 8090
        8.002  8090 enters                                  | -
        8.010  8001 is gone                                 | 8001 wrap_up
        9.000  8090 asks to assign the case to 8090         | case assigned by 8090;
                                                            | task report assigned;
                                                            | task revisit assigned; done: open
        """,
    )


ENDS = """
    6.000  A hangs up           | hang up 8001; hang up 8002
    6.010  8001 is gone         | 8001 wrap_up
    7.000  8001 asks to log out | 8001 logged_out; wrapped up 8001 0.990; task hand_over owed;
                                | done: logged_out
    7.001  time passes          | -
"""


def test_at_the_end_of_a_shift_the_case_is_the_leaders_until_somebody_has_it() -> None:
    """C10: whoever takes it has what is still to be done; the owner stays the first agent, whose
    figures it stands in."""
    story = go_on(talking("8001 8002"), RESCUE_ROOM.partition("    6.000")[0])
    go_on(story, ENDS)
    (owed,) = (o for o in story.core.state.obligations.values() if o.why is OwedFor.HAND_OVER)
    assert owed.level == 1, "the shift leader has been told"
    told = story.moment("8.000", "8002 asks to assign the case to 8002")
    assert "task hand_over ended done" in told
    (case,) = story.core.state.cases.values()
    assert (case.owner, case.assignee, case.in_hand) == ("8001", "8002", "8002")
    for owed in story.core.state.obligations.values():
        if owed.case == case.id:
            assert (owed.owner, owed.assignee) == ("8001", "8002"), owed.why


def test_whoever_is_back_has_the_case_in_hand_as_before() -> None:
    """C10: another seat, or a program that was started again, is no end of a shift."""
    story = go_on(talking("8001 8002"), RESCUE_ROOM.partition("    6.000")[0])
    go_on(
        go_on(story, ENDS),
        """
        10.000  8001 asks to log in at s8001 | 8001 ready; task hand_over ended not_needed late;
                                             | done: ready
        """,
    )


def test_the_report_is_due_at_17_the_next_day_and_the_revisit_within_three() -> None:
    """F18, F19: in China's time, whatever the machine's is."""
    story = go_on(talking(), "        3.000  8001 presses *90 | " + OPENED)
    due = {owed.why: owed.deadline_ms for owed in story.core.state.obligations.values()}
    (case,) = story.core.state.cases.values()
    report = datetime.fromtimestamp(due[OwedFor.REPORT] / 1000, ZoneInfo("Asia/Shanghai"))
    opened = datetime.fromtimestamp(case.opened_ms / 1000, ZoneInfo("Asia/Shanghai"))
    assert (report.date() - opened.date()).days == 1
    assert (report.hour, report.minute, report.second) == (17, 0, 0)
    assert due[OwedFor.REVISIT] - case.opened_ms == 3 * 86_400_000


def test_the_elder_is_called_every_quarter_of_an_hour_until_110_or_119_is_there() -> None:
    """F12, E27: owed again when done, late when nobody does it; 119 beside 110 adds no second."""
    go_on(
        go_on(talking("8001 8002"), RESCUE_ROOM.partition("    6.000")[0]),
        """
           6.000  8001 presses *912# | dial 90110 over carrier-a as 02109500101; open side A;
                                     | stop case-open; aside 8001
           6.002  8001 enters        | -
           8.000  90110 answers      | dialled 90110: answered; case police reached by 8001;
                                     | task call_elder owed; aside 90110
           8.002  90110 enters       | -
          20.000  90110 hangs up     | play party-gone to 8001
          21.000  8001 presses *913# | dial 90119 over carrier-a as 02109500101; stop party-gone
          23.000  90119 answers      | dialled 90119: answered; case fire reached by 8001;
                                     | aside 90119
          23.002  90119 enters       | -
         908.000  time passes        | task call_elder escalated late
         910.000  the call_elder is done | task call_elder ended done late;
                                     | task call_elder owed; done: done
        1000.000  8001 presses *98   | case help arrived by 8001;
                                     | task call_elder ended not_needed;
                                     | play case-help-arrived to 8001
        """,
    )


def test_a_contact_on_the_way_is_asked_at_intervals_and_120_can_still_be_called() -> None:
    """F13, E29, E31, E32: each contact of their own; to switch to 120 is one key."""
    go_on(
        go_on(talking("8001 8002"), RESCUE_ROOM.partition("    6.000")[0]),
        """
          6.000  8001 presses *914# | dial 01390000001 over carrier-a as 02109500101; open side A;
                                    | stop case-open; aside 8001
          6.002  8001 enters        | -
          8.000  01390000001 answers | dialled 01390000001: answered;
                                    | case contact 01390000001 reached by 8001;
                                    | task ask_contact owed; aside 01390000001
          8.002  01390000001 enters | -
        608.000  time passes        | task ask_contact escalated late
        610.000  the ask_contact is done | task ask_contact ended done late;
                                    | task ask_contact owed; done: done
        612.000  8001 presses *911# | dial 90120 over carrier-a as 02109500101
        614.000  90120 answers      | dialled 90120: answered; case medical reached by 8001;
                                    | task ask_medical owed; aside 90120
        """,
    )


def test_what_an_emergency_has_shown_goes_into_the_elder_s_file() -> None:
    """E12, E17, E38: owed within the hour once help is there, to whoever answers for the case; it
    outlives the case, whose summary stands in the record under the elder; and it is owed once."""
    story = tell(
        TALKING.replace("95001 |", "95001 from terminal T1 |"), agents="8001 8002", owed=True
    )
    go_on(
        go_on(story, RESCUE_ROOM.partition("    6.000")[0]),
        """
        100.000  8001 presses *98 | case help arrived by 8001; task file owed;
                                  | play case-help-arrived to 8001
        101.000  8001 presses *97 | case safe by 8001; stop case-help-arrived;
                                  | play case-safe to 8001
        110.000  8001 asks to outcome the case as help sent | case outcome help sent by 8001;
                                  | done: open
        111.000  8001 asks to close the case | case closed by 8001; done: closed
        """,
    )
    (owed,) = [one for one in story.core.state.obligations.values() if one.why is OwedFor.FILE]
    assert (owed.elders, owed.owner) == (("of-T1",), "8001")
    assert owed.deadline_ms - owed.created_ms == 3_600_000
    go_on(story, "120.000  the file is done | task file ended done; done: done")
