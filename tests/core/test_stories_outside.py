"""Stories of outside numbers brought into a conversation: over the trunk, and by the same rules as
colleagues (T38, T04, C07)."""

from tests.core.story import tell


def test_an_outside_number_is_asked_hears_keys_and_joins() -> None:
    """T04: keys go to the outside alone while the agent is with it; without an agent the two talk
    on, and the caller is let go when the outside party hangs up."""
    tell(
        """
         0.000  A calls 95002                | offered A; ring 8011 for A; open room A
         1.000  8011 answers                 | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter                | answered A by 8011, wait 1.002
         2.000  8011 presses *1213800138000# | dial 13800138000 over carrier-a as 02109500101;
                                             | consult A to 13800138000 by 8011; open side A;
                                             | aside 8011; hold A
         2.002  8011, A enter                | play transfer-begun to 8011; held A by 8011
         4.000  13800138000 rings            | -
         6.000  13800138000 answers          | dialled 13800138000: answered; aside 13800138000
         6.002  13800138000 enters           | -
         7.000  8011 presses *16123#         | send 123 to 13800138000; stop transfer-begun;
                                             | play digits-sent to 8011
         8.000  8011 presses *14             | consult A to 13800138000 joined; stop digits-sent;
                                             | join 8011 13800138000; play caller-hold-thanks to A
         8.002  8011, 13800138000 enter      | play conference-joined to 8011; close side A
         9.000  A has heard it               | join A
         9.002  A enters                     | resumed A after 7.000
        10.000  8011 hangs up                | 8011 wrap_up
        11.000  13800138000 hangs up         | 8011 ready; wrapped up 8011 1.000; hang up A
        11.002  A is gone                    | close room A; ended A answered, wait 1.002, talk
                                             | 2.998, hold 7.000
        """,
        agents="8011",
    )


def test_an_outside_number_that_is_busy_or_let_go_brings_the_agent_back() -> None:
    """T38: the caller is told first; what is ringing is withdrawn with *15."""
    tell(
        """
        0.000  A calls 95002                   | offered A; ring 8011 for A; open room A
        1.000  8011 answers                    | offer accepted 8011; answer A; join A 8011
        1.002  A, 8011 enter                   | answered A by 8011, wait 1.002
        2.000  8011 presses *1113800138000#    | dial 13800138000 over carrier-a as 02109500101;
                                               | blind A to 13800138000 by 8011; open side A;
                                               | aside 8011; hold A
        2.002  8011, A enter                   | play transfer-begun to 8011; held A by 8011;
                                               | play caller-transferring to A
        4.000  13800138000 is refused with 486 | dialled 13800138000: busy;
                                               | blind A to 13800138000 failed;
                                               | stop transfer-begun; join 8011;
                                               | stop caller-transferring;
                                               | play caller-transfer-failed to A
        4.002  8011 enters                     | close side A; play transfer-not-answered to 8011
        5.000  A has heard it                  | join A
        5.002  A enters                        | resumed A after 3.000
        6.000  8011 presses *1213800138000#    | dial 13800138000 over carrier-a as 02109500101;
                                               | consult A to 13800138000 by 8011; open side A;
                                               | stop transfer-not-answered; aside 8011; hold A
        6.002  8011, A enter                   | play transfer-begun to 8011; held A by 8011
        7.000  13800138000 rings               | -
        8.000  8011 presses *15                | consult A to 13800138000 taken_back;
                                               | dialled 13800138000: withdrawn;
                                               | hang up 13800138000; stop transfer-begun;
                                               | join 8011; play caller-hold-thanks to A
        8.002  8011 enters                     | close side A; play call-resumed to 8011
        8.010  13800138000 is gone             | -
        9.000  A has heard it                  | join A
        9.002  A enters                        | resumed A after 3.000
        """,
        agents="8011",
    )


def test_an_emergency_left_with_an_outside_party_waits_again_when_that_hangs_up() -> None:
    """C07: nobody but the caller ends it."""
    tell(
        """
        0.000  A calls 95001                | offered A; ring 8001 for A; open room A
        1.000  8001 answers                 | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter                | answered A by 8001, wait 1.002
        2.000  8001 presses *1213800138000# | dial 13800138000 over carrier-a as 02109500101;
                                            | consult A to 13800138000 by 8001; open side A;
                                            | aside 8001; hold A
        2.002  8001, A enter                | play transfer-begun to 8001; held A by 8001
        3.000  13800138000 rings            | -
        4.000  13800138000 answers          | dialled 13800138000: answered; aside 13800138000
        4.002  13800138000 enters           | -
        5.000  8001 presses *13             | consult A to 13800138000 completed; join 13800138000;
                                            | play caller-hold-thanks to A; hang up 8001;
                                            | stop transfer-begun
        5.002  13800138000 enters           | -
        5.010  8001 is gone                 | close side A; 8001 wrap_up
        6.000  A has heard it               | join A
        6.002  A enters                     | resumed A after 4.000
        6.010  time passes                  | 8001 ready; wrapped up 8001 1.000
        9.000  13800138000 hangs up         | requeued A; hold A; ring 8002 for A
        """,
        agents="8001 8002",
    )
