"""One number and two matters: whoever is owed something else, is somebody's contact too, or cannot
be called at all, is forgotten in none of it (C02, E34-E40, T14)."""

import msgspec

from acd.core.events import ObligationRestored
from acd.core.follow_up.owed import ObligationKind, OwedFor
from acd.core.ids import ObligationId
from tests.core.story import tell


def test_an_emergency_does_not_wait_by_the_rules_of_an_enquiry() -> None:
    """E34: the elder has asked for a call on the line for questions, presses the key, and gives up:
    that is called back as an emergency, at once, with everything that follows."""
    tell(
        """
        0.100  a callback to 02160005 in enquiry is asked for | callback to 02160005 owed;
                                                              | done: owed
        1.000  A calls 95001 as 5                             | offered A;
                                                              | callback to 02160005 taken up;
                                                              | ring 8001 for A; open room A
        2.000  A hangs up                                     | offer withdrawn 8001; hang up 8001
        2.010  8001 is gone                                   | 8001 ready; close room A;
                                                              | ended A abandoned, wait 1.000;
                                                              | callback to 02160005 raised;
                                                              | callback to 02160005 put back
        4.010  time passes                                    | callback to 02160005 due;
                                                              | placed 02160005;
                                                              | callback to 02160005 taken up;
                                                              | ring 8001 for 02160005;
                                                              | open room 02160005
        5.000  8001 answers                                   | offer accepted 8001; dial 02160005
                                                              | over carrier-a as 95001
        6.000  02160005 is gone (no_answer)                   | dialled 02160005: no_answer;
                                                              | play outbound-no-answer to 8001
        7.000  8001 has heard it                              | hang up 8001
        7.010  8001 is gone                                   | 8001 ready; close room 02160005;
                                                              | ended 02160005 no_answer;
                                                              | callback to 02160005 put back;
                                                              | case opened; task report owed;
                                                              | task revisit owed;
                                                              | task leader owed;
                                                              | callback contact owed;
                                                              | callback contact owed
        """,
        agents="8001",
        owed=True,
    )


def test_an_emergency_that_is_asked_for_is_not_put_off_by_an_enquiry() -> None:
    """The same when a person asks for it, though the other is due and waits for an agent."""
    tell(
        """
         0.100  a callback to 02160005 in enquiry is asked for   | callback to 02160005 owed;
                                                                 | done: owed
        10.100  time passes                                      | callback to 02160005 due
        11.000  a callback to 02160005 in emergency is asked for | callback to 02160005 raised;
                                                                 | done: owed
        13.000  time passes                                      | callback to 02160005 due;
                                                                 | placed 02160005;
                                                                 | callback to 02160005 taken up;
                                                                 | ring 8001 for 02160005;
                                                                 | open room 02160005
        """,
        agents="8001",
        owed=True,
    )


def test_a_contact_who_is_owed_a_call_of_their_own_is_called_for_the_elder_all_the_same() -> None:
    """E36, E39: and what they are owed for themselves stays owed."""
    tell(
        """
         0.100  a callback to 02160006 in enquiry is asked for | callback to 02160006 owed;
                                                               | done: owed
         1.000  A calls 95001 as 5 with contact 02160006       | offered A; ring 8001 for A;
                                                               | open room A
         2.000  A hangs up                                     | offer withdrawn 8001; hang up 8001
         2.010  8001 is gone                                   | 8001 ready; close room A;
                                                               | ended A abandoned, wait 1.000;
                                                               | callback to 02160005 owed
         4.010  time passes                                    | callback to 02160005 due;
                                                               | placed 02160005;
                                                               | callback to 02160005 taken up;
                                                               | ring 8001 for 02160005;
                                                               | open room 02160005
         5.000  8001 answers                                   | offer accepted 8001; dial 02160005
                                                               | over carrier-a as 95001
         6.000  02160005 is gone (no_answer)                   | dialled 02160005: no_answer;
                                                               | play outbound-no-answer to 8001
         7.000  8001 has heard it                              | hang up 8001
         7.010  8001 is gone                                   | 8001 ready; close room 02160005;
                                                               | ended 02160005 no_answer;
                                                               | callback to 02160005 put back;
                                                               | case opened; task report owed;
                                                               | task revisit owed;
                                                               | task leader owed;
                                                               | callback contact owed
         9.010  time passes                                    | callback contact due;
                                                               | placed 02160006;
                                                               | callback contact taken up; dial
                                                               | 02160006 over carrier-a as 95001;
                                                               | open room 02160006
        10.100  time passes                                    | callback to 02160006 due
        """,
        agents="8001",
        owed=True,
    )


def test_one_contact_of_two_elders_is_asked_about_each() -> None:
    """E36, E40: two who do not respond have the same son.  He is asked about one after the other,
    and sending 110 falls to people for each."""
    tell(
        """
         1.000  A calls 95001 as 5 with contact 02160009 | offered A; ring 8001 for A; open room A
         1.100  B calls 95001 as 6 with contact 02160009 | offered B; ring 8002 for B; open room B
         2.000  A hangs up                               | offer withdrawn 8001; hang up 8001
         2.005  B hangs up                               | offer withdrawn 8002; hang up 8002
         2.010  8001 is gone                             | 8001 ready; close room A;
                                                         | ended A abandoned, wait 1.000;
                                                         | callback to 02160005 owed
         2.015  8002 is gone                             | 8002 ready; close room B;
                                                         | ended B abandoned, wait 0.905;
                                                         | callback to 02160006 owed
         4.010  time passes                              | callback to 02160005 due;
                                                         | placed 02160005;
                                                         | callback to 02160005 taken up;
                                                         | ring 8001 for 02160005;
                                                         | open room 02160005
         4.015  time passes                              | callback to 02160006 due;
                                                         | placed 02160006;
                                                         | callback to 02160006 taken up;
                                                         | ring 8002 for 02160006;
                                                         | open room 02160006
         5.000  8001 answers                             | offer accepted 8001;
                                                         | dial 02160005 over carrier-a as 95001
         5.100  8002 answers                             | offer accepted 8002;
                                                         | dial 02160006 over carrier-a as 95001
         6.000  02160005 is gone (no_answer)             | dialled 02160005: no_answer;
                                                         | play outbound-no-answer to 8001
         6.100  02160006 is gone (no_answer)             | dialled 02160006: no_answer;
                                                         | play outbound-no-answer to 8002
         7.000  8001 has heard it                        | hang up 8001
         7.010  8001 is gone                             | 8001 ready; close room 02160005;
                                                         | ended 02160005 no_answer;
                                                         | callback to 02160005 put back;
                                                         | case opened; task report owed;
                                                         | task revisit owed; task leader owed;
                                                         | callback contact owed
         7.020  8002 has heard it                        | hang up 8002
         7.030  8002 is gone                             | 8002 ready; close room 02160006;
                                                         | ended 02160006 no_answer;
                                                         | callback to 02160006 put back;
                                                         | case opened; task report owed;
                                                         | task revisit owed; task leader owed;
                                                         | callback contact owed
         9.010  time passes                              | callback contact due; placed 02160009;
                                                         | callback contact taken up;
                                                         | dial 02160009 over carrier-a as 95001;
                                                         | open room 02160009
         9.030  time passes                              | callback contact due
        11.000  02160009 answers                         | dialled 02160009: answered; play
                                                         | contact-emergency-for digit-0 digit-2
                                                         | digit-1 digit-6 digit-0 digit-0 digit-0
                                                         | digit-5 contact-press-one to 02160009
        13.000  02160009 presses 2                       | stop contact-emergency-for digit-0
                                                         | digit-2 digit-1 digit-6 digit-0 digit-0
                                                         | digit-0 digit-5 contact-press-one;
                                                         | hang up 02160009
        13.010  02160009 is gone                         | close room 02160009;
                                                         | ended 02160009 abandoned;
                                                         | callback contact put back;
                                                         | task send_police owed; placed 02160009;
                                                         | callback contact taken up;
                                                         | dial 02160009 over carrier-a as 95001;
                                                         | open room 02160009
        15.000  02160009 answers                         | dialled 02160009: answered; play
                                                         | contact-emergency-for digit-0 digit-2
                                                         | digit-1 digit-6 digit-0 digit-0 digit-0
                                                         | digit-6 contact-press-one to 02160009
        16.000  02160009 presses 2                       | stop contact-emergency-for digit-0
                                                         | digit-2 digit-1 digit-6 digit-0 digit-0
                                                         | digit-0 digit-6 contact-press-one;
                                                         | hang up 02160009
        16.010  02160009 is gone                         | close room 02160009;
                                                         | ended 02160009 abandoned;
                                                         | callback contact put back;
                                                         | task send_police owed
        """,
        agents="8001 8002",
        owed=True,
    )


def test_a_contact_who_calls_us_is_reached() -> None:
    """E29, E36: whoever has called whom.  They are asked at intervals whether they are there, and
    are not called by the machine again, nor is 110 owed because of them."""
    tell(
        """
         1.000  A calls 95001 as 5 with contact 02160006 | offered A; ring 8001 for A; open room A
         2.000  A hangs up                               | offer withdrawn 8001; hang up 8001
         2.010  8001 is gone                             | 8001 ready; close room A;
                                                         | ended A abandoned, wait 1.000;
                                                         | callback to 02160005 owed
         4.010  time passes                              | callback to 02160005 due;
                                                         | placed 02160005;
                                                         | callback to 02160005 taken up;
                                                         | ring 8001 for 02160005;
                                                         | open room 02160005
         5.000  8001 answers                             | offer accepted 8001;
                                                         | dial 02160005 over carrier-a as 95001
         6.000  02160005 is gone (no_answer)             | dialled 02160005: no_answer;
                                                         | play outbound-no-answer to 8001
         7.000  8001 has heard it                        | hang up 8001
         7.010  8001 is gone                             | 8001 ready; close room 02160005;
                                                         | ended 02160005 no_answer;
                                                         | callback to 02160005 put back;
                                                         | case opened; task report owed;
                                                         | task revisit owed; task leader owed;
                                                         | callback contact owed
         7.500  K calls 95001 as 6 without contacts      | offered K; callback contact taken up;
                                                         | case another call; ring 8001 for K;
                                                         | open room K
         8.000  8001 answers                             | offer accepted 8001; answer K;
                                                         | join K 8001
         8.002  K, 8001 enter                            | answered K by 8001, wait 0.502
        16.000  K hangs up                               | hang up 8001
        16.010  8001 is gone                             | 8001 wrap_up; close room K; ended K
                                                         | answered, wait 0.502, talk 7.998;
                                                         | case contact 02160006 reached;
                                                         | task ask_contact owed;
                                                         | callback contact ended called_again
        """,
        agents="8001",
        owed=True,
    )


def test_a_contact_who_has_an_emergency_of_their_own_has_a_case_of_their_own() -> None:
    """E33, E39: a neighbour whom an agent has called for somebody presses the key at home, and does
    not respond when called back: their own contacts are called."""
    tell(
        """
         0.100  B calls 95001 as 6 with contact 02160005                  | offered B;
                                                                          | ring 8001 for B;
                                                                          | open room B
         0.500  8001 answers                                              | offer accepted 8001;
                                                                          | answer B; join B 8001
         0.502  B, 8001 enter                                             | answered B by 8001,
                                                                          | wait 0.402
         0.600  8001 presses *90                                          | case opened by 8001;
                                                                          | task report owed;
                                                                          | task revisit owed;
                                                                          | task leader owed;
                                                                          | play case-open to 8001;
                                                                          | ring 8002 for B
         0.700  8002 answers                                              | offer accepted 8002;
                                                                          | case b taken by 8002;
                                                                          | join 8002
         0.702  8002 enters                                               | -
         0.800  8001 presses *914#                                        | dial 02160005 over
                                                                          | carrier-a as
                                                                          | 02109500101;
                                                                          | open side B;
                                                                          | stop case-open;
                                                                          | aside 8001
         0.802  8001 enters                                               | -
         0.900  02160005 is refused with 486                              | dialled 02160005: busy;
                                                                          | case contact 02160005
                                                                          | not reached; play
                                                                          | outbound-busy to 8001
         0.950  8001 presses *92                                          | stop outbound-busy;
                                                                          | join 8001
         0.952  8001 enters                                               | close side B; play
                                                                          | call-resumed to 8001
         1.000  A calls 95001 as 5 from terminal T5 with contact 02160009 | offered A;
                                                                          | case another call;
                                                                          | open room A
         2.000  A hangs up                                                | close room A; ended A
                                                                          | abandoned, wait 1.000;
                                                                          | callback to 02160005
                                                                          | owed
         4.000  time passes                                               | callback to 02160005
                                                                          | due; placed 02160005;
                                                                          | callback to 02160005
                                                                          | taken up;
                                                                          | case another call;
                                                                          | open room 02160005
        10.000  8003 asks to log in at s8003                              | 8003 ready;
                                                                          | done: ready;
                                                                          | ring 8003 for 02160005
        12.000  8003 answers                                              | offer accepted 8003;
                                                                          | dial 02160005 over
                                                                          | carrier-a as 95001
        13.000  02160005 is gone (no_answer)                              | dialled 02160005:
                                                                          | no_answer; play
                                                                          | outbound-no-answer to
                                                                          | 8003
        14.000  8003 has heard it                                         | hang up 8003
        14.010  8003 is gone                                              | 8003 ready;
                                                                          | close room 02160005;
                                                                          | ended 02160005
                                                                          | no_answer; callback to
                                                                          | 02160005 put back;
                                                                          | case opened;
                                                                          | task report owed;
                                                                          | task revisit owed;
                                                                          | task leader owed;
                                                                          | callback contact owed
        16.010  time passes                                               | callback contact due;
                                                                          | placed 02160009;
                                                                          | callback contact taken
                                                                          | up; dial 02160009 over
                                                                          | carrier-a as 95001;
                                                                          | open room 02160009
        """,
        agents="8001 8002",
        away="8003",
        owed=True,
    )


def test_whoever_cannot_be_called_is_somebodys_to_reach() -> None:
    """E36, E40: the only contact is an agent of ours, whom no trunk reaches: a person has to ask
    them, and to send 110 falls to people at once, since nobody could be called."""
    tell(
        """
        1.000  A calls 95001 as 5 with contact 8003 | offered A; ring 8001 for A; open room A
        2.000  A hangs up                           | offer withdrawn 8001; hang up 8001
        2.010  8001 is gone                         | 8001 ready; close room A;
                                                    | ended A abandoned, wait 1.000;
                                                    | callback to 02160005 owed
        4.010  time passes                          | callback to 02160005 due; placed 02160005;
                                                    | callback to 02160005 taken up;
                                                    | ring 8001 for 02160005; open room 02160005
        5.000  8001 answers                         | offer accepted 8001;
                                                    | dial 02160005 over carrier-a as 95001
        6.000  02160005 is gone (no_answer)         | dialled 02160005: no_answer;
                                                    | play outbound-no-answer to 8001
        7.000  8001 has heard it                    | hang up 8001
        7.010  8001 is gone                         | 8001 ready; close room 02160005;
                                                    | ended 02160005 no_answer;
                                                    | callback to 02160005 put back; case opened;
                                                    | task report owed; task revisit owed;
                                                    | task leader owed; task send_police owed;
                                                    | task contact owed
        9.010  time passes                          | -
        """,
        agents="8001",
        away="8003",
        owed=True,
    )


def test_110_calls_us_and_gives_up() -> None:
    """No robot calls 110: an agent would be rung every ten seconds for what is never dialled."""
    tell(
        """
         1.000  A calls 95001 from 110 | offered A; ring 8001 for A; open room A
         2.000  A hangs up             | offer withdrawn 8001; hang up 8001
         2.010  8001 is gone           | 8001 ready; close room A; ended A abandoned, wait 1.000;
                                       | task to 110 owed
        32.000  time passes            | -
        """,
        agents="8001",
        owed=True,
    )


def test_what_is_owed_outlives_its_queue() -> None:
    """A directory without the queue is loaded between the hang-up and the call: they are called in
    another queue's line."""
    tell(
        """
         1.000  A calls 95001 as 5                 | offered A; ring 8001 for A; open room A
         2.000  A hangs up                         | offer withdrawn 8001; hang up 8001
         2.010  8001 is gone                       | 8001 ready; close room A;
                                                   | ended A abandoned, wait 1.000;
                                                   | callback to 02160005 owed
         2.500  directory: queue emergency removed | -
         4.010  time passes                        | callback to 02160005 due; placed 02160005;
                                                   | callback to 02160005 taken up;
                                                   | open room 02160005
        24.010  time passes                        | dial 02160005 over carrier-a as 95001
        """,
        agents="8001",
        owed=True,
    )


def test_a_case_that_is_closed_calls_nobody_any_more() -> None:
    """E35: two persons agree that nobody had to be sent.  Else each further call in vain would open
    one more case."""
    tell(
        """
         1.000  A calls 95001 as 5 with contact 02160006      | offered A; ring 8001 for A;
                                                              | open room A
         2.000  A hangs up                                    | offer withdrawn 8001; hang up 8001
         2.010  8001 is gone                                  | 8001 ready; close room A;
                                                              | ended A abandoned, wait 1.000;
                                                              | callback to 02160005 owed
         4.010  time passes                                   | callback to 02160005 due;
                                                              | placed 02160005;
                                                              | callback to 02160005 taken up;
                                                              | ring 8001 for 02160005;
                                                              | open room 02160005
         5.000  8001 answers                                  | offer accepted 8001; dial 02160005
                                                              | over carrier-a as 95001
         6.000  02160005 is gone (no_answer)                  | dialled 02160005: no_answer;
                                                              | play outbound-no-answer to 8001
         7.000  8001 has heard it                             | hang up 8001
         7.010  8001 is gone                                  | 8001 ready; close room 02160005;
                                                              | ended 02160005 no_answer;
                                                              | callback to 02160005 put back;
                                                              | case opened; task report owed;
                                                              | task revisit owed;
                                                              | task leader owed;
                                                              | callback contact owed
         9.010  time passes                                   | callback contact due;
                                                              | placed 02160006;
                                                              | callback contact taken up; dial
                                                              | 02160006 over carrier-a as 95001;
                                                              | open room 02160006
         9.500  02160006 is refused with 486                  | dialled 02160006: busy;
                                                              | close room 02160006;
                                                              | ended 02160006 busy;
                                                              | callback contact put back;
                                                              | task send_police owed
         9.600  the contact is done                           | callback contact ended done;
                                                              | done: done
         9.700  the send_police is done                       | task send_police ended done;
                                                              | done: done
         9.800  8001 asks to outcome the case with accidental | case outcome accidental by 8001;
                                                              | done: open
        10.000  8001 asks to close the case                   | case agreement asked by 8001;
                                                              | task agreement owed; done:
                                                              | unconfirmed, a supervisor is asked
        12.000  8090 asks to agree the case                   | task agreement ended done late;
                                                              | case agreed by 8090;
                                                              | task leader ended done; callback to
                                                              | 02160005 ended not_needed;
                                                              | done: closed
        80.000  time passes                                   | -
        """,
        agents="8001",
        away="8090",
        owed=True,
    )


def test_a_restart_keeps_a_task_beside_the_callback_to_the_same_number() -> None:
    """C02: to ask a contact whether they are there, say, when they are owed a call as well."""
    before = tell(
        """
        0.000  a callback to 02160006 in enquiry is asked for | callback to 02160006 owed;
                                                              | done: owed
        """,
        owed=True,
    )
    (callback,) = before.core.state.obligations.values()
    task = msgspec.structs.replace(
        callback,
        id=ObligationId("other"),
        kind=ObligationKind.TASK,
        why=OwedFor.ASK_CONTACT,
        next_ms=None,
    )
    after = tell("0.000  time passes | -", owed=True)
    for owed in (callback, task):
        after.step(after.core.state.now, ObligationRestored(owed))
    assert list(after.core.state.obligations) == [callback.id, task.id]


def test_a_neighbour_who_was_called_for_somebody_gets_their_own_case_at_one_key() -> None:
    """E14, E45: their call pops up the case that they were called for.  When it is they who need
    help the agent opens theirs, and the first contact is not they themselves."""
    tell(
        """
        0.100  B calls 95001 as 6 with contact 02160005                  | offered B;
                                                                         | ring 8001 for B;
                                                                         | open room B
        0.500  8001 answers                                              | offer accepted 8001;
                                                                         | answer B; join B 8001
        0.502  B, 8001 enter                                             | answered B by 8001, wait
                                                                         | 0.402
        0.600  8001 presses *90                                          | case opened by 8001;
                                                                         | task report owed;
                                                                         | task revisit owed;
                                                                         | task leader owed;
                                                                         | play case-open to 8001;
                                                                         | ring 8002 for B
        0.700  8002 answers                                              | offer accepted 8002;
                                                                         | case b taken by 8002;
                                                                         | join 8002
        0.702  8002 enters                                               | -
        0.800  8001 presses *914#                                        | dial 02160005 over
                                                                         | carrier-a as
                                                                         | 02109500101;
                                                                         | open side B;
                                                                         | stop case-open;
                                                                         | aside 8001
        0.802  8001 enters                                               | -
        0.900  02160005 is refused with 486                              | dialled 02160005: busy;
                                                                         | case contact 02160005
                                                                         | not reached; play
                                                                         | outbound-busy to 8001
        0.950  8001 presses *92                                          | stop outbound-busy;
                                                                         | join 8001
        0.952  8001 enters                                               | close side B; play
                                                                         | call-resumed to 8001
        1.000  A calls 95001 as 5 from terminal T5 with contact 02160009 | offered A;
                                                                         | case another call;
                                                                         | ring 8003 for A;
                                                                         | open room A
        2.000  8003 answers                                              | offer accepted 8003;
                                                                         | answer A; join A 8003
        2.002  A, 8003 enter                                             | answered A by 8003, wait
                                                                         | 1.002
        3.000  8003 presses *90                                          | case a call is about
                                                                         | another emergency;
                                                                         | case opened by 8003;
                                                                         | task report owed;
                                                                         | task revisit owed;
                                                                         | task leader owed;
                                                                         | play case-open to 8003
        3.100  8003 presses *914#                                        | dial 02160009 over
                                                                         | carrier-a as
                                                                         | 02109500101;
                                                                         | open side A;
                                                                         | stop case-open;
                                                                         | aside 8003; hold A
        """,
        agents="8001 8002 8003",
        owed=True,
    )


def test_a_case_finds_a_b_when_its_queue_has_gone() -> None:
    """E14: the elder calls another line about it, and people of a queue that there is are rung."""
    tell(
        """
        1.000  A calls 95001 as 5 with contact 02160006 | offered A; ring 8001 for A; open room A
        2.000  A hangs up                               | offer withdrawn 8001; hang up 8001
        2.010  8001 is gone                             | 8001 ready; close room A;
                                                        | ended A abandoned, wait 1.000;
                                                        | callback to 02160005 owed
        4.010  time passes                              | callback to 02160005 due;
                                                        | placed 02160005;
                                                        | callback to 02160005 taken up;
                                                        | ring 8001 for 02160005;
                                                        | open room 02160005
        5.000  8001 answers                             | offer accepted 8001;
                                                        | dial 02160005 over carrier-a as 95001
        6.000  02160005 is gone (no_answer)             | dialled 02160005: no_answer;
                                                        | play outbound-no-answer to 8001
        7.000  8001 has heard it                        | hang up 8001
        7.010  8001 is gone                             | 8001 ready; close room 02160005;
                                                        | ended 02160005 no_answer;
                                                        | callback to 02160005 put back;
                                                        | case opened; task report owed;
                                                        | task revisit owed; task leader owed;
                                                        | callback contact owed
        7.500  directory: queue emergency removed       | -
        8.000  C calls 95002 as 5                       | offered C; callback to 02160005 taken up;
                                                        | case another call; ring 8011 for C;
                                                        | open room C
        8.500  8011 answers                             | offer accepted 8011; answer C;
                                                        | join C 8011
        8.502  C, 8011 enter                            | case a taken by 8011;
                                                        | answered C by 8011, wait 0.502;
                                                        | ring 8012 for C
        """,
        agents="8001 8011 8012",
        owed=True,
    )
