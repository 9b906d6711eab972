"""Stories of the procedure without a response: two callbacks, contacts, 110 by a person, and one
agent on duty (E33–E40, C06, C17)."""

from acd.core.emergency.noresponse import CONTACT_MS
from acd.core.follow_up.owed import OwedFor
from tests.core.story import EPOCH_MS, Story, go_on, tell

CALLED_BACK = """
        0.000  A calls 95001 as 5           | offered A; ring 8001 for A; open room A
        1.000  A hangs up                   | offer withdrawn 8001; hang up 8001
        1.010  8001 is gone                 | 8001 ready; close room A;
                                            | ended A abandoned, wait 1.000;
                                            | callback to 02160005 owed
        3.010  time passes                  | callback to 02160005 due; placed 02160005;
                                            | callback to 02160005 taken up;
                                            | ring 8001 for 02160005; open room 02160005
        4.000  8001 answers                 | offer accepted 8001;
                                            | dial 02160005 over carrier-a as 95001"""

NOT_REACHED = f"""{CALLED_BACK}
        5.000  02160005 is gone (no_answer) | dialled 02160005: no_answer;
                                            | play outbound-no-answer to 8001
        7.000  8001 has heard it            | hang up 8001
        7.010  8001 is gone                 | 8001 ready; close room 02160005;
                                            | ended 02160005 no_answer;
                                            | callback to 02160005 put back; case opened;
                                            | task report owed; task revisit owed; task leader owed;
                                            | callback contact owed; callback contact owed
        9.010  time passes                  | callback contact due; placed 01390000001;
                                            | callback contact taken up;
                                            | dial 01390000001 over carrier-a as 95001;
                                            | open room 01390000001; callback contact due;
                                            | placed 01390000002; callback contact taken up;
                                            | dial 01390000002 over carrier-a as 95001;
                                            | open room 01390000002
        """


def not_reached(agents: str = "8001") -> Story:
    """Somebody gave up, was called back by an agent, and does not respond."""
    return tell(NOT_REACHED, agents=agents, owed=True)


def test_after_the_first_callback_all_contacts_are_called_at_once() -> None:
    """C06, E39: a case is open; whoever presses 1 waits before everybody else, and when an agent
    has talked with one the others are left in peace."""
    go_on(
        not_reached(),
        """
        11.000  01390000001 answers             | dialled 01390000001: answered; play
                                                | contact-emergency-for digit-0 digit-2 digit-1
                                                | digit-6 digit-0 digit-0 digit-0 digit-5
                                                | contact-press-one to 01390000001
        11.500  01390000002 is refused with 486 | dialled 01390000002: busy;
                                                | close room 01390000002; ended 01390000002 busy;
                                                | callback contact put back
        13.000  01390000001 presses 1           | stop contact-emergency-for digit-0 digit-2
                                                | digit-1 digit-6 digit-0 digit-0 digit-0 digit-5
                                                | contact-press-one; case another call;
                                                | hold 01390000001; play ack to 01390000001;
                                                | ring 8001 for 01390000001
        15.000  8001 answers                    | offer accepted 8001; stop ack;
                                                | join 01390000001 8001
        15.002  01390000001, 8001 enter         | reached 01390000001 by 8001, wait 5.992
        16.500  time passes                     | callback contact due; placed 01390000002;
                                                | callback contact taken up;
                                                | dial 01390000002 over carrier-a as 95001;
                                                | open room 01390000002
        17.010  time passes                     | callback to 02160005 due; placed 02160005;
                                                | callback to 02160005 taken up; case another call;
                                                | open room 02160005
        28.500  time passes                     | hang up 01390000002
        37.010  time passes                     | dial 02160005 over carrier-a as 95001
        40.000  01390000001 hangs up            | hang up 8001
        40.010  8001 is gone                    | 8001 wrap_up; close room 01390000001;
                                                | ended 01390000001 answered, talk 24.998;
                                                | callback contact ended reached;
                                                | case contact 01390000001 reached;
                                                | task ask_contact owed
        """,
    )


def test_a_line_that_is_busy_and_does_not_call_us_goes_to_the_contacts_too() -> None:
    """C06, E39, T26: a fallen handset is busy for ever.  Whoever calls us is busy as well, and does
    so within 5 s; then the contacts are called, once, and the elder goes on being called."""
    tell(
        f"""{CALLED_BACK}
        5.000  02160005 is refused with 486 | dialled 02160005: busy; play outbound-busy to 8001
        7.000  8001 has heard it            | hang up 8001
        7.010  8001 is gone                 | 8001 ready; close room 02160005;
                                            | ended 02160005 busy; callback to 02160005 put back
       12.010  time passes                  | callback to 02160005 due; case opened;
                                            | task report owed; task revisit owed;
                                            | task leader owed; callback contact owed;
                                            | callback contact owed; placed 02160005;
                                            | callback to 02160005 taken up; case another call;
                                            | ring 8001 for 02160005; open room 02160005
       13.000  8001 answers                 | offer accepted 8001;
                                            | dial 02160005 over carrier-a as 95001
       13.500  02160005 is refused with 486 | dialled 02160005: busy; play outbound-busy to 8001
       13.600  8001 has heard it            | hang up 8001
       13.610  8001 is gone                 | 8001 ready; close room 02160005;
                                            | ended 02160005 busy; callback to 02160005 put back
       14.010  time passes                  | callback contact due; placed 01390000001;
                                            | callback contact taken up;
                                            | dial 01390000001 over carrier-a as 95001;
                                            | open room 01390000001; callback contact due;
                                            | placed 01390000002; callback contact taken up;
                                            | dial 01390000002 over carrier-a as 95001;
                                            | open room 01390000002
       18.610  time passes                  | callback to 02160005 due; placed 02160005;
                                            | callback to 02160005 taken up; case another call;
                                            | ring 8001 for 02160005; open room 02160005
        """,
        agents="8001",
        owed=True,
    )


def test_a_voicemail_box_is_nobody_and_110_falls_to_people() -> None:
    """E36, E40, C17: one picks up and presses nothing, one is busy; to send 110 is owed by a
    person, and after 30 s the shift leader knows; nobody dials it by themselves."""
    go_on(
        not_reached(),
        """
         9.500  8001 dials *62                  | answer desk 8001;
                                                | play agent-pause-menu to desk 8001
         9.600  desk 8001 presses 1             | 8001 paused (rest); stop agent-pause-menu;
                                                | play agent-paused pause-reason-rest to desk 8001
        11.000  01390000001 answers             | dialled 01390000001: answered; play
                                                | contact-emergency-for digit-0 digit-2 digit-1
                                                | digit-6 digit-0 digit-0 digit-0 digit-5
                                                | contact-press-one to 01390000001
        11.500  01390000002 is refused with 486 | dialled 01390000002: busy;
                                                | close room 01390000002; ended 01390000002 busy;
                                                | callback contact put back
        16.500  time passes                     | callback contact due; placed 01390000002;
                                                | callback contact taken up;
                                                | dial 01390000002 over carrier-a as 95001;
                                                | open room 01390000002
        17.010  time passes                     | callback to 02160005 due; placed 02160005;
                                                | callback to 02160005 taken up; case another call;
                                                | open room 02160005
        24.600  time passes                     | hang up desk 8001
        28.500  time passes                     | hang up 01390000002
        31.000  time passes                     | hang up 01390000001
        31.010  01390000001 is gone             | callback to 02160005 escalated late;
                                                | close room 01390000001;
                                                | ended 01390000001 abandoned;
                                                | callback contact put back; task send_police owed
        """,
    )


def test_after_the_second_callback_the_agent_who_called_is_a() -> None:
    """E35, E37: and from then on the elder is redialled without pause."""
    go_on(
        not_reached(),
        """
        10.000  01390000001 is refused with 486 | dialled 01390000001: busy;
                                                | close room 01390000001; ended 01390000001 busy;
                                                | callback contact put back
        10.100  01390000002 is refused with 486 | dialled 01390000002: busy;
                                                | close room 01390000002; ended 01390000002 busy;
                                                | callback contact put back; task send_police owed
        15.000  time passes                     | callback contact due; placed 01390000001;
                                                | callback contact taken up;
                                                | dial 01390000001 over carrier-a as 95001;
                                                | open room 01390000001
        15.010  time passes                     | -
        15.100  time passes                     | callback contact due; placed 01390000002;
                                                | callback contact taken up;
                                                | dial 01390000002 over carrier-a as 95001;
                                                | open room 01390000002
        17.010  time passes                     | callback to 02160005 due; placed 02160005;
                                                | callback to 02160005 taken up; case another call;
                                                | ring 8001 for 02160005; open room 02160005
        18.000  8001 answers                    | offer accepted 8001;
                                                | dial 02160005 over carrier-a as 95001
        20.000  02160005 is gone (no_answer)    | dialled 02160005: no_answer;
                                                | play outbound-no-answer to 8001
        21.000  8001 has heard it               | hang up 8001
        21.010  8001 is gone                    | 8001 ready; close room 02160005;
                                                | ended 02160005 no_answer;
                                                | callback to 02160005 put back;
                                                | callback to 02160005 escalated;
                                                | case two callbacks without response by 8001
        26.010  time passes                     | callback to 02160005 due; placed 02160005;
                                                | callback to 02160005 taken up; case another call;
                                                | ring 8001 for 02160005; open room 02160005
        """,
    )


def test_one_agent_on_duty_has_the_switch_for_b() -> None:
    """C17: nobody comes within ten seconds: contacts are called by the switch, A stays with the
    caller; whoever presses 1 waits for A."""
    tell(
        """
         0.000  A calls 95001 as 5        | offered A; ring 8001 for A; open room A
         1.000  8001 answers              | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter             | answered A by 8001, wait 1.002
         3.000  8001 presses *90          | case opened by 8001; task report owed;
                                          | task revisit owed; task leader owed;
                                          | play case-open to 8001
         5.000  8001 presses *911#        | dial 90120 over carrier-a as 02109500101; open side A;
                                          | stop case-open; aside 8001; hold A
         5.002  8001, A enter             | held A by 8001
        13.000  time passes               | case nobody is b yet; case one agent on duty;
                                          | dial 01390000001 over carrier-a as 02109500101;
                                          | dial 01390000002 over carrier-a as 02109500101
        15.000  01390000001 answers       | play caller-help-is-called to A;
                                          | dialled 01390000001: answered; play
                                          | contact-emergency-for digit-0 digit-2 digit-1 digit-6
                                          | digit-0 digit-0 digit-0 digit-5 contact-press-one to
                                          | 01390000001
        16.500  01390000001 presses 1     | stop contact-emergency-for digit-0 digit-2 digit-1
                                          | digit-6 digit-0 digit-0 digit-0 digit-5
                                          | contact-press-one; case contact 01390000001 accepted;
                                          | task ask_contact owed; hold 01390000001;
                                          | play contact-waits to 8001
        16.502  01390000001 enters        | -
        17.000  time passes               | hang up 90120
        17.500  90120 is refused with 486 | dial 90120 over carrier-b as 02109500102
        18.000  8001 presses *93          | stop contact-waits; join 8001 01390000001;
                                          | stop caller-help-is-called;
                                          | play caller-hold-thanks to A
        18.002  8001, 01390000001 enter   | close side A; play conference-joined to 8001
        19.000  A has heard it            | join A
        19.002  A enters                  | resumed A after 14.000
        """,
        agents="8001",
        owed=True,
    )


def test_one_agent_on_duty_and_no_contact_is_reached_in_two_rounds() -> None:
    """C17, E36: then to send 110 is owed by people; A is told each time what became of a call."""
    tell(
        """
         0.000  A calls 95001 as 5              | offered A; ring 8001 for A; open room A
         1.000  8001 answers                    | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter                   | answered A by 8001, wait 1.002
         3.000  8001 presses *90                | case opened by 8001; task report owed;
                                                | task revisit owed; task leader owed;
                                                | play case-open to 8001
        13.000  time passes                     | case nobody is b yet; case one agent on duty;
                                                | dial 01390000001 over carrier-a as 02109500101;
                                                | dial 01390000002 over carrier-a as 02109500101
        14.000  01390000001 is refused with 486 | dialled 01390000001: busy; stop case-open;
                                                | play outbound-busy to 8001
        15.000  01390000002 is refused with 404 | dialled 01390000002: unreachable;
                                                | stop outbound-busy;
                                                | play outbound-unreachable to 8001
        23.000  time passes                     | dial 01390000001 over carrier-a as 02109500101;
                                                | dial 01390000002 over carrier-a as 02109500101
        24.000  01390000001 is refused with 486 | dialled 01390000001: busy;
                                                | stop outbound-unreachable;
                                                | play outbound-busy to 8001
        25.000  01390000002 is refused with 404 | dialled 01390000002: unreachable;
                                                | stop outbound-busy;
                                                | play outbound-unreachable to 8001
        33.000  time passes                     | task send_police owed
        """,
        agents="8001",
        owed=True,
    )


def test_a_callback_that_is_picked_up_and_stays_silent_is_a_case_too() -> None:
    """E33, E35: connected is not reached.  Whoever picks up and does not respond is as one who does
    not pick up: contacts are called after the first, and the agent who called second is A."""
    tell(
        """
         0.100  A calls 95001 as 5 with contact 02160006 | offered A; ring 8001 for A; open room A
         0.200  A hangs up                               | offer withdrawn 8001; hang up 8001
         0.210  8001 is gone                             | 8001 ready; close room A;
                                                         | ended A abandoned, wait 0.100;
                                                         | callback to 02160005 owed
         2.210  time passes                              | callback to 02160005 due;
                                                         | placed 02160005;
                                                         | callback to 02160005 taken up;
                                                         | ring 8001 for 02160005;
                                                         | open room 02160005
         3.000  8001 answers                             | offer accepted 8001;
                                                         | dial 02160005 over carrier-a as 95001
         4.000  02160005 answers                         | dialled 02160005: answered;
                                                         | join 02160005 8001
         4.002  02160005, 8001 enter                     | reached 02160005 by 8001, wait 1.792
         5.000  8001 presses *30                         | 8001 says no response;
                                                         | play no-response-noted to 8001
         6.000  02160005 hangs up                        | hang up 8001
         6.010  8001 is gone                             | 8001 wrap_up; close room 02160005;
                                                         | ended 02160005 answered, talk 1.998;
                                                         | callback to 02160005 put back;
                                                         | case opened; task report owed;
                                                         | task revisit owed; task leader owed;
                                                         | callback contact owed
         7.010  time passes                              | 8001 ready; wrapped up 8001 1.000
         8.010  time passes                              | callback contact due; placed 02160006;
                                                         | callback contact taken up;
                                                         | dial 02160006 over carrier-a as 95001;
                                                         | open room 02160006
         8.500  02160006 is refused with 486             | dialled 02160006: busy;
                                                         | close room 02160006;
                                                         | ended 02160006 busy;
                                                         | callback contact put back;
                                                         | task send_police owed
        13.500  time passes                              | callback contact due; placed 02160006;
                                                         | callback contact taken up;
                                                         | dial 02160006 over carrier-a as 95001;
                                                         | open room 02160006
        16.010  time passes                              | callback to 02160005 due;
                                                         | placed 02160005;
                                                         | callback to 02160005 taken up;
                                                         | case another call;
                                                         | ring 8001 for 02160005;
                                                         | open room 02160005
        17.000  8001 answers                             | offer accepted 8001;
                                                         | dial 02160005 over carrier-a as 95001
        18.000  02160005 answers                         | dialled 02160005: answered;
                                                         | join 02160005 8001
        18.002  02160005, 8001 enter                     | case a taken by 8001;
                                                         | reached 02160005 by 8001, wait 1.992
        19.000  8001 presses *30                         | 8001 says no response;
                                                         | play no-response-noted to 8001
        20.000  02160005 hangs up                        | hang up 8001
        20.010  8001 is gone                             | 8001 wrap_up; close room 02160005;
                                                         | ended 02160005 answered, talk 1.998;
                                                         | callback to 02160005 put back;
                                                         | callback to 02160005 escalated; case two
                                                         | callbacks without response by 8001
        """,
        agents="8001",
        owed=True,
    )


AWAY = """
        0.000  trunk carrier-a is away; trunk carrier-b is away | -
        0.100  A calls 95001 as 5           | offered A; ring 8001 for A; open room A
        1.000  A hangs up                   | offer withdrawn 8001; hang up 8001
        1.010  8001 is gone                 | 8001 ready; close room A;
                                            | ended A abandoned, wait 0.900;
                                            | callback to 02160005 owed
        3.010  time passes                  | callback to 02160005 due; placed 02160005;
                                            | callback to 02160005 taken up;
                                            | dial 02160005 over carrier-a as 95001;
                                            | open room 02160005
        """


def test_an_operator_who_answers_no_options_may_take_the_call_all_the_same() -> None:
    """E34, decision 29: with none left who answers them the number is dialled, no agent is rung
    before it rings, and the word of OPTIONS ends nothing."""
    tell(
        AWAY
        + """
        4.000  trunk carrier-a is away      | -
        9.000  02160005 rings               | ring 8001 for 02160005
       10.000  02160005 answers             | dialled 02160005: answered; hold 02160005;
                                            | play ack to 02160005
       11.000  8001 answers                 | offer accepted 8001; stop ack;
                                            | join 02160005 8001
        """,
        agents="8001",
        owed=True,
    )


def test_what_no_operator_carries_is_peoples_at_the_deadline() -> None:
    """E35, E36, E40, decision 29: the elder cannot be called at all.  That is no attempt and tells
    nothing of them, so a case is open, the shift leader has to look, 110 is to be sent by whatever
    telephone there is, and contacts are tried over the same operators."""
    tell(
        AWAY
        + """
       15.010  time passes                  | hang up 02160005
       15.020  02160005 is gone             | dial 02160005 over carrier-b as 95001
       15.030  02160005 is refused with 503 | dialled 02160005: no_trunk;
                                            | close room 02160005; ended 02160005 no_trunk;
                                            | callback to 02160005 put back
       25.030  time passes                  | callback to 02160005 due; placed 02160005;
                                            | callback to 02160005 taken up;
                                            | dial 02160005 over carrier-a as 95001;
                                            | open room 02160005
       31.010  time passes                  | callback to 02160005 escalated late
       31.020  02160005 is refused with 503 | dial 02160005 over carrier-b as 95001
       31.030  02160005 is refused with 503 | dialled 02160005: no_trunk;
                                            | close room 02160005; ended 02160005 no_trunk;
                                            | callback to 02160005 put back late;
                                            | callback to 02160005 unmade late; case opened;
                                            | task report owed; task revisit owed;
                                            | task leader owed; task send_police owed;
                                            | callback contact owed; callback contact owed
       33.030  time passes                  | callback contact due; placed 01390000001;
                                            | callback contact taken up;
                                            | dial 01390000001 over carrier-a as 95001;
                                            | open room 01390000001; callback contact due;
                                            | placed 01390000002; callback contact taken up;
                                            | dial 01390000002 over carrier-a as 95001;
                                            | open room 01390000002
        """,
        agents="8001",
        owed=True,
    )


def test_contacts_whom_no_operator_carries_are_peoples_after_a_minute() -> None:
    """E36, E40: the operators answer OPTIONS and refuse every call.  None of it is an attempt, and
    110 must not wait for one."""
    story = not_reached()
    s = story.core.state
    due_ms = EPOCH_MS + 7_010 + CONTACT_MS
    while s.now < due_ms:
        assert not _is_police_owed(story), "nobody has been called yet"
        ringing = next((one for one in MATTER if one in s.dialled), None)
        if ringing is not None:
            story.moment(f"{(s.now - EPOCH_MS) / 1000:.3f}", f"{ringing} is refused with 503")
        else:
            wake_ms = s.timers.next_due()
            assert wake_ms is not None
            story.moment(f"{(wake_ms - EPOCH_MS) / 1000:.3f}", "time passes")
    assert _is_police_owed(story)


MATTER = ("01390000001", "01390000002", "02160005")


def _is_police_owed(story: Story) -> bool:
    return any(one.why is OwedFor.SEND_POLICE for one in story.core.state.obligations.values())
