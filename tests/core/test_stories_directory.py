"""Stories of changes of the directory while calls go on: no live call notices, the next
decision obeys."""

from tests.core.story import tell


def test_an_agent_added_serves_who_waits() -> None:
    """Added, seated, logged in: without a restart."""
    tell(
        """
        0.000  A calls 95001                         | offered A; open room A
        1.000  directory: agent 8005 emergency=7     | -
        1.001  directory: seat s5 has a8005 for 8005 | -
        1.002  8005 asks to log in at s5             | 8005 ready; done: ready; ring 8005 for A
        """,
    )


def test_an_agent_removed_while_talking_finishes_the_conversation() -> None:
    """Wrap-up too; then they are logged out and unknown."""
    tell(
        """
        0.000  A calls 95001                 | offered A; ring 8001 for A; open room A
        0.800  8001 answers                  | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter                 | answered A by 8001, wait 0.802
        1.000  directory: agent 8001 removed | -
        1.500  8001 asks to be ready         | done: talking, then ready
        2.000  A hangs up                    | hang up 8001
        2.010  8001 is gone                  | 8001 wrap_up; close room A;
                                             | ended A answered, wait 0.802, talk 1.198
        3.010  time passes                   | 8001 logged_out; wrapped up 8001 1.000
        4.000  8001 asks to log in at s8001  | refused unknown_agent; no: There is no agent 8001.
        """,
        agents="8001",
    )


def test_an_agent_removed_while_ringing_may_still_answer() -> None:
    """The offer is a promise to the caller."""
    tell(
        """
        0.000  A calls 95001                 | offered A; ring 8001 for A; open room A
        0.010  8001 rings                    | -
        0.100  directory: agent 8001 removed | -
        0.800  8001 answers                  | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter                 | answered A by 8001, wait 0.802
        2.000  A hangs up                    | hang up 8001
        2.010  8001 is gone                  | 8001 wrap_up; close room A;
                                             | ended A answered, wait 0.802, talk 1.198
        3.010  time passes                   | 8001 logged_out; wrapped up 8001 1.000
        """,
        agents="8001",
    )


def test_an_agent_removed_while_ringing_who_rejects_is_gone() -> None:
    """Nothing is left of them, and the next one is rung."""
    tell(
        """
        0.000  A calls 95001                 | offered A; ring 8001 for A; open room A
        0.100  directory: agent 8001 removed | -
        0.500  8001 is gone (rejected)       | offer rejected 8001 (rejected); 8001 logged_out;
                                             | ring 8002 for A
        """,
        agents="8001 8002",
    )


def test_an_agent_removed_at_rest_is_gone_at_once() -> None:
    """Ready, paused, wrapping up, not responding or logged out."""
    tell(
        """
        0.000  8002 asks to pause for rest   | 8002 paused (rest); done: paused
        0.100  phone 8003 is gone            | 8003 not_responding (unreachable)
        1.000  directory: agent 8001 removed | 8001 logged_out
        1.001  directory: agent 8002 removed | 8002 logged_out
        1.002  directory: agent 8003 removed | 8003 logged_out
        1.003  directory: agent 8004 removed | -
        1.004  directory: agent 8004 removed | ignored: removal of an unknown agent
        2.000  A calls 95001                 | offered A; open room A
        """,
        agents="8001 8002 8003",
        away="8004",
    )


def test_an_agent_taken_back_before_the_conversation_ends_stays() -> None:
    """Removed and defined again: the last word counts."""
    tell(
        """
        0.000  A calls 95001                     | offered A; ring 8001 for A; open room A
        0.800  8001 answers                      | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter                     | answered A by 8001, wait 0.802
        1.000  directory: agent 8001 removed     | -
        1.500  directory: agent 8001 emergency=6 | -
        2.000  A hangs up                        | hang up 8001
        2.010  8001 is gone                      | 8001 wrap_up; close room A;
                                                 | ended A answered, wait 0.802, talk 1.198
        3.010  time passes                       | 8001 ready; wrapped up 8001 1.000
        """,
        agents="8001",
    )


def test_skills_changed_while_talking_count_from_the_next_call() -> None:
    """The conversation goes on; the next caller of the old queue waits."""
    tell(
        """
        0.000  A calls 95001                   | offered A; ring 8001 for A; open room A
        0.800  8001 answers                    | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter                   | answered A by 8001, wait 0.802
        1.000  directory: agent 8001 enquiry=5 | -
        1.500  B calls 95001                   | offered B; open room B
        2.000  A hangs up                      | hang up 8001
        2.010  8001 is gone                    | 8001 wrap_up; close room A;
                                               | ended A answered, wait 0.802, talk 1.198
        3.010  time passes                     | 8001 ready; wrapped up 8001 1.000
        3.500  C calls 95002                   | picked up B; answer B; hold B; play ack to B;
                                               | offered C; ring 8001 for C; open room C
        """,
        agents="8001",
    )


def test_a_queue_that_asks_for_less_is_served_by_more() -> None:
    """A waiting caller is offered at once to whoever has become fit."""
    tell(
        """
        0.000  directory: agent 8001 emergency=3             | -
        1.000  A calls 95001                                 | offered A; open room A
        1.500  directory: queue emergency priority=0 needs=3 | ring 8001 for A
        """,
        agents="8001",
    )


def test_a_new_promise_orders_the_waiting_anew() -> None:
    """Two queues of equal priority: the one whose promise becomes strict goes first."""
    tell(
        """
        0.000  directory: agent 8001 emergency=5 enquiry=5 | -
        0.001  directory: queue enquiry priority=0         | -
        0.002  8001 asks to pause for rest                 | 8001 paused (rest); done: paused
        0.100  A calls 95001                               | offered A; open room A
        0.200  B calls 95002                               | offered B; open room B
        1.000  directory: queue enquiry promise_ms=5000    | -
        1.500  8001 asks to be ready                       | 8001 ready; done: ready;
                                                           | ring 8001 for B
        """,
        agents="8001",
    )


def test_a_seat_with_another_phone_rings_it_next_time() -> None:
    """The conversation on the old phone goes on."""
    tell(
        """
        0.000  A calls 95001                           | offered A; ring 8001 for A; open room A
        0.800  8001 answers                            | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter                           | answered A by 8001, wait 0.802
        1.000  directory: seat s8001 has a8001-2 a8001 | -
        1.500  B calls 95001                           | offered B; open room B
        2.000  A hangs up                              | hang up 8001
        2.010  8001 is gone                            | 8001 wrap_up; close room A;
                                                       | ended A answered, wait 0.802, talk 1.198
        3.010  time passes                             | 8001 ready; wrapped up 8001 1.000;
                                                       | ring 8001-2 for B
        """,
        agents="8001",
    )


def test_a_free_agent_whose_seat_gets_another_phone_is_rung_there() -> None:
    """Nobody is rung on a phone that is no longer theirs."""
    tell(
        """
        0.000  directory: seat s8001 has a9001 for 8001 | -
        1.000  A calls 95001                            | offered A; ring 9001 for A; open room A
        """,
        agents="8001",
    )


def test_a_seat_whose_new_phone_is_gone_has_nobody_ready() -> None:
    """Moving to a phone that is not registered, and back."""
    tell(
        """
        0.000  phone 9001 is gone                       | -
        1.000  directory: seat s8001 has a9001 for 8001 | 8001 not_responding (unreachable)
        2.000  A calls 95001                            | offered A; open room A
        3.000  directory: seat s8001 has a8001 for 8001 | 8001 ready; ring 8001 for A
        """,
        agents="8001",
    )


def test_a_seat_without_a_phone_has_nobody_ready() -> None:
    """No phone, no offers; the agent is not thrown out."""
    tell(
        """
        0.000  directory: seat s8001 has no phones      | 8001 not_responding (unreachable)
        1.000  A calls 95001                            | offered A; open room A
        2.000  directory: seat s8001 has a8001 for 8001 | 8001 ready; ring 8001 for A
        """,
        agents="8001",
    )


def test_two_seats_exchange_their_phones() -> None:
    """A phone belongs to the seat that named it last, so no phone is rung for two agents, at no
    moment of the change."""
    tell(
        """
        0.000  directory: seat s8001 has a8002 for 8001 | 8002 not_responding (unreachable)
        0.001  A calls 95001                            | offered A; ring 8002 for A; open room A
        0.002  B calls 95001                            | offered B; open room B
        0.010  directory: seat s8002 has a8001 for 8002 | 8002 ready; ring 8001 for B
        0.100  8001 dials *61                           | answer desk 8001;
                                                        | play agent-after-this-call to desk 8001
        0.200  8002 dials *61                           | answer desk 8002;
                                                        | play agent-after-this-call to desk 8002
        """,
        agents="8001 8002",
    )


def test_a_seat_removed_while_talking_is_left_after_the_conversation() -> None:
    """Being ready cannot keep a seat that is no longer there."""
    tell(
        """
        0.000  A calls 95001                 | offered A; ring 8001 for A; open room A
        0.800  8001 answers                  | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter                 | answered A by 8001, wait 0.802
        1.000  directory: seat s8001 removed | -
        1.500  8001 asks to be ready         | done: talking, then ready
        2.000  A hangs up                    | hang up 8001
        2.010  8001 is gone                  | 8001 wrap_up; close room A;
                                             | ended A answered, wait 0.802, talk 1.198
        3.010  time passes                   | 8001 logged_out; wrapped up 8001 1.000
        4.000  8001 asks to log in at s8002  | 8001 ready; done: ready
        """,
        agents="8001",
        away="8002",
    )


def test_a_seat_removed_at_rest_is_left_at_once() -> None:
    """Whoever sat there is logged out; an unknown seat is counted."""
    tell(
        """
        0.000  directory: seat s8001 removed | 8001 logged_out
        0.001  directory: seat s8001 removed | ignored: removal of an unknown seat
        1.000  A calls 95001                 | offered A; open room A
        """,
        agents="8001",
    )


def test_a_queue_removed_still_serves_who_waits_there() -> None:
    """Nobody new can enter an enquiry line that is closing; it is forgotten with its last call."""
    tell(
        """
        0.000  A calls 95002                    | offered A; open room A
        1.000  directory: queue enquiry removed | -
        1.001  B calls 95002                    | offered B; hang up B (unallocated)
        1.010  B is gone                        | ended B refused, wait 0.009
        1.500  8011 asks to log in at s8011     | 8011 ready; done: ready; ring 8011 for A
        1.800  8011 answers                     | offer accepted 8011; answer A; join A 8011
        1.802  A, 8011 enter                    | answered A by 8011, wait 1.802
        4.000  A hangs up                       | hang up 8011
        4.010  8011 is gone                     | 8011 wrap_up; close room A;
                                                | ended A answered, wait 1.802, talk 2.198
        5.000  directory: queue enquiry removed | ignored: removal of an unknown queue
        5.010  time passes                      | 8011 ready; wrapped up 8011 1.000
        """,
        away="8011",
    )


def test_a_queue_that_comes_back_takes_calls_again() -> None:
    """Removed and defined again while somebody waits."""
    tell(
        """
        0.000  A calls 95002                       | offered A; open room A
        1.000  directory: queue enquiry removed    | -
        1.001  directory: queue enquiry priority=1 | -
        1.002  B calls 95002                       | offered B; open room B
        1.500  8011 asks to log in at s8011        | 8011 ready; done: ready; ring 8011 for A
        """,
        away="8011",
    )


def test_an_emergency_is_never_refused_for_a_queue_that_is_gone() -> None:
    """E25, T18: the number is known and its line is not: the dialplan's fallback rings agents."""
    tell(
        """
        0.000  directory: queue emergency removed | -
        1.000  A calls 95001                      | offered A; hand A to fallback;
                                                  | ended A fallback, wait 0.000
        1.500  A is gone                          | ignored: end of an unknown leg
        """,
        agents="8001",
    )


def test_an_entry_removed_refuses_the_next_call_and_keeps_those_inside() -> None:
    """The caller who waits is served."""
    tell(
        """
        0.000  A calls 95002                  | offered A; open room A
        1.000  directory: entry 95002 removed | -
        1.001  directory: entry 95002 removed | ignored: removal of an unknown entry
        1.100  B calls 95002                  | offered B; hang up B (unallocated)
        1.110  B is gone                      | ended B refused, wait 0.010
        1.500  8011 asks to log in at s8011   | 8011 ready; done: ready; ring 8011 for A
        """,
        away="8011",
    )


def test_an_entry_may_lead_elsewhere() -> None:
    """95002 becomes an emergency number for the next caller."""
    tell(
        """
        0.000  A calls 95002                                 | offered A; ring 8011 for A;
                                                             | open room A
        1.000  directory: entry 95002 emergency to emergency | -
        1.100  B calls 95002                                 | offered B; ring 8001 for B;
                                                             | open room B
        """,
        agents="8001 8011",
    )


def test_a_new_queue_gets_its_holding_room_on_every_node() -> None:
    """Music is there before the first caller is."""
    tell(
        """
        0.000  directory: queue enquiry id=night needs=1 | open hold-night
        0.001  directory: entry 95003 enquiry to night   | -
        0.100  A calls 95003                             | offered A; ring 8011 for A; open room A
        """,
        agents="8011",
    )
