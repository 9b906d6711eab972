"""Stories of callbacks instead of waiting, and of calls owed after our fault (V06, V11, V14)."""

import msgspec
import pytest

from acd.core.scripts import Treatment
from acd.core.tables import CALL, CallMove, CallState
from tests.core.story import EMERGENCY, ENQUIRY, SYNTHETIC, go_on, tell

OFFERED = msgspec.structs.replace(
    ENQUIRY,
    promise_ms=600_000,
    treatment=Treatment(
        comfort="comfort",
        comfort_every_ms=10_000,
        callback_from_ms=10_000,
        reply_within_ms=1_800_000,
    ),
)
QUEUES = (
    msgspec.structs.replace(EMERGENCY, treatment=OFFERED.treatment), OFFERED, SYNTHETIC
)  # fmt: skip

LONG_WAIT = """
     0.000  A calls 95002  | offered A; open room A
     2.000  time passes    | picked up A; answer A; hold A; play welcome to A
     4.000  A has heard it | -
    14.000  time passes    | play comfort caller-callback-offer to A
    16.000  A presses 1    | stop comfort caller-callback-offer;
                           | play caller-callback-number digit-0 digit-2 digit-1 digit-6
                           | digit-0 digit-0 digit-0 caller-callback-right to A
    """
"""A caller of a busy line is offered a callback, wants one, and is read the number."""

FROM_THE_MENU = """
     0.000  A calls 95003  | offered A; picked up A; answer A; play menu to A
     1.000  A presses 4    | stop menu; menu main 4: callback;
                           | play caller-callback-number digit-0 digit-2 digit-1 digit-6
                           | digit-0 digit-0 digit-0 caller-callback-right to A
    """
"""The same, by a key of the menu."""


def test_a_caller_goes_and_keeps_the_place() -> None:
    """V11: offered when the wait is long; the number is read back, the deadline told; what is owed
    keeps the arrival."""
    story = go_on(
        tell(LONG_WAIT, queues=QUEUES),
        """
        18.000  A presses 1    | stop caller-callback-number digit-0 digit-2 digit-1 digit-6
                               | digit-0 digit-0 digit-0 caller-callback-right;
                               | owed callback to A at 0216000A in 1800000;
                               | play caller-callback-noted caller-reply-within number-3 number-10
                               | caller-within-minutes caller-goodbye to A
        25.000  A has heard it | hang up A
        28.001  A is gone      | close room A; ended A callback, wait 28.001
        """,
    )
    assert not story.core.state.lines[OFFERED.id].order


def test_an_agent_who_answers_meanwhile_goes_before() -> None:
    """Nobody gives their place up by asking: the caller is in the line until it is settled."""
    go_on(
        tell(LONG_WAIT, away="8011", queues=QUEUES),
        """
        17.000  8011 asks to log in at s8011 | 8011 ready; done: ready; ring 8011 for A
        18.000  8011 answers   | offer accepted 8011;
                               | stop caller-callback-number digit-0 digit-2 digit-1 digit-6
                               | digit-0 digit-0 digit-0 caller-callback-right; join A 8011
        18.002  A, 8011 enter  | answered A by 8011, wait 18.002
        19.000  A presses 1    | ignored: a digit with no meaning here
        """,
    )


def test_a_phone_that_rings_for_who_goes_is_withdrawn() -> None:
    tell(
        """
         0.000  A calls 95003  | offered A; picked up A; answer A; play menu to A
         1.000  A presses 0    | stop menu; menu main 0: queue; queued A in enquiry; hold A;
                               | play welcome to A; open room A
         3.000  A has heard it | -
        13.000  time passes    | play comfort caller-callback-offer to A
        16.000  A presses 1    | stop comfort caller-callback-offer;
                               | play caller-callback-number digit-0 digit-2 digit-1 digit-6
                               | digit-0 digit-0 digit-0 caller-callback-right to A
        17.000  8011 asks to log in at s8011 | 8011 ready; done: ready; ring 8011 for A
        17.500  8011 rings     | -
        18.000  A presses 1    | stop caller-callback-number digit-0 digit-2 digit-1 digit-6
                               | digit-0 digit-0 digit-0 caller-callback-right;
                               | owed callback to A at 0216000A in 1800000;
                               | offer withdrawn 8011; hang up 8011;
                               | play caller-callback-noted caller-reply-within number-3 number-10
                               | caller-within-minutes caller-goodbye to A
        18.010  8011 is gone   | 8011 ready
        19.000  A hangs up     | close room A; ended A callback, wait 19.000
        """,
        away="8011",
        queues=QUEUES,
    )


def test_another_number_is_keyed_in_and_read_back() -> None:
    """V01: digits until #; what is too short is asked for again."""
    go_on(
        tell(FROM_THE_MENU, queues=QUEUES),
        """
         2.000  A presses 2    | stop caller-callback-number digit-0 digit-2 digit-1 digit-6
                               | digit-0 digit-0 digit-0 caller-callback-right;
                               | play caller-callback-key-in to A
         3.000  A presses 1; A presses # | stop caller-callback-key-in;
                               | play caller-callback-bad-number caller-callback-key-in to A
         4.000  A presses 8; A presses 0; A presses 1 | stop caller-callback-bad-number
                               | caller-callback-key-in
         8.000  time passes    | play caller-callback-number digit-8 digit-0 digit-1
                               | caller-callback-right to A
         9.000  A presses 1    | stop caller-callback-number digit-8 digit-0 digit-1
                               | caller-callback-right;
                               | owed callback to A at 801 in 1800000;
                               | play caller-callback-noted caller-reply-within number-3 number-10
                               | caller-within-minutes caller-goodbye to A
        """,
    )


def test_who_says_nothing_waits_on_for_people() -> None:
    """After three questions without an answer the caller is still in the line, or comes there."""
    go_on(
        tell(FROM_THE_MENU, queues=QUEUES),
        """
         2.000  A presses 7    | stop caller-callback-number digit-0 digit-2 digit-1 digit-6
                               | digit-0 digit-0 digit-0 caller-callback-right;
                               | play caller-callback-number digit-0 digit-2 digit-1 digit-6
                               | digit-0 digit-0 digit-0 caller-callback-right to A
         4.000  A has heard it | -
        12.000  time passes    | play caller-callback-number digit-0 digit-2 digit-1 digit-6
                               | digit-0 digit-0 digit-0 caller-callback-right to A
        14.000  A has heard it | -
        22.000  time passes    | queued A in enquiry; hold A; play welcome to A; open room A
        """,
    )


def test_a_key_before_the_offer_means_nothing() -> None:
    """Whoever waits is asked nothing yet."""
    tell(
        """
         0.000  A calls 95002  | offered A; open room A
         1.000  A presses 1    | ignored: a digit with no meaning here
        """,
        queues=QUEUES,
    )


def test_an_emergency_is_never_put_off() -> None:
    """C13, V14: no callback is offered, and no key means one."""
    tell(
        """
         0.000  A calls 95001  | offered A; open room A
         2.000  time passes    | picked up A; answer A; hold A; play ack to A
         4.000  A has heard it | -
        14.000  time passes    | play comfort to A
        16.000  A presses 1    | ignored: a digit with no meaning here
        """,
        queues=QUEUES,
    )


def test_a_caller_whom_we_failed_is_owed_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """V14: the dialplan apologises and finds people; that somebody calls back is written down.  For
    emergencies it is not this promise of hours that counts."""
    cells = {**CALL._cells}
    del cells[CallState.WAITING, CallMove.OFFERED]
    monkeypatch.setattr(CALL, "_cells", cells)
    for entry, owed in (
        ("95002", " owed callback to A at 0216000A in 1800000 (system failure);"),
        ("95001", ""),
    ):
        number = "8011" if entry == "95002" else "8001"
        tell(
            f"""
            0.000  A calls {entry}  | offered A; open room A
            1.000  {number} asks to log in at s{number} | {number} ready; done: ready;
                                  | defect: call in state waiting met offered;
                                  | hand A to fallback; close room A;{owed}
                                  | ended A fallback, wait 1.000
            """,
            away=number,
            queues=QUEUES,
            strict=False,
        )
