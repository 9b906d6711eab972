"""Stories of the join that fails: the caller keeps the place, and an agent is to blame only when
their phone has hung up."""

from tests.core.story import tell


def test_a_room_that_asterisk_has_lost_is_made_anew() -> None:
    """asterisk#211: a leave out of order destroyed the bridge.  One refused join; the answer of the
    agent still reaches the caller."""
    tell(
        """
        0.000  A calls 95001        | offered A; ring 8001 for A; open room A
        0.800  8001 answers         | offer accepted 8001; answer A; join A 8001
        0.801  JoinRoom fails for A | open room A; join A 8001
        0.805  A, 8001 enter        | answered A by 8001, wait 0.805
        """,
        agents="8001",
    )


def test_a_join_that_is_refused_again_and_again_lets_the_agent_go() -> None:
    """Three attempts; then the caller waits again and the agent is free, without a miss, at the
    end of the leg."""
    tell(
        """
        0.000  A calls 95001        | offered A; ring 8001 for A; open room A
        0.800  8001 answers         | offer accepted 8001; answer A; join A 8001
        0.801  JoinRoom fails for A | open room A; join A 8001
        0.802  JoinRoom fails for A | open room A; join A 8001
        0.803  JoinRoom fails for A | hang up 8001; requeued A; hold A; ring 8002 for A
        0.810  8001 is gone         | 8001 ready
        1.500  8002 answers         | offer accepted 8002; join A 8002
        1.502  A, 8002 enter        | answered A by 8002, wait 1.502
        """,
        agents="8001 8002",
    )


def test_a_phone_that_hangs_up_as_it_answers_rests_whenever_that_is_told() -> None:
    """C07, F01: Asterisk refuses to move a channel that is going, three times before it says that
    the phone has hung up.  The caller does not wait for that word; the phone, which would answer
    and hang up again, is let alone for the refusal's rest."""
    tell(
        """
        0.000  A calls 95001        | offered A; ring 8001 for A; open room A
        0.800  8001 answers         | offer accepted 8001; answer A; join A 8001
        0.801  JoinRoom fails for A | open room A; join A 8001
        0.802  JoinRoom fails for A | open room A; join A 8001
        0.803  JoinRoom fails for A | hang up 8001; requeued A; hold A; ring 8002 for A
        0.804  8001 begins to go    | -
        0.805  8001 is gone         | 8001 not_responding (refused)
        1.500  8002 answers         | offer accepted 8002; join A 8002
        1.502  A, 8002 enter        | answered A by 8002, wait 1.502
        """,
        agents="8001 8002",
    )


def test_a_phone_that_hangs_up_between_two_refusals_rests_too() -> None:
    """C07: the caller's own move is asked for again, and fails as well."""
    tell(
        """
        0.000  A calls 95001        | offered A; ring 8001 for A; open room A
        0.800  8001 answers         | offer accepted 8001; answer A; join A 8001
        0.801  JoinRoom fails for A | open room A; join A 8001
        0.802  8001 begins to go    | -
        0.803  JoinRoom fails for A | open room A; join A
        0.804  JoinRoom fails for A | hang up 8001; requeued A; hold A; ring 8002 for A
        0.805  8001 is gone         | 8001 not_responding (refused)
        """,
        agents="8001 8002",
    )


def test_a_phone_that_hung_up_rests_though_somebody_else_has_answered_before_it_is_gone() -> None:
    """C07: the caller is talking by then, or has left; what the phone did is the same."""
    refused = """
        0.000  A calls 95001        | offered A; ring 8001 for A; open room A
        0.800  8001 answers         | offer accepted 8001; answer A; join A 8001
        0.801  JoinRoom fails for A | open room A; join A 8001
        0.802  JoinRoom fails for A | open room A; join A 8001
        0.803  JoinRoom fails for A | hang up 8001; requeued A; hold A; ring 8002 for A
        0.804  8001 begins to go    | -
    """
    tell(
        refused
        + """
        1.500  8002 answers         | offer accepted 8002; join A 8002
        1.502  A, 8002 enter        | answered A by 8002, wait 1.502
        1.503  8001 is gone         | 8001 not_responding (refused)
        """,
        agents="8001 8002",
    )
    tell(
        refused
        + """
        0.805  A hangs up           | offer withdrawn 8002; hang up 8002
        0.806  8001 is gone         | 8001 not_responding (refused)
        0.807  8002 is gone         | 8002 ready; close room A; ended A abandoned, wait 0.805
        """,
        agents="8001 8002",
    )


def test_a_join_that_is_never_reported_lets_the_agent_go() -> None:
    """Two seconds without a word; a late word of it changes nothing."""
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.800  8001 answers  | offer accepted 8001; answer A; join A 8001
        0.802  8001 enters   | -
        2.800  time passes   | hang up 8001; requeued A; hold A
        2.801  A enters      | -
        2.810  8001 is gone  | 8001 ready; ring 8001 for A
        4.800  8001 rings    | -
        5.000  8001 answers  | offer accepted 8001; join A 8001
        5.002  A, 8001 enter | answered A by 8001, wait 5.002
        """,
        agents="8001",
    )


def test_a_holding_room_that_fails_costs_only_the_music() -> None:
    """The room is made anew; the caller keeps the place."""
    tell(
        """
        0.000  A calls 95001                | offered A; open room A
        2.000  time passes                  | picked up A; answer A; hold A; play ack to A
        2.001  JoinRoom fails for A         | open hold-emergency; hold A
        2.002  JoinRoom fails for A         | open hold-emergency; hold A
        2.003  JoinRoom fails for A         | -
        3.000  8001 asks to log in at s8001 | 8001 ready; done: ready; ring 8001 for A
        3.800  8001 answers                 | offer accepted 8001; stop ack; join A 8001
        3.802  A, 8001 enter                | answered A by 8001, wait 3.802
        """,
        away="8001",
    )


def test_a_failure_of_the_holding_room_that_comes_late_is_not_one_of_the_join() -> None:
    """The request into the holding room fails after the agent has answered."""
    story = tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        2.000  time passes   | picked up A; answer A; hold A; play ack to A
        """,
        agents="8001",
    )
    hold = dict(story.names.target)
    story.moment("2.010", "8001 answers")
    story.names.target.update(hold)
    assert story.moment("2.011", "JoinRoom fails for A") == "ignored: a join failed without harm"
    assert story.core.state.calls


def test_the_caller_leaves_while_the_join_is_tried_again() -> None:
    """A failure that comes after the caller has left is harmless."""
    tell(
        """
        0.000  A calls 95001        | offered A; ring 8001 for A; open room A
        0.800  8001 answers         | offer accepted 8001; answer A; join A 8001
        0.801  JoinRoom fails for A | open room A; join A 8001
        0.802  A hangs up           | hang up 8001
        0.803  JoinRoom fails for A | ignored: a join failed without harm
        0.810  8001 is gone         | 8001 ready; close room A; ended A abandoned, wait 0.802
        """,
        agents="8001",
    )


def test_the_agents_leg_fails_during_the_join() -> None:
    """The caller waits again at once; what the agent's phone did counts as a refusal."""
    tell(
        """
        0.000  A calls 95001         | offered A; ring 8001 for A; open room A
        0.800  8001 answers          | offer accepted 8001; answer A; join A 8001
        0.802  A enters              | -
        0.803  8001 is gone (failed) | requeued A; hold A; 8001 not_responding (refused);
                                     | ring 8002 for A
        0.805  A enters              | -
        """,
        agents="8001 8002",
    )


def test_a_second_word_of_the_same_join_is_counted_and_changes_nothing() -> None:
    """Asterisk may say twice that a leg has entered."""
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.800  8001 answers  | offer accepted 8001; answer A; join A 8001
        0.802  A enters      | -
        0.803  A enters      | ignored: joined twice
        0.804  8001 enters   | answered A by 8001, wait 0.804
        0.805  8001 enters   | ignored: joined twice
        5.000  A hangs up    | hang up 8001
        5.010  8001 is gone  | 8001 wrap_up; close room A; ended A answered, wait 0.804, talk 4.196
        """,
        agents="8001",
    )


def test_the_caller_hangs_up_before_they_are_joined() -> None:
    """Asterisk refuses the whole move while their channel ends.  The agent is brought alone, is not
    taken for gone, and nobody is rung for a caller who is leaving."""
    tell(
        """
        0.000  A calls 95001         | offered A; ring 8001 for A; open room A
        0.800  8001 answers          | offer accepted 8001; answer A; join A 8001
        0.801  A begins to go        | -
        0.802  JoinRoom fails for A  | open room A; join 8001
        0.803  JoinRoom fails for A  | open room A; join 8001
        0.810  A hangs up            | hang up 8001
        0.820  8001 is gone          | 8001 ready; close room A; ended A abandoned, wait 0.810
        """,
        agents="8001",
    )


def test_nobody_is_rung_for_a_caller_who_is_leaving() -> None:
    """Their channel has some milliseconds to end, in which somebody becomes free."""
    tell(
        """
        0.000  A calls 95001                | offered A; open room A
        1.000  A begins to go               | -
        1.001  8001 asks to log in at s8001 | 8001 ready; done: ready
        1.002  A hangs up                   | close room A; ended A abandoned, wait 1.002
        """,
        away="8001",
    )
