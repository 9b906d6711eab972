"""Agents kept for a callback or an outbound call: not free, visible, and never for ever."""

from tests.core.story import tell


def test_a_reserved_agent_is_not_offered_calls_until_released() -> None:
    """The caller waits although the agent's phone is idle; the release serves them at once, and
    the agent has kept the place among the idle."""
    tell(
        """
        0.000  8001 is to be reserved for callback, 60 s | 8001 reserved (callback); done: reserved
        1.000  A calls 95001                             | offered A; open room A
        2.000  8001 is to be released                    | 8001 ready; done: ready; ring 8001 for A
        """,
        agents="8001",
    )


def test_a_reservation_ends_by_itself() -> None:
    """freeswitch#1062, #2540: nobody stays reserved for ever."""
    tell(
        """
        0.000  8001 is to be reserved for callback, 1.5 s | 8001 reserved (callback);
                                                          | done: reserved
        1.000  A calls 95001                              | offered A; open room A
        1.500  time passes                                | 8001 ready; ring 8001 for A
        1.600  8001 is to be released                     | refused not_reserved;
                                                          | no: Agent 8001 is offered, not reserved.
        """,
        agents="8001",
    )


def test_nobody_reserves_an_agent_for_longer_than_five_minutes() -> None:
    """Whatever is asked for."""
    tell(
        """
          0.000  8001 is to be reserved for callback, 9000 s | 8001 reserved (callback);
                                                             | done: reserved
        300.000  time passes                                 | 8001 ready
        """,
        agents="8001",
    )


def test_the_agents_own_wish_ends_a_reservation() -> None:
    """T37: pause, log-out and ready mean what they say, and the time limit is forgotten."""
    for request, follows in (
        ("asks to be ready", "8001 ready; done: ready"),
        ("asks to pause for rest", "8001 paused (rest); done: paused"),
        ("asks to log out", "8001 logged_out; done: logged_out"),
    ):
        tell(
            f"""
            0.000  8001 is to be reserved for callback, 5 s | 8001 reserved (callback);
                                                            | done: reserved
            1.000  8001 {request}                           | {follows}
            9.000  time passes                              | -
            """,
            agents="8001",
        )


def test_a_reserved_agents_phone_that_goes_makes_them_not_responding() -> None:
    """Staffed is never believed of an empty chair; a private call meanwhile changes nothing."""
    tell(
        """
        0.000  8001 is to be reserved for callback, 5 s | 8001 reserved (callback); done: reserved
        1.000  phone 8001 is busy                       | -
        2.000  phone 8001 is gone                       | 8001 not_responding (unreachable)
        9.000  phone 8001 is there                      | 8001 ready
        """,
        agents="8001",
    )


def test_who_is_not_free_cannot_be_reserved() -> None:
    """A refusal that says why, and nothing has changed."""
    tell(
        """
        0.000  8001 is to be reserved for callback, 5 s | 8001 reserved (callback); done: reserved
        0.100  8001 is to be reserved for callback, 5 s | refused not_free;
                                                        | no: Agent 8001 is reserved, not free.
        0.200  phone 8002 is busy                       | -
        0.300  8002 is to be reserved for callback, 5 s | refused not_free;
                                                        | no: Agent 8002 is on the phone, not free.
        0.400  8003 is to be reserved for callback, 5 s | refused not_logged_in;
                                                        | no: Agent 8003 is not logged in;
                                                        | log in first (*60).
        0.500  8009 is to be reserved for callback, 5 s | refused unknown_agent;
                                                        | no: There is no agent 8009.
        0.600  8002 is to be released                   | refused not_reserved;
                                                        | no: Agent 8002 is ready, not reserved.
        0.700  8009 is to be released                   | refused unknown_agent;
                                                        | no: There is no agent 8009.
        """,
        agents="8001 8002",
        away="8003",
    )
