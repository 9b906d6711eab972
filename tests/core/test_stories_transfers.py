"""Stories of transfers: consultation, completion, conference, blind transfer and what comes of each
when somebody does not answer or hangs up (T38, T06, C07)."""

from acd.core import views
from acd.core.facts import OfferMade
from tests.core.story import tell


def test_a_consultation_that_is_completed() -> None:
    """T38: the caller hears music and is thanked; the colleague has the call."""
    tell(
        """
         0.000  A calls 95002         | offered A; ring 8011 for A; open room A
         1.000  8011 answers          | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter         | answered A by 8011, wait 1.002
         5.000  8011 presses *128012# | ring 8012 for A; consult A to 8012 by 8011; open side A;
                                      | aside 8011; hold A
         5.002  8011, A enter         | play transfer-begun to 8011; held A by 8011
         5.500  8011 has heard it     | -
         7.000  8012 answers          | offer accepted 8012; aside 8012
         7.002  8012 enters           | -
        10.000  8011 presses *13      | consult A to 8012 completed; join 8012;
                                      | play caller-hold-thanks to A; hang up 8011
        10.002  8012 enters           | -
        10.010  8011 is gone          | close side A; 8011 wrap_up
        11.000  A has heard it        | join A
        11.002  A enters              | resumed A after 6.000
        11.010  time passes           | 8011 ready; wrapped up 8011 1.000
        20.000  8012 hangs up         | hang up A; 8012 wrap_up
        20.002  A is gone             | close room A;
                                      | ended A answered, wait 1.002, talk 12.998, hold 6.000
        """,
        agents="8011 8012 8013",
    )


def test_without_a_number_the_supervisor_who_is_free_is_asked() -> None:
    """D10: a key for help.  Who is on a break is not asked, and nobody asks themselves."""
    tell(
        """
         0.000  A calls 95002         | offered A; ring 8011 for A; open room A
         1.000  8011 answers          | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter         | answered A by 8011, wait 1.002
         5.000  8011 presses *12#     | ring 8090 for A; consult A to 8090 by 8011; open side A;
                                      | aside 8011; hold A
         5.002  8011, A enter         | play transfer-begun to 8011; held A by 8011
         5.500  8011 has heard it     | -
         7.000  8090 answers          | offer accepted 8090; aside 8090
         7.002  8090 enters           | -
        10.000  8011 presses *15      | consult A to 8090 taken_back; hang up 8090; join 8011;
                                      | play caller-hold-thanks to A
        """,
        agents="8011 8090",
    )
    tell(
        """
         0.000  8090 asks to pause for rest | 8090 paused (rest); done: paused
         0.100  A calls 95002         | offered A; ring 8011 for A; open room A
         1.000  8011 answers          | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter         | answered A by 8011, wait 0.902
         5.000  8011 presses *12#     | refused agent_not_free; play refused-agent-not-free to 8011
        """,
        agents="8011 8090",
    )


def test_whoever_cannot_be_brought_to_the_table_is_given_no_caller() -> None:
    """Found by the random walk: the colleague has picked up, never came into the room, and was let
    go; the transfer is over then, or it could be completed and leave the caller in an empty room.
    """
    tell(
        """
         0.000  A calls 95002         | offered A; ring 8011 for A; open room A
         1.000  8011 answers          | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter         | answered A by 8011, wait 1.002
         5.000  8011 presses *128012# | ring 8012 for A; consult A to 8012 by 8011; open side A;
                                      | aside 8011; hold A
         5.002  8011, A enter         | play transfer-begun to 8011; held A by 8011
         5.500  8011 has heard it     | -
         7.000  8012 answers          | offer accepted 8012; aside 8012
         9.000  time passes           | hang up 8012; consult A to 8012 left; join 8011;
                                      | play caller-hold-thanks to A
        10.000  8011 presses *13      | refused no_transfer
        10.010  8012 is gone          | 8012 ready
        """,
        agents="8011 8012 8013",
    )


def test_a_blind_transfer_that_fails_comes_back_and_the_caller_is_told_first() -> None:
    """T38: before and after; the agent hears why."""
    tell(
        """
         0.000  A calls 95002           | offered A; ring 8011 for A; open room A
         1.000  8011 answers            | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter           | answered A by 8011, wait 1.002
         5.000  8011 presses *118012#   | ring 8012 for A; blind A to 8012 by 8011; open side A;
                                        | aside 8011; hold A
         5.002  8011, A enter           | play transfer-begun to 8011; held A by 8011;
                                        | play caller-transferring to A
         8.000  A has heard it          | -
         9.000  8012 is gone (rejected) | offer rejected 8012 (rejected); blind A to 8012 failed;
                                        | stop transfer-begun; join 8011;
                                        | play caller-transfer-failed to A;
                                        | 8012 not_responding (refused)
         9.002  8011 enters             | close side A; play transfer-not-answered to 8011
         9.500  8011 has heard it       | -
        10.000  A has heard it          | join A
        10.002  A enters                | resumed A after 5.000
        """,
        agents="8011 8012",
    )


def test_a_colleague_who_does_not_answer_is_rung_for_twenty_seconds() -> None:
    """The caller hears every ten seconds that nobody has forgotten them (F06)."""
    tell(
        """
         0.000  A calls 95002            | offered A; ring 8011 for A; open room A
         1.000  8011 answers             | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter            | answered A by 8011, wait 1.002
         5.000  8011 presses *118012#    | ring 8012 for A; blind A to 8012 by 8011; open side A;
                                         | aside 8011; hold A
         5.002  8011, A enter            | play transfer-begun to 8011; held A by 8011;
                                         | play caller-transferring to A
         5.100  8012 rings               | -
         6.000  A has heard it           | -
        15.000  time passes              | play caller-hold-notice to A
        17.000  A has heard it           | -
        25.000  time passes              | offer missed 8012; hang up 8012 (no_answer);
                                         | blind A to 8012 failed; join 8011;
                                         | play caller-transfer-failed to A
        25.002  8011 enters              | close side A; play transfer-not-answered to 8011
        25.010  8012 is gone (no_answer) | 8012 ready
        27.000  A has heard it           | join A
        27.002  A enters                 | resumed A after 22.000
        """,
        agents="8011 8012",
    )


def test_a_blind_transfer_whose_agent_hangs_up_goes_on_and_a_conference_after_it() -> None:
    """Hanging up says "complete"; the colleague asks a third one in, and leaves."""
    tell(
        """
         0.000  A calls 95002         | offered A; ring 8011 for A; open room A
         1.000  8011 answers          | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter         | answered A by 8011, wait 1.002
         2.000  8011 presses *118012# | ring 8012 for A; blind A to 8012 by 8011; open side A;
                                      | aside 8011; hold A
         2.002  8011, A enter         | play transfer-begun to 8011; held A by 8011;
                                      | play caller-transferring to A
         3.000  8011 hangs up         | close side A; 8011 wrap_up
         4.000  8012 answers          | 8011 ready; wrapped up 8011 1.000; offer accepted 8012;
                                      | blind A to 8012 completed; join 8012;
                                      | stop caller-transferring; play caller-hold-thanks to A
         4.001  time passes           | -
         4.002  8012 enters           | -
         4.003  A has heard it        | join A
         4.004  A enters              | resumed A after 2.002
         6.000  8012 presses *128013# | ring 8013 for A; consult A to 8013 by 8012; open side A;
                                      | aside 8012; hold A
         6.002  8012, A enter         | play transfer-begun to 8012; held A by 8012
         7.000  8013 answers          | offer accepted 8013; aside 8013
         7.002  8013 enters           | -
         8.000  8012 presses *14      | consult A to 8013 joined; stop transfer-begun;
                                      | join 8012 8013; play caller-hold-thanks to A
         8.002  8012, 8013 enter      | play conference-joined to 8012; close side A
         8.900  A has heard it        | join A
         8.902  A enters              | resumed A after 2.900
        10.000  8012 hangs up         | 8012 wrap_up
        11.000  8013 hangs up         | 8012 ready; wrapped up 8012 1.000; hang up A; 8013 wrap_up
        11.002  A is gone             | close room A;
                                      | ended A answered, wait 1.002, talk 5.096, hold 4.902
        """,
        agents="8011 8012 8013",
    )


def test_nobody_is_left_and_the_caller_waits_again_at_the_place_of_the_arrival() -> None:
    """T38: the agent has hung up, the colleague refuses."""
    tell(
        """
        0.000  A calls 95002           | offered A; ring 8011 for A; open room A
        1.000  8011 answers            | offer accepted 8011; answer A; join A 8011
        1.002  A, 8011 enter           | answered A by 8011, wait 1.002
        2.000  8011 presses *118012#   | ring 8012 for A; blind A to 8012 by 8011; open side A;
                                       | aside 8011; hold A
        2.002  8011, A enter           | play transfer-begun to 8011; held A by 8011;
                                       | play caller-transferring to A
        3.000  8011 hangs up           | close side A; 8011 wrap_up
        4.000  8012 is gone (rejected) | 8011 ready; wrapped up 8011 1.000;
                                       | offer rejected 8012 (rejected); blind A to 8012 failed;
                                       | requeued A; 8012 not_responding (refused); ring 8011 for A
        """,
        agents="8011 8012",
    )


def test_a_call_given_to_another_queue_keeps_its_arrival() -> None:
    """T06: the call waits there as if it had always; an emergency stays one."""
    tell(
        """
        0.000  A calls 95001          | offered A; ring 8001 for A; open room A
        1.000  8001 answers           | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter          | answered A by 8001, wait 1.002
        5.000  8001 presses *1195002# | blind A to 95002 by 8001; blind A to 95002 completed;
                                      | hang up 8001; requeued A; hold A;
                                      | play caller-transferring to A; ring 8011 for A
        5.100  8001 is gone           | 8001 wrap_up
        5.200  A enters               | -
        6.000  8011 answers           | offer accepted 8011; stop caller-transferring; join A 8011
        6.002  A, 8011 enter          | answered A by 8011 again, wait 6.002
        6.100  time passes            | 8001 ready; wrapped up 8001 1.000
        7.000  8011 hangs up          | requeued A; hold A; 8011 not_responding (refused)
        """,
        agents="8001 8011",
    )


def test_what_is_known_of_a_caller_goes_with_the_call() -> None:
    """T06, D01: whoever is rung next, and a desk that looks only now, see whose terminal it is,
    when they came, and what they turned out to want."""
    story = tell(
        """
        0.000  A calls 95001 from terminal T1 | offered A; ring 8001 for A; open room A
        1.000  8001 answers          | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter         | answered A by 8001, wait 1.002
        2.000  8001 presses *212     | 8001 says enquiry; play flow-noted to 8001
        3.000  8001 has heard it     | -
        5.000  8001 presses *1195002# | blind A to 95002 by 8001; blind A to 95002 completed;
                                     | hang up 8001; requeued A; hold A;
                                     | play caller-transferring to A; ring 8011 for A
        """,
        agents="8001 8011",
    )
    first, second = (one for one in story.effects if isinstance(one, OfferMade))
    assert (first.agent, second.agent) == ("8001", "8011")
    (call,) = views.calls(story.core.state)
    assert first.call == second.call == call.call
    assert (call.terminal, call.elders, call.flow) == ("T1", ("of-T1",), "enquiry")
    assert (call.caller, call.queue, call.arrived_ms) == ("0216000A", "enquiry", first.arrived_ms)


def test_a_consultation_taken_back_left_and_cut_off() -> None:
    """*15, hang-ups of the colleague and the caller; codes of who is being asked do nothing, and
    an agent who has asked somebody says first what becomes of them."""
    tell(
        """
         0.000  A calls 95002         | offered A; ring 8011 for A; open room A
         1.000  8011 answers          | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter         | answered A by 8011, wait 1.002
         2.000  8011 presses *128012# | ring 8012 for A; consult A to 8012 by 8011; open side A;
                                      | aside 8011; hold A
         2.002  8011, A enter         | play transfer-begun to 8011; held A by 8011
         3.000  8012 answers          | offer accepted 8012; aside 8012
         3.002  8012 enters           | -
         4.000  8012 presses *10      | refused no_conversation;
                                      | play refused-no-conversation to 8012
         5.000  8011 presses *10      | refused transfer_under_way; stop transfer-begun;
                                      | play refused-transfer-under-way to 8011
         6.000  8011 presses *15      | consult A to 8012 taken_back; hang up 8012;
                                      | stop refused-transfer-under-way; join 8011;
                                      | play caller-hold-thanks to A
         6.002  8011 enters           | play call-resumed to 8011
         6.010  8012 is gone          | close side A; 8012 ready
         7.000  A has heard it        | join A
         7.002  A enters              | resumed A after 5.000
         8.000  8011 presses *128012# | ring 8012 for A; consult A to 8012 by 8011; open side A;
                                      | stop call-resumed; aside 8011; hold A
         8.002  8011, A enter         | play transfer-begun to 8011; held A by 8011
         9.000  8012 answers          | offer accepted 8012; aside 8012
         9.002  8012 enters           | -
        10.000  8012 hangs up         | consult A to 8012 left; stop transfer-begun; join 8011;
                                      | play caller-hold-thanks to A; 8012 ready
        10.002  8011 enters           | close side A; play transfer-other-left to 8011
        11.000  A has heard it        | join A
        11.002  A enters              | resumed A after 3.000
        12.000  8011 presses *128012# | ring 8012 for A; consult A to 8012 by 8011; open side A;
                                      | stop transfer-other-left; aside 8011; hold A
        12.002  8011, A enter         | play transfer-begun to 8011; held A by 8011
        13.000  A hangs up            | consult A to 8012 caller_left; offer withdrawn 8012;
                                      | hang up 8012; hang up 8011
        13.001  8011 is gone          | close side A; 8011 wrap_up
        13.002  8012 is gone          | 8012 ready; close room A;
                                      | ended A answered, wait 1.002, talk 3.000, hold 8.998
        """,
        agents="8011 8012",
    )


def test_the_agent_hangs_up_in_the_consultation() -> None:
    """Which says "complete": the caller is better with the colleague than in the queue."""
    tell(
        """
        0.000  A calls 95001         | offered A; ring 8001 for A; open room A
        1.000  8001 answers          | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter         | answered A by 8001, wait 1.002
        2.000  8001 presses *128002# | ring 8002 for A; consult A to 8002 by 8001; open side A;
                                     | aside 8001; hold A
        2.002  8001, A enter         | play transfer-begun to 8001; held A by 8001
        3.000  8002 answers          | offer accepted 8002; aside 8002
        3.002  8002 enters           | -
        4.000  8001 hangs up         | consult A to 8002 completed; join 8002;
                                     | play caller-hold-thanks to A; 8001 wrap_up
        4.002  8002 enters           | close side A
        4.800  A has heard it        | join A
        4.802  A enters              | resumed A after 2.800
        """,
        agents="8001 8002",
    )
