"""Stories of the word that comes when the call is over: dialled, or by the API, in wrap-up (E33,
C07)."""

import msgspec

from acd.core.emergency import afterword
from prompts.texts import load
from tests.core.story import QUEUES, Story, go_on, tell

NOTES = tuple(
    msgspec.structs.replace(queue, wrap_up_ms=30_000) if queue.id == "emergency" else queue
    for queue in QUEUES
)
"""Time to write them."""


def hung_up_on() -> Story:
    """Tell of an elder who spoke, and hung up before the agent has said how it went."""
    return tell(
        """
         0.000  1 calls 95001      | offered 1; ring 8001 for 1; open room 1
         1.000  8001 answers       | offer accepted 8001; answer 1; join 1 8001
         1.002  1, 8001 enter      | answered 1 by 8001, wait 1.002; listen to 1; detect 8001
         1.500  1 is heard: speech | responded 1 after 0.498
        12.000  1 hangs up         | hang up 8001
        12.010  8001 is gone       | 8001 wrap_up; close room 1;
                                   | ended 1 answered, wait 1.002, talk 10.998;
                                   | callback to 02160001 owed
        """,
        agents="8001",
        queues=NOTES,
        silence=True,
        owed=True,
    )


def given_up_on() -> Story:
    """Tell of an elder who gave up, and is being called back for it."""
    return tell(
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
        """,
        agents="8001",
        queues=NOTES,
        owed=True,
    )


def test_the_word_is_dialled_while_the_notes_are_written() -> None:
    """E33: the elder has hung up first; *31 and *20 are about that call, until notes are over."""
    go_on(
        hung_up_on(),
        """
        13.000  8001 dials *2077       | answer desk 8001; refused unknown_outcome;
                                       | play refused-unknown-outcome to desk 8001
        14.000  desk 8001 has heard it | hang up desk 8001
        14.010  desk 8001 is gone      | -
        15.000  8001 dials *31         | answer desk 8001; 8001 notes responded;
                                       | callback to 02160001 ended done;
                                       | play response-noted to desk 8001
        16.000  desk 8001 has heard it | hang up desk 8001
        16.010  desk 8001 is gone      | -
        42.010  time passes            | 8001 ready; wrapped up 8001 30.000
        43.000  8001 dials *31         | answer desk 8001; refused no_conversation;
                                       | play agent-refused-in-this-state to desk 8001
        """,
    )


def test_the_word_is_said_by_the_api_while_the_notes_are_written() -> None:
    """C07: an outcome that says so leaves the callback owed; nothing else can be done with a call
    that is over."""
    go_on(
        hung_up_on(),
        """
        13.000  somebody asks to outcome 1 with 10          | 8001 notes no response;
                                                            | done: wrap_up
        14.000  somebody asks to hold 1                     | refused unknown_call;
                                                            | no: There is no live call 7-1.
        15.000  somebody asks to outcome 1 for 8001 with 02 | 8001 notes safe;
                                                            | callback to 02160001 ended done;
                                                            | done: wrap_up
        42.010  time passes                                 | 8001 ready; wrapped up 8001 30.000
        """,
    )


def test_every_prompt_can_be_said() -> None:
    """V04: one source for all words."""
    assert set(afterword.PROMPTS) <= set(load().prompts)


def test_the_word_in_the_notes_is_enough_for_who_has_called_again() -> None:
    """E34: the elder gave up, calls again and is served; the word comes when they have hung up.
    They are not called back at once, nor after the word."""
    go_on(
        given_up_on(),
        """
         2.300  C calls 95001 as 5                       | offered C;
                                                         | callback to 02160005 handed over;
                                                         | offer withdrawn 8001; hang up 8001;
                                                         | open room C
         2.310  8001 is gone                             | 8001 ready; close room 02160005;
                                                         | ended 02160005 withdrawn;
                                                         | ring 8001 for C
         4.000  8001 answers                             | offer accepted 8001; answer C;
                                                         | join C 8001
         4.002  C, 8001 enter                            | answered C by 8001, wait 1.702
         6.000  C hangs up                               | hang up 8001
         6.010  8001 is gone                             | 8001 wrap_up; close room C; ended C
                                                         | answered, wait 1.702, talk 1.998;
                                                         | callback to 02160005 put back
         8.010  time passes                              | -
         9.000  8001 dials *2002                         | answer desk 8001; 8001 notes safe;
                                                         | callback to 02160005 ended done;
                                                         | play outcome-noted to desk 8001
         9.100  desk 8001 has heard it                   | hang up desk 8001
         9.110  desk 8001 is gone                        | -
        26.010  time passes                              | -
        """,
    )


def test_the_word_in_the_notes_is_enough_for_who_was_called_back() -> None:
    """E34: or an elder who has talked with an agent would be called again and again."""
    go_on(
        given_up_on(),
        """
         3.000  8001 answers                             | offer accepted 8001;
                                                         | dial 02160005 over carrier-a as 95001
         4.000  02160005 answers                         | dialled 02160005: answered;
                                                         | join 02160005 8001
         4.002  02160005, 8001 enter                     | reached 02160005 by 8001, wait 1.792
         6.000  02160005 hangs up                        | hang up 8001
         6.010  8001 is gone                             | 8001 wrap_up; close room 02160005;
                                                         | ended 02160005 answered, talk 1.998;
                                                         | callback to 02160005 put back
        16.010  time passes                              | -
        17.000  8001 dials *2002                         | answer desk 8001; 8001 notes safe;
                                                         | callback to 02160005 ended reached;
                                                         | play outcome-noted to desk 8001
        17.100  desk 8001 has heard it                   | hang up desk 8001
        17.110  desk 8001 is gone                        | -
        26.010  time passes                              | -
        """,
    )
