"""Stories of silent calls: who is asked to speak, when nobody has responded, and who decides (E33,
V13, F05, C05, C07)."""

from acd.core import views
from acd.core.emergency import silence
from acd.core.ids import AgentId
from prompts.texts import load
from tests.core.story import tell


def test_a_silent_terminal_is_asked_twice_flagged_and_never_let_go() -> None:
    """E33, V13, F05, C07: three seconds after the agent has stopped, a prompt; three seconds after
    that, a flag, said to the agent alone.  Who comes next is told at once."""
    tell(
        """
         0.000  A calls 95001                   | offered A; ring 8001 for A; open room A
         1.000  8001 answers                    | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter                   | answered A by 8001, wait 1.002; listen to A;
                                                | detect 8001
         1.050  A is heard: silence             | -
         1.100  8001 speaks                     | -
         2.300  8001 falls quiet                | -
         5.100  time passes                     | play caller-please-speak to 8001;
                                                | prompted A who gives silence;
                                                | play caller-please-speak to A
         7.000  prompt caller-please-speak ends | -
         7.000  8001 has heard it               | -
        10.000  time passes                     | no response A after 8.998;
                                                | prompted A who gives silence;
                                                | play caller-not-heard-we-stay to A;
                                                | play agent-no-response to 8001
        60.000  8001 hangs up                   | requeued A; stop caller-not-heard-we-stay;
                                               | hold A; 8001 wrap_up;
                                                | ring 8002 for A
        61.000  time passes                     | 8001 ready; wrapped up 8001 1.000
        63.000  8002 answers                    | offer accepted 8002;
                                                | stop caller-not-heard-we-stay; join A 8002
        63.002  A, 8002 enter                   | ignored: joined twice;
                                                | answered A by 8002 again, wait 63.002;
                                                | play agent-no-response to 8002; detect 8002
        """,
        agents="8001 8002",
        silence=True,
    )


def test_near_speech_is_a_response() -> None:
    """E33: a sound that is no speech is none; a word is, and nobody is asked anything."""
    tell(
        """
         0.000  A calls 95001       | offered A; ring 8001 for A; open room A
         1.000  8001 answers        | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter       | answered A by 8001, wait 1.002; listen to A; detect 8001
         1.050  A is heard: sound   | -
         2.500  A is heard: speech  | responded A after 1.498
         4.000  A is heard: silence | -
        20.000  A hangs up          | hang up 8001
        """,
        agents="8001",
        silence=True,
    )


def test_an_echo_is_no_response_and_a_word_that_goes_on_is() -> None:
    """What comes back while the agent or a prompt is heard, and for 400 ms after, does not count;
    who still speaks then has responded.  Asterisk tells the agent's end 200 ms late, and that is
    taken off."""
    tell(
        """
        0.000  A calls 95001                   | offered A; ring 8001 for A; open room A
        1.000  8001 answers                    | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter                   | answered A by 8001, wait 1.002; listen to A;
                                               | detect 8001
        1.010  A is heard: silence             | -
        1.050  8001 speaks                     | -
        1.150  A is heard: speech              | -
        3.000  8001 falls quiet                | -
        3.150  A is heard: silence             | -
        5.800  time passes                     | play caller-please-speak to 8001;
                                               | prompted A who gives silence;
                                               | play caller-please-speak to A
        6.000  A is heard: speech              | -
        7.000  A is heard: silence             | -
        7.900  A is heard: speech              | -
        8.000  prompt caller-please-speak ends | -
        8.000  8001 has heard it               | -
        8.400  time passes                     | responded A after 7.398
        """,
        agents="8001",
        silence=True,
    )


def test_without_a_judge_the_clock_alone_flags_and_the_agent_clears() -> None:
    """Loudness is never a response: the agent is, and after their word nobody can tell that it has
    fallen silent again."""
    tell(
        """
          0.000  A calls 95001                   | offered A; ring 8001 for A; open room A
          1.000  8001 answers                    | offer accepted 8001; answer A; join A 8001
          1.002  A, 8001 enter                   | answered A by 8001, wait 1.002; listen to A;
                                                 | detect 8001
          1.003  ListenTo fails for A            | ignored: ListenTo failed
          4.002  time passes                     | play caller-please-speak to 8001;
                                                 | prompted A who gives what nobody judges;
                                                 | play caller-please-speak to A
          6.000  prompt caller-please-speak ends | -
          6.000  8001 has heard it               | -
          9.000  time passes                     | no response A after 7.998;
                                                 | prompted A who gives what nobody judges;
                                                 | play caller-not-heard-we-stay to A;
                                                 | play agent-no-response to 8001
         12.000  8001 presses *31                | 8001 says responds; stop agent-no-response;
                                                 | play response-noted to 8001
         14.000  8001 has heard it               | -
        300.000  A hangs up                      | hang up 8001
        """,
        agents="8001",
        silence=True,
    )


def test_a_judge_who_is_gone_in_mid_word_is_not_believed_for_ever() -> None:
    """Speech without an end is none: the next agent's caller is judged by the clock alone."""
    tell(
        """
         0.000  A calls 95001      | offered A; ring 8001 for A; open room A
         1.000  8001 answers       | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter      | answered A by 8001, wait 1.002; listen to A; detect 8001
         1.500  A is heard: speech | responded A after 0.498
        80.000  8001 hangs up      | requeued A; hold A; 8001 wrap_up; ring 8002 for A
        81.000  time passes        | 8001 ready; wrapped up 8001 1.000
        82.000  8002 answers       | offer accepted 8002; join A 8002
        82.002  A, 8002 enter      | ignored: joined twice;
                                   | answered A by 8002 again, wait 82.002; detect 8002
        85.002  time passes        | play caller-please-speak to 8002;
                                   | prompted A who gives what nobody judges;
                                   | play caller-please-speak to A
        """,
        agents="8001 8002",
        silence=True,
    )


def test_thirty_seconds_of_silence_begin_it_anew() -> None:
    """Counted from the last word of either; then both windows, and the flag.  What is heard after
    it is for people to judge: only the agent clears it."""
    tell(
        """
         0.000  A calls 95001                   | offered A; ring 8001 for A; open room A
         1.000  8001 answers                    | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter                   | answered A by 8001, wait 1.002; listen to A;
                                                | detect 8001
         1.500  A is heard: speech              | responded A after 0.498
         9.000  A is heard: silence             | -
        20.000  8001 speaks                     | -
        30.000  8001 falls quiet                | -
        59.800  time passes                     | -
        62.800  time passes                     | play caller-please-speak to 8001;
                                                | prompted A who gives silence;
                                                | play caller-please-speak to A
        65.000  prompt caller-please-speak ends | -
        65.000  8001 has heard it               | -
        68.000  time passes                     | no response A after 8.200;
                                                | prompted A who gives silence;
                                                | play caller-not-heard-we-stay to A;
                                                | play agent-no-response to 8001
        70.000  A is heard: speech              | -
        71.000  8001 presses *31                | 8001 says responds; stop agent-no-response;
                                                | play response-noted to 8001
        """,
        agents="8001",
        silence=True,
    )


def test_the_system_asks_in_an_agents_place() -> None:
    """The clock begins with the acknowledgement's end; who answers then is told at once."""
    tell(
        """
         0.000  A calls 95001                   | offered A; open room A
         2.000  time passes                     | picked up A; answer A; hold A; play ack to A;
                                                | listen to A
         2.010  A is heard: silence             | -
         2.012  A enters                        | -
         6.000  prompt ack ends                 | -
         9.000  time passes                     | prompted A who gives silence;
                                                | play caller-please-speak to A
        11.000  prompt caller-please-speak ends | -
        14.000  time passes                     | no response A after 12.000;
                                                | prompted A who gives silence;
                                                | play caller-not-heard-we-stay to A
        20.000  8001 asks to log in at s8001    | 8001 ready; done: ready; ring 8001 for A
        22.000  8001 answers                    | offer accepted 8001;
                                                | stop caller-not-heard-we-stay; join A 8001
        22.002  A, 8001 enter                   | answered A by 8001, wait 22.002;
                                                | play agent-no-response to 8001; detect 8001
        """,
        away="8001",
        silence=True,
    )


def test_a_caller_on_hold_is_not_expected_to_speak() -> None:
    """The music is ours; the window begins when the agent is back."""
    tell(
        """
         0.000  A calls 95001       | offered A; ring 8001 for A; open room A
         1.000  8001 answers        | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter       | answered A by 8001, wait 1.002; listen to A; detect 8001
         1.010  A is heard: silence | -
         2.000  8001 presses *10    | open side A; aside 8001; hold A
         2.002  8001, A enter       | play call-held to 8001; held A by 8001
         9.000  8001 presses *10    | stop call-held; join 8001; play caller-hold-thanks to A
         9.002  8001 enters         | close side A; play call-resumed to 8001
        11.000  A has heard it      | join A
        11.002  A enters            | resumed A after 9.000
        14.000  time passes         | stop call-resumed; play caller-please-speak to 8001;
                                    | prompted A who gives silence;
                                    | play caller-please-speak to A
        """,
        agents="8001",
        silence=True,
    )


def test_the_agent_sets_and_clears_it_at_any_time() -> None:
    """E33: *30 and *31, whatever a machine hears."""
    tell(
        """
         0.000  A calls 95001      | offered A; ring 8001 for A; open room A
         1.000  8001 answers       | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter      | answered A by 8001, wait 1.002; listen to A; detect 8001
         1.500  A is heard: speech | responded A after 0.498
         9.000  A is heard: sound  | -
        10.000  8001 presses *30   | 8001 says no response; play no-response-noted to 8001
        11.000  8001 has heard it  | -
        50.000  A is heard: speech | ignored: speech on a line without response: people decide
        60.000  8001 presses *31   | 8001 says responds; play response-noted to 8001
        61.000  8001 has heard it  | -
        70.000  A hangs up         | hang up 8001
        """,
        agents="8001",
        silence=True,
    )


def test_a_noisy_room_cannot_keep_a_silent_call_from_being_flagged() -> None:
    """An agent's side that is never quiet leaves no window, and after 30 s that does not matter.
    The system says nothing into the noise."""
    tell(
        """
         0.000  A calls 95001      | offered A; ring 8001 for A; open room A
         1.000  8001 answers       | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter      | answered A by 8001, wait 1.002; listen to A; detect 8001
         1.010  A is heard: no_rtp | -
         1.050  8001 speaks        | -
        11.010  time passes        | play agent-no-audio to 8001
        13.000  8001 has heard it  | -
        31.002  time passes        | no response A after 30.000; play agent-no-response to 8001
        """,
        agents="8001",
        silence=True,
    )


def test_a_line_that_goes_dead_is_told_to_the_agent_looked_at_and_owed_a_callback() -> None:
    """C07, E34: a terminal that has lost its power sends no BYE.  That somebody had responded
    tells nothing of now: the agent hears of it, the shift leader looks after a minute, and the end
    of the line is no end of the matter."""
    tell(
        """
         0.000  1 calls 95001      | offered 1; ring 8001 for 1; open room 1
         1.000  8001 answers       | offer accepted 8001; answer 1; join 1 8001
         1.002  1, 8001 enter      | answered 1 by 8001, wait 1.002; listen to 1; detect 8001
         2.000  8001 presses *31   | 8001 says responds; play response-noted to 8001
         3.000  8001 has heard it  | -
        20.000  1 is heard: no_rtp | -
        30.000  time passes        | play agent-no-audio to 8001
        31.000  8001 has heard it  | -
        31.500  8001 speaks        | -
        90.000  time passes        | task to 02160001 owed; task to 02160001 escalated late
        92.000  1 is gone          | hang up 8001
        92.003  8001 is gone       | 8001 wrap_up; close room 1;
                                   | ended 1 answered, wait 1.002, talk 90.998;
                                   | task to 02160001 ended not_needed late;
                                   | callback to 02160001 owed
        """,
        agents="8001",
        silence=True,
        owed=True,
    )


def test_packets_that_come_again_in_time_are_no_dead_line() -> None:
    """A telephone that sends none while it is quiet: nobody is told, and nothing is owed."""
    tell(
        """
         0.000  A calls 95001       | offered A; ring 8001 for A; open room A
         1.000  8001 answers        | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter       | answered A by 8001, wait 1.002; listen to A; detect 8001
         2.000  8001 presses *31    | 8001 says responds; play response-noted to 8001
         3.000  8001 has heard it   | -
        20.000  A is heard: no_rtp  | -
        29.000  A is heard: packets | -
        95.000  A hangs up          | hang up 8001
        """,
        agents="8001",
        silence=True,
    )


def test_an_unknown_number_on_an_enquiry_line_is_let_go_after_the_third_prompt() -> None:
    """C05: the standards' own ending, for nobody else."""
    tell(
        """
         0.000  A calls 95002                        | offered A; ring 8011 for A; open room A
         1.000  8011 answers                         | offer accepted 8011; answer A;
                                                     | join A 8011
         1.002  A, 8011 enter                        | answered A by 8011, wait 1.002;
                                                     | listen to A
         1.010  A is heard: silence                  | detect 8011
         4.002  time passes                          | play caller-please-speak to 8011;
                                                     | prompted A who gives silence;
                                                     | play caller-please-speak to A
         6.000  prompt caller-please-speak ends      | -
         6.000  8011 has heard it                    | -
         9.000  time passes                          | no response A after 7.998;
                                                     | prompted A who gives silence;
                                                     | play caller-not-heard-goodbye to A;
                                                     | play agent-no-response to 8011
        12.000  prompt caller-not-heard-goodbye ends | -
        12.000  time passes                          | stop listening to A; hang up A;
                                                     | hang up 8011
        12.002  A is gone                            | -
        12.003  8011 is gone                         | 8011 wrap_up; close room A; ended A
                                                     | answered, wait 1.002, talk 10.998
        """,
        agents="8011",
        silence=True,
    )


def test_the_agents_word_keeps_an_unknown_number() -> None:
    """The machine was wrong: *31 during the goodbye, and the line stays."""
    tell(
        """
         0.000  A calls 95002                        | offered A; ring 8011 for A; open room A
         1.000  8011 answers                         | offer accepted 8011; answer A;
                                                     | join A 8011
         1.002  A, 8011 enter                        | answered A by 8011, wait 1.002;
                                                     | listen to A
         1.010  A is heard: silence                  | detect 8011
         4.002  time passes                          | play caller-please-speak to 8011;
                                                     | prompted A who gives silence;
                                                     | play caller-please-speak to A
         6.000  prompt caller-please-speak ends      | -
         6.000  8011 has heard it                    | -
         9.000  time passes                          | no response A after 7.998;
                                                     | prompted A who gives silence;
                                                     | play caller-not-heard-goodbye to A;
                                                     | play agent-no-response to 8011
        10.000  8011 presses *31                     | 8011 says responds; stop listening to A;
                                                     | stop detecting 8011;
                                                     | stop agent-no-response;
                                                     | play response-noted to 8011
        12.000  prompt caller-not-heard-goodbye ends | -
        90.000  A hangs up                           | hang up 8011
        """,
        agents="8011",
        silence=True,
    )


def test_nobody_is_let_go_whom_nothing_judges() -> None:
    """C05: the clock alone ends no line."""
    tell(
        """
         0.000  A calls 95002        | offered A; ring 8011 for A; open room A
         1.000  8011 answers         | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter        | answered A by 8011, wait 1.002; listen to A
         1.003  ListenTo fails for A | ignored: ListenTo failed
        90.000  8011 hangs up        | stop listening to A; hang up A; 8011 wrap_up
        """,
        agents="8011",
        silence=True,
    )


def test_a_word_is_all_that_an_enquiry_line_wants_to_know() -> None:
    """From then on nothing is listened to."""
    tell(
        """
         0.000  A calls 95002      | offered A; ring 8011 for A; open room A
         1.000  8011 answers       | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter      | answered A by 8011, wait 1.002; listen to A
         1.500  A is heard: speech | responded A after 0.498; stop listening to A
        90.000  8011 hangs up      | hang up A; 8011 wrap_up
        """,
        agents="8011",
        silence=True,
    )


def test_a_known_terminal_is_held_on_every_line() -> None:
    """C05: neither the system nor an agent without an outcome lets it go."""
    tell(
        """
         0.000  A calls 95002 from terminal T1  | offered A; ring 8011 for A; open room A
         1.000  8011 answers                    | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter                   | answered A by 8011, wait 1.002; listen to A
         1.010  A is heard: silence             | detect 8011
         4.002  time passes                     | play caller-please-speak to 8011;
                                                | prompted A who gives silence;
                                                | play caller-please-speak to A
         6.000  prompt caller-please-speak ends | -
         6.000  8011 has heard it               | -
         9.000  time passes                     | no response A after 7.998;
                                                | prompted A who gives silence;
                                                | play caller-not-heard-we-stay to A;
                                                | play agent-no-response to 8011
        30.000  8011 hangs up                   | requeued A; stop caller-not-heard-we-stay;
                                               | hold A; 8011 wrap_up;
                                                | ring 8012 for A
        """,
        agents="8011 8012",
        silence=True,
    )


def test_an_outcome_ends_the_clock() -> None:
    """C07: the agent has decided."""
    tell(
        """
         0.000  A calls 95001       | offered A; ring 8001 for A; open room A
         1.000  8001 answers        | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter       | answered A by 8001, wait 1.002; listen to A; detect 8001
         1.010  A is heard: silence | -
         2.000  8001 presses *2006  | 8001 says accidental; play outcome-noted to 8001
         4.000  8001 has heard it   | -
        60.000  8001 hangs up       | stop listening to A; released A; busy tone to A;
                                    | 8001 wrap_up
        """,
        agents="8001",
        silence=True,
    )


def test_a_prompt_that_cannot_be_played_costs_no_time() -> None:
    """The second window begins at once."""
    tell(
        """
        0.000  A calls 95001        | offered A; ring 8001 for A; open room A
        1.000  8001 answers         | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter        | answered A by 8001, wait 1.002; listen to A; detect 8001
        1.010  A is heard: silence  | -
        4.002  time passes          | play caller-please-speak to 8001;
                                    | prompted A who gives silence;
                                    | play caller-please-speak to A
        4.010  Play fails for A | ignored: Play failed
        7.010  time passes          | no response A after 6.008; prompted A who gives silence;
                                    | play caller-not-heard-we-stay to A;
                                    | stop caller-please-speak;
                                    | play agent-no-response to 8001
        """,
        agents="8001",
        silence=True,
    )


def test_a_line_without_response_that_drops_is_called_back() -> None:
    """E34, E35: within 30 s; and a callback that is answered and silent has not reached anybody:
    there is a case, and contacts are called."""
    tell(
        """
         0.000  1 calls 95001                   | offered 1; ring 8001 for 1; open room 1
         1.000  8001 answers                    | offer accepted 8001; answer 1; join 1 8001
         1.002  1, 8001 enter                   | answered 1 by 8001, wait 1.002; listen to 1;
                                                | detect 8001
         1.010  1 is heard: silence             | -
         4.002  time passes                     | play caller-please-speak to 8001;
                                                | prompted 1 who gives silence;
                                                | play caller-please-speak to 1
         6.000  prompt caller-please-speak ends | -
         6.000  8001 has heard it               | -
         9.000  time passes                     | no response 1 after 7.998;
                                                | prompted 1 who gives silence;
                                                | play caller-not-heard-we-stay to 1;
                                                | play agent-no-response to 8001
        12.000  1 hangs up                      | hang up 8001
        12.010  8001 is gone                    | 8001 wrap_up; close room 1;
                                                | ended 1 answered, wait 1.002, talk 10.998;
                                                | callback to 02160001 owed
        13.010  time passes                     | 8001 ready; wrapped up 8001 1.000
        14.010  time passes                     | callback to 02160001 due; placed 02160001;
                                                | callback to 02160001 taken up;
                                                | ring 8002 for 02160001; open room 02160001
        15.000  8002 answers                    | offer accepted 8002;
                                                | dial 02160001 over carrier-a as 95001
        20.000  02160001 answers                | dialled 02160001: answered; join 02160001 8002
        20.002  02160001, 8002 enter            | reached 02160001 by 8002, wait 5.992;
                                                | listen to 02160001; detect 8002
        20.010  02160001 is heard: sound        | -
        23.002  time passes                     | play caller-please-speak to 8002;
                                                | prompted 02160001 who gives sound;
                                                | play caller-please-speak to 02160001
        25.000  prompt caller-please-speak ends | -
        25.000  8002 has heard it               | -
        28.000  time passes                     | no response 02160001 after 7.998;
                                                | prompted 02160001 who gives sound;
                                                | play caller-not-heard-we-stay to 02160001;
                                                | play agent-no-response to 8002
        31.000  02160001 hangs up               | hang up 8002
        31.010  8002 is gone                    | 8002 wrap_up; close room 02160001;
                                                | ended 02160001 answered, talk 10.998;
                                                | callback to 02160001 put back; case opened;
                                                | task report owed; task revisit owed;
                                                | task leader owed; callback contact owed;
                                                | callback contact owed
        """,
        agents="8001 8002",
        silence=True,
        owed=True,
    )


def test_an_emergency_of_which_nothing_was_said_is_called_back() -> None:
    """E33: whatever was heard.  Whoever writes the notes has 20 s to say it before that."""
    tell(
        """
         0.000  1 calls 95001      | offered 1; ring 8001 for 1; open room 1
         1.000  8001 answers       | offer accepted 8001; answer 1; join 1 8001
         1.002  1, 8001 enter      | answered 1 by 8001, wait 1.002; listen to 1; detect 8001
         1.500  1 is heard: speech | responded 1 after 0.498
        12.000  1 hangs up         | hang up 8001
        12.010  8001 is gone       | 8001 wrap_up; close room 1;
                                   | ended 1 answered, wait 1.002, talk 10.998;
                                   | callback to 02160001 owed
        13.010  time passes        | 8001 ready; wrapped up 8001 1.000
        32.010  time passes        | callback to 02160001 due; placed 02160001;
                                   | callback to 02160001 taken up; ring 8001 for 02160001;
                                   | open room 02160001
        """,
        agents="8001",
        silence=True,
        owed=True,
    )


def test_an_outcome_owes_nothing() -> None:
    """C07: the agent has said how it went."""
    story = tell(
        """
         0.000  1 calls 95001      | offered 1; ring 8001 for 1; open room 1
         1.000  8001 answers       | offer accepted 8001; answer 1; join 1 8001
         1.002  1, 8001 enter      | answered 1 by 8001, wait 1.002; listen to 1; detect 8001
         1.500  1 is heard: speech | responded 1 after 0.498
         9.000  8001 presses *2001 | 8001 says settled; play outcome-noted to 8001
        12.000  1 hangs up         | hang up 8001
        12.010  8001 is gone       | 8001 wrap_up; close room 1;
                                   | ended 1 answered, wait 1.002, talk 10.998
        13.010  time passes        | 8001 ready; wrapped up 8001 1.000
        60.000  time passes        | -
        """,
        agents="8001",
        silence=True,
        owed=True,
    )
    assert not story.core.state.obligations


def test_the_outcome_no_response_is_called_back() -> None:
    """E44: said by a person, and so at once."""
    tell(
        """
         0.000  1 calls 95001      | offered 1; ring 8001 for 1; open room 1
         1.000  8001 answers       | offer accepted 8001; answer 1; join 1 8001
         1.002  1, 8001 enter      | answered 1 by 8001, wait 1.002; listen to 1; detect 8001
         1.500  1 is heard: speech | responded 1 after 0.498
         9.000  8001 presses *2010 | 8001 says no response; play outcome-noted to 8001
        12.000  1 hangs up         | hang up 8001
        12.010  8001 is gone       | 8001 wrap_up; close room 1;
                                   | ended 1 answered, wait 1.002, talk 10.998;
                                   | callback to 02160001 owed
        13.010  time passes        | 8001 ready; wrapped up 8001 1.000
        """,
        agents="8001",
        silence=True,
        owed=True,
    )


def test_an_unknown_number_that_was_let_go_is_owed_a_callback() -> None:
    """C05: even then."""
    tell(
        """
         0.000  1 calls 95002                        | offered 1; ring 8011 for 1; open room 1
         1.000  8011 answers                         | offer accepted 8011; answer 1;
                                                     | join 1 8011
         1.002  1, 8011 enter                        | answered 1 by 8011, wait 1.002;
                                                     | listen to 1
         1.010  1 is heard: silence                  | detect 8011
         4.002  time passes                          | play caller-please-speak to 8011;
                                                     | prompted 1 who gives silence;
                                                     | play caller-please-speak to 1
         6.000  prompt caller-please-speak ends      | -
         6.000  8011 has heard it                    | -
         9.000  time passes                          | no response 1 after 7.998;
                                                     | prompted 1 who gives silence;
                                                     | play caller-not-heard-goodbye to 1;
                                                     | play agent-no-response to 8011
        12.000  prompt caller-not-heard-goodbye ends | -
        12.000  time passes                          | stop listening to 1; hang up 1;
                                                     | hang up 8011
        12.002  1 is gone                            | -
        12.003  8011 is gone                         | 8011 wrap_up; close room 1; ended 1
                                                     | answered, wait 1.002, talk 10.998;
                                                     | callback to 02160001 owed
        """,
        agents="8011",
        silence=True,
        owed=True,
    )


def test_a_case_and_the_agents_view_know_that_nobody_responds() -> None:
    """E33: whoever looks at the agent, or at the case, sees it and what is heard instead."""
    story = tell(
        """
        0.000  A calls 95001                   | offered A; ring 8001 for A; open room A
        1.000  8001 answers                    | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter                   | answered A by 8001, wait 1.002; listen to A;
                                               | detect 8001
        1.010  A is heard: sound               | -
        2.000  8001 presses *90                | case opened by 8001; play case-open to 8001
        4.002  time passes                     | stop case-open; play caller-please-speak to 8001;
                                               | prompted A who gives sound;
                                               | play caller-please-speak to A
        6.000  prompt caller-please-speak ends | -
        6.000  8001 has heard it               | -
        9.000  time passes                     | no response A after 7.998;
                                               | prompted A who gives sound;
                                               | play caller-not-heard-we-stay to A;
                                               | play agent-no-response to 8001; case no response
        """,
        agents="8001",
        silence=True,
    )
    (case,) = story.core.state.cases.values()
    assert case.no_response
    seen = views.agent(story.core.state, AgentId("8001"))
    assert seen is not None and seen.caller is not None
    assert (seen.caller.response, seen.caller.heard) == ("no_response", "sound")


def test_every_prompt_can_be_said() -> None:
    """V04: one source for all words."""
    assert set(silence.PROMPTS) <= set(load().prompts)
