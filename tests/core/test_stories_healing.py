"""Healing: lost events and wrong device states are found by comparison, twice, and counted."""

from tests.core.story import tell


def test_a_leg_whose_end_was_never_told_is_found_gone() -> None:
    """OpenSIPS#3123: an agent was locked in a call after a lost BYE.  The first comparison may
    have crossed an event on its way; the second may not."""
    tell(
        """
         0.000  A calls 95001              | offered A; ring 8001 for A; open room A
         0.800  8001 answers               | offer accepted 8001; answer A; join A 8001
         0.802  A, 8001 enter              | answered A by 8001, wait 0.802
        30.000  compared: A, in use: 8001  | -
        60.000  compared: A, in use: 8001  | repaired: leg was gone; requeued A; hold A;
                                           | 8001 wrap_up
        61.000  time passes                | 8001 ready; wrapped up 8001 1.000; ring 8001 for A
        """,
        agents="8001",
    )


def test_an_event_on_its_way_is_no_difference() -> None:
    """Missing once, there the next time: nothing happens, and nothing is remembered."""
    tell(
        """
         0.000  A calls 95001                 | offered A; ring 8001 for A; open room A
         0.100  compared: nothing             | -
         0.200  compared: A 8001, in use: 8001 | -
         0.300  compared: nothing             | -
         0.400  A hangs up                    | offer withdrawn 8001; hang up 8001
         0.500  8001 is gone                  | 8001 ready; close room A;
                                              | ended A abandoned, wait 0.400
         0.600  compared: nothing             | -
        """,
        agents="8001",
    )


def test_a_second_call_on_the_phone_that_no_device_state_told_of() -> None:
    """asterisk#1181: with several channels on one phone its state was wrong.  The channels are
    right: an agent on a private call is not rung, and is when it is over."""
    tell(
        """
         0.000  compared: nothing, in use: 8001 | -
        30.000  compared: nothing, in use: 8001 | repaired: phone was in use
        31.000  A calls 95001                   | offered A; open room A
        33.000  time passes                     | picked up A; answer A; hold A; play ack to A
        60.000  compared: A                     | -
        90.000  compared: A                     | repaired: phone was not in use; ring 8001 for A
        """,
        agents="8001",
    )


def test_a_second_line_is_seen_while_the_first_is_ours() -> None:
    """The phone stays in use when our leg ends and the private call on its other line goes on;
    no INVITE goes into it."""
    tell(
        """
         0.000  A calls 95001       | offered A; ring 8001 for A; open room A
         0.010  phone 8001 is busy  | -
         0.800  8001 answers        | offer accepted 8001; answer A; join A 8001
         0.802  A, 8001 enter       | answered A by 8001, wait 0.802
         1.000  phone 8001 is busy  | -
         2.000  A hangs up          | hang up 8001
         2.010  8001 is gone        | 8001 wrap_up; close room A; ended A answered, wait 0.802,
                                    | talk 1.198
         3.010  time passes         | 8001 ready; wrapped up 8001 1.000
         4.000  B calls 95001       | offered B; open room B
         5.000  phone 8001 is there | ring 8001 for B
        """,
        agents="8001",
    )


def test_a_channel_of_ours_that_nobody_knows_is_ended() -> None:
    """freeswitch#2529: a zombie agent call after the caller has left."""
    story = tell(
        """
         0.000  A calls 95001              | offered A; ring 8001 for A; open room A
         0.500  RingPhone fails for 8001   | offer failed 8001 (unreachable);
                                           | 8001 not_responding (unreachable)
        """,
        agents="8001",
    )
    for time, follows in (("1.000", "-"), ("1.500", "repaired: orphan leg ended; hang up 8001")):
        assert story.moment(time, "compared: A 8001") == follows


def test_a_supervisor_is_not_left_beside_a_call_that_is_over() -> None:
    """The caller is gone without a word, and with them the end of the copy of their sound."""
    tell(
        """
         0.000  A calls 95002               | offered A; ring 8011 for A; open room A
         0.100  directory: supervisor 8090  | -
         1.000  8011 answers                | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter               | answered A by 8011, wait 1.002
         1.100  8090 asks to listen at A    | test 8090; done: listen
         1.200  8090 answers                | 8090 listen at A; open ear -; beside 8090; copy of A
         1.202  8090 enters; copy of A is there | beside copy of A
        30.000  compared: 8011 8090, in use: 8011 8090 | -
        60.000  compared: 8011 8090, in use: 8011 8090 | repaired: leg was gone; hang up 8011
        60.010  8011 is gone                | 8011 wrap_up; close room A;
                                            | ended A answered, wait 1.002, talk 58.998
        61.010  time passes                 | 8011 ready; wrapped up 8011 1.000
        90.000  compared: 8090, in use: 8090 | repaired: supervisor was at a call that is over;
                                            | hang up 8090
        """,
        agents="8011 8090",
    )
