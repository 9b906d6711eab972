"""Stories of callers with the machine: menus, messages, callbacks, tasks (V03, V06, C03, C13)."""

import pytest

from tests.core.story import tell


def test_a_key_leads_to_a_person_in_the_queue_it_names() -> None:
    """V01, C03: picked up and asked at once; the key is heard before the question is over
    (barge-in); the wait counts from the INVITE."""
    tell(
        """
        0.000  A calls 95003  | offered A; picked up A; answer A; play menu to A
        2.000  A presses 0    | stop menu; menu main 0: queue; queued A in enquiry; hold A;
                              | play welcome to A; ring 8011 for A; open room A
        2.100  8011 answers   | offer accepted 8011; stop welcome; join A 8011
        2.102  A, 8011 enter  | answered A by 8011, wait 2.102
        """,
        agents="8011 8099",
    )
    tell(
        """
        0.000  A calls 95003  | offered A; picked up A; answer A; play menu to A
        2.000  A presses 1    | stop menu; menu main 1: queue synthetic;
                              | queued A in synthetic; hold A; play ack to A;
                              | ring 8099 for A; open room A
        2.100  8099 answers   | offer accepted 8099; stop ack; join A 8099
        2.102  A, 8099 enter  | answered A by 8099, wait 2.102
        """,
        agents="8011 8099",
    )


def test_a_promise_that_was_broken_in_the_menu_is_told_at_once() -> None:
    """C03: time with the machine is waiting."""
    tell(
        """
         0.000  A calls 95003  | offered A; picked up A; answer A; play menu to A
         9.000  A has heard it | -
        13.900  A presses 2    | menu main 2: menu more; play more to A
        18.000  A presses 0    | stop more; menu more 0: queue; queued A in enquiry;
                               | promise broken A; hold A; play welcome to A; open room A
        """
    )


def test_silence_and_wrong_keys_are_asked_again_and_then_a_person_comes() -> None:
    """V01: after the last try the menu's own answer to that, however it came."""
    tell(
        """
         0.000  A calls 95003  | offered A; picked up A; answer A; play menu to A
         4.000  A has heard it | -
         9.000  time passes    | menu main nothing unchosen: again;
                               | play caller-nothing-pressed menu to A
        10.000  A presses 9    | stop caller-nothing-pressed menu; menu main 9 unchosen: again;
                               | play caller-no-such-key menu to A
        14.000  A has heard it | -
        19.000  time passes    | menu main nothing unchosen: queue; queued A in enquiry;
                               | promise broken A; hold A; play welcome to A; open room A
        """
    )


def test_square_says_it_again_and_star_goes_back() -> None:
    """V01: as on any telephone; neither counts as a try."""
    tell(
        """
         0.000  A calls 95003  | offered A; picked up A; answer A; play menu to A
         1.000  A presses #    | stop menu; menu main #: again; play menu to A
         2.000  A presses *    | stop menu; menu main *: again; play menu to A
         3.000  A presses 2    | stop menu; menu main 2: menu more; play more to A
         4.000  A presses #    | stop more; menu more #: again; play more to A
         5.000  A presses *    | stop more; menu more *: again; play menu to A
        """
    )


def test_recorded_information_serves_a_caller_who_then_hangs_up() -> None:
    """V03: day and night, with nobody there; who has heard what they wanted was not lost."""
    tell(
        """
         0.000  A calls 95003  | offered A; picked up A; answer A; play menu to A
         1.000  A presses 2    | stop menu; menu main 2: menu more; play more to A
         2.000  A presses 1    | stop more; menu more 1: information hours; play hours more to A
         9.000  A hangs up     | ended A self_served, wait 9.000
        10.000  B calls 95003  | offered B; picked up B; answer B; play menu to B
        11.000  B hangs up     | ended B abandoned, wait 1.000
        """
    )


def test_a_message_is_recorded_and_answered_within_the_time_that_is_told() -> None:
    """V03, V06: the beep, the message until #, the deadline; then busy tone, so that the terminal
    clears (T25)."""
    tell(
        """
         0.000  A calls 95003     | offered A; picked up A; answer A; play menu to A
         1.000  A presses 3       | stop menu; menu main 3: voicemail;
                                  | play caller-leave-message beep to A
         5.000  A has heard it    | record A
         9.000  A presses #       | ignored: a key during a message
         9.010  A's message ends  | owed message of 4.010 to A at 0216000A in 7200000;
                                  | play caller-message-taken caller-reply-within number-two-of
                                  | caller-within-hours caller-goodbye to A
        12.000  A has heard it    | hang up A
        15.001  A is gone         | ended A voicemail, wait 15.001
        """
    )


def test_who_hangs_up_while_speaking_has_left_a_message_too() -> None:
    tell(
        """
         0.000  A calls 95003     | offered A; picked up A; answer A; play menu to A
         1.000  A presses 3       | stop menu; menu main 3: voicemail;
                                  | play caller-leave-message beep to A
         5.000  A has heard it    | record A
        17.000  A hangs up        | owed message of 12.000 to A at 0216000A in 7200000;
                                  | ended A voicemail, wait 17.000
        """
    )


def test_an_empty_message_is_asked_for_once_more() -> None:
    """A breath is no message, and nobody is owed an answer to it."""
    tell(
        """
         0.000  A calls 95003     | offered A; picked up A; answer A; play menu to A
         1.000  A presses 3       | stop menu; menu main 3: voicemail;
                                  | play caller-leave-message beep to A
         5.000  A has heard it    | record A
         6.000  A's message ends  | play caller-message-empty caller-leave-message beep to A
        10.000  A has heard it    | record A
        11.000  A's message ends  | play caller-goodbye to A
        12.000  A has heard it    | hang up A
        13.000  A hangs up        | ended A abandoned, wait 13.000
        """
    )


@pytest.mark.parametrize("how", ["A's message fails", "RecordLeg fails for A"])
def test_where_nothing_can_be_recorded_the_caller_is_owed_a_call(how: str) -> None:
    """V14: a full disk: an apology, and somebody calls back."""
    tell(
        f"""
         0.000  A calls 95003     | offered A; picked up A; answer A; play menu to A
         1.000  A presses 3       | stop menu; menu main 3: voicemail;
                                  | play caller-leave-message beep to A
         5.000  A has heard it    | record A
         5.010  {how} | owed callback to A at 0216000A in 7200000 (message could not be recorded);
                                  | play caller-apology-owed caller-reply-within number-two-of
                                  | caller-within-hours to A
         9.000  A hangs up        | ended A callback, wait 9.000
        """
    )


def test_a_recording_whose_end_is_never_reported_ends_by_itself() -> None:
    tell(
        """
         0.000  A calls 95003     | offered A; picked up A; answer A; play menu to A
         1.000  A presses 3       | stop menu; menu main 3: voicemail;
                                  | play caller-leave-message beep to A
         5.000  A has heard it    | record A
       190.000  time passes       | stop recording A;
                                  | owed message of 185.000 to A at 0216000A in 7200000;
                                  | play caller-message-taken caller-reply-within number-two-of
                                  | caller-within-hours caller-goodbye to A
        """
    )


def test_long_information_becomes_a_task_with_a_deadline() -> None:
    """V03, V06, V16: a fax is somebody's work; the caller hears by when."""
    tell(
        """
         0.000  A calls 95003     | offered A; picked up A; answer A; play menu to A
         1.000  A presses 5       | stop menu; menu main 5: task fax;
                                  | owed task to A at 0216000A in 7200000 (fax);
                                  | play caller-task-noted caller-reply-within number-two-of
                                  | caller-within-hours caller-goodbye to A
         5.000  A has heard it    | hang up A
         8.001  A is gone         | ended A self_served, wait 8.001
        """
    )
