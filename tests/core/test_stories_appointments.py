"""Appointments: a call that was promised for a time of day is offered then to who can keep it, and
to nobody before (W34)."""

import msgspec
import pytest

from acd.core.directory import Hours
from acd.core.events import Appointment, CallbackRequested, ObligationRestored
from acd.core.facts import ObligationNoted
from acd.core.replies import Refused
from tests.core.story import EMERGENCY, ENQUIRY, EPOCH_MS, REQUEST, SYNTHETIC, Story, go_on, tell

SPECIALIST = "8011"
PERSON = "02160001"
"""Whoever the stories call 1."""

PROMISED = f"""
        1.000   an appointment for {PERSON} in enquiry at 100.000 is asked for |
          | callback to {PERSON} owed; done: owed
"""
BEGINS = f"""
        100.000 time passes | callback to {PERSON} due; placed {PERSON};
          | callback to {PERSON} taken up; ring 8011 for {PERSON}; open room {PERSON}
"""


def promised(table: str, agents: str = SPECIALIST, away: str = "") -> Story:
    return tell(PROMISED + table, agents=agents, away=away, owed=True)


def test_it_is_offered_at_its_time_to_who_serves_the_queue_and_not_before() -> None:
    """The specialist is free all the time, and so is an agent of the other queue: the one is rung
    at the time of day, the other never; a conversation keeps it."""
    story = promised(
        f"""
        {BEGINS.strip()}
        103.000 8011 answers         | offer accepted 8011;
          | dial {PERSON} over carrier-a as 02109500101
        109.000 {PERSON} answers     | dialled {PERSON}: answered; join {PERSON} 8011
        109.002 {PERSON}, 8011 enter | reached {PERSON} by 8011, wait 9.002
        129.002 {PERSON} hangs up    | hang up 8011
        129.100 8011 is gone         | 8011 wrap_up; close room {PERSON};
          | ended {PERSON} answered, talk 20.000; callback to {PERSON} ended reached
        """,
        agents="8001 8011",
    )
    assert not story.core.state.obligations
    assert not story.core.state.appointments


def test_it_rings_one_agent_though_callers_of_its_queue_would_ring_three() -> None:
    """Found by the random walk: three phones rang for one callback, and when two had not been
    answered it was neither in its line nor given up."""
    promised(
        f"""
        2.000   directory: queue enquiry widening=3 | -
        {BEGINS.strip()}
        102.000 8011 is refused with 486            | offer rejected 8011 (busy);
          | 8011 not_responding (refused); close room {PERSON}; ended {PERSON} withdrawn;
          | callback to {PERSON} put back
        """,
        agents="8011 8012",
    )


def test_it_is_shown_with_its_time_and_its_deadline_runs_from_then() -> None:
    """The queue's 15 minutes begin at the time of day; nobody being there then, it is late and the
    next person is told."""
    story = promised("", agents="")
    (owed,) = story.core.state.obligations.values()
    assert (owed.appointed_ms, owed.next_ms) == (EPOCH_MS + 100_000, EPOCH_MS + 100_000)
    assert owed.deadline_ms == EPOCH_MS + 100_000 + ENQUIRY.callback.within_ms
    go_on(
        story,
        f"""
        100.000  time passes | callback to {PERSON} due
        1000.000 time passes | callback to {PERSON} escalated late
        """,
    )


def test_promised_twice_it_is_one() -> None:
    """Whoever presses twice has promised one call; another time of day is another appointment."""
    story = promised(
        f"""
        2.000 an appointment for {PERSON} in enquiry at 100.000 is asked for | done: owed
        3.000 an appointment for {PERSON} in enquiry at 200.000 is asked for |
          | callback to {PERSON} owed; done: owed
        """
    )
    assert len(story.core.state.obligations) == 2


def test_it_outlives_the_service() -> None:
    """What PostgreSQL had open comes back with its time, and beside what else is owed to the
    number; what has come due meanwhile is tried soon."""
    owed = next(iter(promised("").core.state.obligations.values()))
    later = tell("50.000 time passes | -", agents=SPECIALIST, owed=True)
    later.step(EPOCH_MS + 50_000, ObligationRestored(owed))
    later.step(EPOCH_MS + 50_000, ObligationRestored(owed))
    assert list(later.core.state.obligations) == [owed.id]
    go_on(later, BEGINS)
    missed = tell("150.000 time passes | -", agents=SPECIALIST, owed=True)
    missed.step(EPOCH_MS + 150_000, ObligationRestored(owed))
    go_on(missed, BEGINS.replace("100.000", "160.000"))


def test_a_call_about_something_else_does_not_keep_it() -> None:
    """Who calls in the morning, and talks, is called at their time all the same; who gives up then
    is owed a call for that as well."""
    promised(
        f"""
        10.000 1 calls 95002 | offered 1; ring 8011 for 1; open room 1
        11.000 8011 answers  | offer accepted 8011; answer 1; join 1 8011
        11.002 1, 8011 enter | answered 1 by 8011, wait 1.002
        20.002 1 hangs up    | hang up 8011
        20.100 8011 is gone  | 8011 wrap_up; close room 1; ended 1 answered, wait 1.002, talk 9.000
        21.100 time passes   | 8011 ready; wrapped up 8011 1.000
        {BEGINS.strip()}
        """
    )


def test_who_is_on_the_line_when_it_comes_is_called_afterwards() -> None:
    """Their telephone is busy with us: an emergency goes on undisturbed, and is not what was
    promised."""
    promised(
        f"""
        95.000  1 calls 95001  | offered 1; ring 8001 for 1; open room 1
        96.000  8001 answers   | offer accepted 8001; answer 1; join 1 8001
        96.002  1, 8001 enter  | answered 1 by 8001, wait 1.002
        100.000 time passes    | callback to {PERSON} due
        110.000 8001 presses *31 | 8001 says responds; play response-noted to 8001
        111.002 1 hangs up     | hang up 8001
        111.100 8001 is gone   | 8001 wrap_up; close room 1;
          | ended 1 answered, wait 1.002, talk 15.000; placed {PERSON};
          | callback to {PERSON} taken up; ring 8011 for {PERSON}; open room {PERSON}
        """,
        agents="8001 8011",
    )


def test_who_calls_the_people_of_its_queue_when_it_is_due_has_kept_it() -> None:
    """They were quicker than the switch: ours is taken back, and they get the specialist."""
    story = promised(
        f"""
        {BEGINS.strip()}
        101.000 1 calls 95002 | offered 1; callback to {PERSON} handed over;
          | offer withdrawn 8011; hang up 8011; open room 1
        101.050 8011 is gone  | 8011 ready; close room {PERSON};
          | ended {PERSON} withdrawn; ring 8011 for 1
        102.000 8011 answers  | offer accepted 8011; answer 1; join 1 8011
        102.002 1, 8011 enter | answered 1 by 8011, wait 1.002
        120.002 1 hangs up    | hang up 8011
        120.100 8011 is gone  | 8011 wrap_up; close room 1;
          | ended 1 answered, wait 1.002, talk 18.000; callback to {PERSON} ended called_again
        """
    )
    assert not story.core.state.obligations


def test_who_gives_up_in_its_queue_when_it_is_due_is_called_once() -> None:
    """C02: one matter, and one call for it."""
    story = promised(
        f"""
        100.000 time passes   | callback to {PERSON} due
        101.000 1 calls 95002 | offered 1; callback to {PERSON} taken up; open room 1
        103.000 time passes   | picked up 1; answer 1; hold 1; play welcome to 1
        109.000 1 hangs up    | close room 1; ended 1 abandoned, wait 8.000;
          | callback to {PERSON} put back
        """,
        agents="",
    )
    (owed,) = story.core.state.obligations.values()
    assert (owed.unanswered, owed.next_ms) == (1, EPOCH_MS + 119_000)


def test_an_agents_own_call_keeps_it_if_they_serve_its_queue() -> None:
    """Decision 28: the specialist who dials at the time of day is the callback; an agent of another
    queue who calls the same number is not."""
    promised(
        f"""
        100.000 time passes             | callback to {PERSON} due
        101.000 8001 asks to call {PERSON} | placed {PERSON} by 8001; ring 8001 for {PERSON};
          | done: offered; open room {PERSON}
        """,
        agents="8001",
    )
    promised(
        f"""
        50.000  8011 asks to pause for meal | 8011 paused (meal); done: paused
        100.000 time passes             | callback to {PERSON} due
        101.000 8011 asks to call {PERSON} | placed {PERSON} by 8011;
          | callback to {PERSON} taken up; ring 8011 for {PERSON}; done: offered;
          | open room {PERSON}
        """
    )


def test_put_back_before_its_time_it_waits_for_it() -> None:
    """A person who took it up in the morning and gives it back has not moved it."""
    promised(
        f"""
        10.000 8011 takes it  | callback to {PERSON} taken up; done: worked
        11.000 it is put back | callback to {PERSON} put back; done: owed
        {BEGINS.strip()}
        """
    )


OFFICE = Hours(working_days=(8 * 60 + 30, 17 * 60), days_off=None)
SURGERY = Hours(working_days=(8 * 60 + 30, 17 * 60), days_off=(9 * 60, 12 * 60))
MINUTE_MS = 60_000
DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("queue", "hours", "after_ms", "minute", "on_working_day", "refused"),
    [
        (ENQUIRY.id, None, MINUTE_MS, 3 * 60, False, None),
        (ENQUIRY.id, OFFICE, MINUTE_MS, 8 * 60 + 30, True, None),
        (ENQUIRY.id, OFFICE, MINUTE_MS, 17 * 60 - 1, True, None),
        (ENQUIRY.id, OFFICE, MINUTE_MS, 17 * 60, True,
         "Queue enquiry is not there at that time: it is on working days 08:30–17:00 and not "
         "there on days off."),
        (ENQUIRY.id, OFFICE, MINUTE_MS, 10 * 60, False,
         "Queue enquiry is not there at that time: it is on working days 08:30–17:00 and not "
         "there on days off."),
        (ENQUIRY.id, SURGERY, MINUTE_MS, 10 * 60, False, None),
        (ENQUIRY.id, SURGERY, MINUTE_MS, 8 * 60 + 45, False,
         "Queue enquiry is not there at that time: it is on working days 08:30–17:00 and on "
         "days off 09:00–12:00."),
        (ENQUIRY.id, None, 0, 600, True,
         "An appointment is for a time that comes within the next 92 days."),
        (ENQUIRY.id, None, 92 * DAY_MS + 1, 600, True,
         "An appointment is for a time that comes within the next 92 days."),
        (EMERGENCY.id, None, MINUTE_MS, 600, True,
         "Queue emergency is for emergencies, which wait for no appointment."),
    ],
)  # fmt: skip
def test_what_cannot_be_promised_is_refused_in_a_sentence(
    queue: str, hours: Hours | None, after_ms: int, minute: int, on_working_day: bool,
    refused: str | None,
) -> None:  # fmt: skip
    """The queue's hours are minutes where the callers live; nothing is owed by a refusal."""
    with_hours = msgspec.structs.replace(ENQUIRY, hours=hours)
    story = tell("1.000 time passes | -", queues=(EMERGENCY, with_hours, SYNTHETIC), owed=True)
    now_ms = EPOCH_MS + 2_000
    wanted = Appointment(at_ms=now_ms + after_ms, minute=minute, on_working_day=on_working_day)
    effects = story.core.step(
        now_ms,
        CallbackRequested(
            request=REQUEST, queue=msgspec.convert(queue, type(ENQUIRY.id)), number=PERSON,
            appointment=wanted,
        ),
    )  # fmt: skip
    sentences = [one.sentence for one in effects if isinstance(one, Refused)]
    assert sentences == ([] if refused is None else [refused])
    assert any(isinstance(one, ObligationNoted) for one in effects) == (refused is None)
