"""Callbacks and other obligations: owed to whoever was not served, taken up without taking agents
from those on the line, told apart, escalated, and ended with a reason (C02, E34, T14, W16, O11)."""

import msgspec
import pytest

from acd.core.directory import Callback
from acd.core.events import CallbackRequested, ObligationRestored
from acd.core.facts import ObligationNoted
from acd.core.ids import CallId, ObligationId
from acd.core.invariants import check_all
from acd.core.tables import ObligationState
from tests.core.story import EMERGENCY, ENQUIRY, EPOCH_MS, REQUEST, SYNTHETIC, Story, go_on, tell

ELDER = "02160001"
"""Whoever the stories call 1."""

OTHER = "02160003"
"""And 3."""

GIVES_UP = f"""
        0.000  1 calls 95001 without contacts | offered 1; open room 1
        2.000  time passes    | picked up 1; answer 1; hold 1; play ack to 1
        5.000  1 hangs up     | close room 1; ended 1 abandoned, wait 5.000;
          | callback to {ELDER} owed
"""
BEGINS = f"""
        7.000  time passes | callback to {ELDER} due; placed {ELDER}; callback to {ELDER} taken up;
          | ring 8001 for {ELDER}; open room {ELDER}
"""
DIALLED = f"""
        6.000  8001 asks to log in at s8001 | 8001 ready; done: ready
        {BEGINS.strip()}
        8.000  8001 answers | offer accepted 8001; dial {ELDER} over carrier-a as 95001
"""
"""The entry's own number is shown, for a terminal may trust no other."""


def owed(table: str, away: str = "8001", agents: str = "") -> Story:
    return tell(GIVES_UP + table, away=away, agents=agents, owed=True)


def test_an_abandoned_emergency_is_called_back_by_an_agent() -> None:
    """E34, C02: an agent first, then the number, joined at the answer; it counts as reached."""
    owed(
        DIALLED
        + f"""
        9.000  {ELDER} rings        | play tone:ring to 8001
        15.000 {ELDER} answers      | dialled {ELDER}: answered; stop tone:ring; join {ELDER} 8001
        15.002 {ELDER}, 8001 enter  | reached {ELDER} by 8001, wait 8.002
        35.000 time passes          | callback to {ELDER} escalated late
        44.000 8001 presses *31     | 8001 says responds; play response-noted to 8001
        45.002 {ELDER} hangs up     | hang up 8001
        45.100 8001 is gone         | 8001 wrap_up; close room {ELDER};
          | ended {ELDER} answered, talk 30.000; callback to {ELDER} ended reached late
        """
    )


def test_a_callback_is_moved_or_raised_before_there_is_anybody_on_it() -> None:
    """T06, found by the random walk: whom we call has no leg yet that could hear music, and does
    not stand among the callers who wait."""
    story = owed(
        f"""
        6.000  8001 asks to log in at s8001 | 8001 ready; done: ready
        {BEGINS.strip()}
        7.100  8090 asks to log in at s8090 | 8090 ready; done: ready
        7.200  8090 asks to move {ELDER} to enquiry | offer withdrawn 8001; hang up 8001;
          | 8090 steers {ELDER} move; done: move; ring 8090 for {ELDER}
        7.300  8090 asks to raise {ELDER} | 8090 steers {ELDER} raise; done: raise
        """,
        away="8001 8090",
    )
    assert check_all(story.core.state) == []


def test_every_unanswered_call_of_one_matter_counts() -> None:
    """C02: a redial is the same matter, and one conversation makes both calls good; a call that an
    agent had answered before it was cut off is not among them."""
    story = owed("")
    story.moment("5.500", "2 calls 95001 as 1")
    story.moment("6.500", "2 hangs up")
    (standing,) = story.core.state.obligations.values()
    assert (standing.number, standing.unanswered) == (ELDER, 2)

    cut = tell(
        """
        0.000  1 calls 95002      | offered 1; ring 8011 for 1; open room 1
        1.000  8011 answers       | offer accepted 8011; answer 1; join 1 8011
        1.002  1, 8011 enter      | answered 1 by 8011, wait 1.002
        9.000  1 is gone (lost)   | repaired: leg was gone; hang up 8011
        9.010  8011 is gone       | 8011 wrap_up; close room 1;
                                  | ended 1 answered, wait 1.002, talk 7.998
        """,
        agents="8011",
    )
    (dropped,) = cut.core.state.obligations.values()
    assert (dropped.why, dropped.unanswered) == ("dropped", 0)


LEAVES_A_MESSAGE = f"""
         0.000  1 calls 95003     | offered 1; picked up 1; answer 1; play menu to 1
         1.000  1 presses 3       | stop menu; menu main 3: voicemail;
                                  | play caller-leave-message beep to 1
         5.000  1 has heard it    | record 1
         9.000  1 hangs up        | owed message of 4.000 to 1 at {ELDER} in 7200000;
                                  | callback to {ELDER} owed; ended 1 voicemail, wait 9.000;
                                  | callback to {ELDER} called again
"""


def test_a_message_stands_in_what_is_owed_for_it() -> None:
    """V03, V06: whoever calls back knows that there is something to listen to, and what; a second
    message of the same number belongs to the same matter."""
    story = tell(LEAVES_A_MESSAGE, owed=True)
    (standing,) = story.core.state.obligations.values()
    assert (standing.why, standing.unanswered) == ("voicemail", 1)
    assert standing.messages == ("hl-m7-1.wav",)
    for at, what in (
        ("9.500", "2 calls 95003 as 1"),
        ("10.000", "2 presses 3"),
        ("14.000", "2 has heard it"),
        ("18.000", "2 hangs up"),
    ):
        story.moment(at, what)
    (same,) = story.core.state.obligations.values()
    assert same.id == standing.id
    assert (same.messages, same.unanswered) == (("hl-m7-1.wav", "hl-m7-2.wav"), 2)


def test_a_task_says_what_is_to_be_done() -> None:
    """V16, V03: from a menu's key, or from an agent who has promised it in a call."""
    story = tell(
        """
         0.000  1 calls 95003     | offered 1; picked up 1; answer 1; play menu to 1
         1.000  1 presses 5       | stop menu; menu main 5: task fax;
                                  | owed task to 1 at 02160001 in 7200000 (fax);
                                  | play caller-task-noted caller-reply-within number-two-of
                                  | caller-within-hours caller-goodbye to 1
        """
    )
    story.step(
        EPOCH_MS + 2_000,
        CallbackRequested(
            request=REQUEST,
            queue=ENQUIRY.id,
            number="02160000009",
            is_task=True,
            about="老年卡材料",
            call=CallId("7-1"),
        ),
    )
    first, second = story.core.state.obligations.values()
    assert (first.kind, first.about, first.call) == ("task", "fax", "7-1")
    assert (second.kind, second.about, second.call) == ("task", "老年卡材料", "7-1")
    assert second.next_ms is None  # nobody is dialled for it by itself


def test_a_care_call_that_was_promised_is_not_done_without_a_summary() -> None:
    """D26: as the revisit of an emergency; the switch dials for neither by itself."""
    story = tell("0.000  time passes | -", agents="8011", owed=True)
    story.step(
        EPOCH_MS + 2_000,
        CallbackRequested(
            request=REQUEST, queue=ENQUIRY.id, number="02160000009", is_task=True,
            is_revisit=True, about="关爱电话",
        ),
    )  # fmt: skip
    (promised,) = story.core.state.obligations.values()
    assert (promised.kind, promised.why, promised.next_ms) == ("task", "revisit", None)
    assert story.moment("3.000", "the revisit is done").startswith("refused summary_missing")
    told = story.moment("4.000", "the revisit is done by 8011: 身体好，按时服药")
    assert told == ("task to 02160000009 assigned; task to 02160000009 ended done; done: done")


def test_without_an_agent_the_elder_is_dialled_all_the_same() -> None:
    """20 s and nobody is free: the line is held, and the elder is the most urgent (issue 4)."""
    owed(
        f"""
        7.000  time passes    | callback to {ELDER} due; placed {ELDER};
          | callback to {ELDER} taken up; open room {ELDER}
        27.000 time passes    | dial {ELDER} over carrier-a as 95001
        29.000 {ELDER} rings  | -
        33.000 {ELDER} answers | dialled {ELDER}: answered; hold {ELDER}; play ack to {ELDER}
        34.000 2 calls 95001  | offered 2; open room 2
        34.500 8001 asks to log in at s8001 | 8001 ready; done: ready; ring 8001 for {ELDER}
        """
    )


@pytest.mark.parametrize(
    ("sip", "result", "again"),
    [("486", "busy", "15.010"), ("603", "rejected", "20.010"), ("480", "no_answer", "20.010")],
)
def test_what_the_line_says_decides_when_it_is_tried_again(
    sip: str, result: str, again: str
) -> None:
    """C24: busy is tried again in 5 s and is no attempt; the others in 10 s, and after the first of
    them a case is open (C06): with no contact to call, somebody has to send 110.  So it is after
    busy, unless the elder has called us within the 5 s."""
    opened = (
        "case opened; task report owed; task revisit owed; task leader owed; task send_police owed"
    )
    case, later = ("", f" {opened};") if result == "busy" else (f"; {opened}", "")
    prompt = f"outbound-{result.replace('_', '-')}"
    story = owed(
        DIALLED
        + f"""
        9.000  {ELDER} is refused with {sip} | dialled {ELDER}: {result}; play {prompt} to 8001
        10.000 8001 has heard it   | hang up 8001
        10.010 8001 is gone        | 8001 ready; close room {ELDER}; ended {ELDER} {result};
          | callback to {ELDER} put back{case}
        {again} time passes        | callback to {ELDER} due;{later} placed {ELDER};
          | callback to {ELDER} taken up; case another call; ring 8001 for {ELDER};
          | open room {ELDER}
        """
    )
    standing = next(iter(story.core.state.obligations.values()))
    assert (standing.attempts, standing.busy) == ((0, 1) if result == "busy" else (1, 0))


def test_a_redial_of_the_same_terminal_takes_it_over() -> None:
    """One matter, one leg: ours is taken back, and the agent gets theirs."""
    story = owed(
        DIALLED
        + f"""
        9.000  1 calls 95001 | offered 1; callback to {ELDER} handed over;
          | dialled {ELDER}: withdrawn; hang up {ELDER}; hang up 8001; open room 1
        9.050  8001 is gone  | 8001 ready; ring 8001 for 1
        9.060  {ELDER} is gone | close room {ELDER}; ended {ELDER} withdrawn
        10.000 8001 answers  | offer accepted 8001; answer 1; join 1 8001
        10.002 1, 8001 enter | answered 1 by 8001, wait 1.002
        35.000 time passes   | callback to {ELDER} escalated late
        39.000 8001 presses *31 | 8001 says responds; play response-noted to 8001
        40.000 1 hangs up    | hang up 8001
        40.100 8001 is gone  | 8001 wrap_up; close room 1; ended 1 answered, wait 1.002,
          | talk 29.998; callback to {ELDER} ended called_again late
        """
    )
    assert not story.core.state.obligations


def test_busy_may_be_the_elder_calling_us() -> None:
    """Busy, and their call within 5 s: a join, not a failure."""
    owed(
        DIALLED
        + f"""
        9.000  {ELDER} is refused with 486 | dialled {ELDER}: busy; play outbound-busy to 8001
        10.000 8001 has heard it   | hang up 8001
        10.010 8001 is gone        | 8001 ready; close room {ELDER}; ended {ELDER} busy;
          | callback to {ELDER} put back
        12.000 1 calls 95001       | offered 1; callback to {ELDER} taken up; ring 8001 for 1;
          | open room 1
        """
    )


def test_a_caller_who_gives_up_again_is_owed_it_still() -> None:
    """One obligation, with the first place in line."""
    story = owed(
        f"""
        5.500  1 calls 95001 | offered 1; callback to {ELDER} taken up; open room 1
        6.500  1 hangs up    | close room 1; ended 1 abandoned, wait 1.000;
          | callback to {ELDER} put back
        """
    )
    (standing,) = story.core.state.obligations.values()
    assert standing.since_ms == story.core.state.now - 6_500


def test_a_number_that_is_on_the_line_holds_up_no_other_callback() -> None:
    """E34: an agent has given a caller to the first of two elders, and they talk long; what is owed
    to that number waits for the end of it, and the other elder for nothing."""
    owed(
        f"""
        5.500  8001 asks to log in at s8001   | 8001 ready; done: ready
        5.600  2 calls 95001 without contacts | offered 2; ring 8001 for 2; open room 2
        5.700  8001 answers                   | offer accepted 8001; answer 2; join 2 8001
        5.702  2, 8001 enter                  | answered 2 by 8001, wait 0.102
        5.800  8001 presses *11{ELDER}#       | dial {ELDER} over carrier-a as 02109500101;
          | blind 2 to {ELDER} by 8001; open side 2; aside 8001; hold 2
        6.000  3 calls 95001 without contacts | offered 3; open room 3
        6.600  3 hangs up                     | close room 3; ended 3 abandoned, wait 0.600;
          | callback to {OTHER} owed
        7.000  time passes                    | callback to {ELDER} due
        7.800  time passes                    | hang up 8001
        8.600  time passes                    | callback to {OTHER} due; placed {OTHER};
          | callback to {OTHER} taken up; open room {OTHER}
        """
    )


def test_callbacks_do_not_starve_live_callers() -> None:
    """FreePBX issue-tracker#621: callbacks that take the agents live callers need, or lose their
    place.  Two are owed and one agent is free: one begins; the caller who comes then waits for
    nobody but them, and the second callback waits behind that caller."""
    tell(
        """
        0.000  1 calls 95002 | offered 1; open room 1
        1.000  2 calls 95002 | offered 2; open room 2
        2.000  time passes   | picked up 1; answer 1; hold 1; play welcome to 1
        3.000  time passes   | picked up 2; answer 2; hold 2; play welcome to 2
        5.000  2 hangs up    | close room 2; ended 2 abandoned, wait 4.000;
          | callback to 02160002 owed
        6.000  1 hangs up    | close room 1; ended 1 abandoned, wait 6.000;
          | callback to 02160001 owed
        15.000 time passes   | callback to 02160002 due
        16.000 time passes   | callback to 02160001 due
        17.000 8011 asks to log in at s8011 | 8011 ready; done: ready; placed 02160001;
          | callback to 02160001 taken up; ring 8011 for 02160001; open room 02160001
        18.000 3 calls 95002 | offered 3; open room 3
        19.000 8011 is gone (busy) | offer rejected 8011 (busy); 8011 not_responding (refused);
          | close room 02160001; ended 02160001 withdrawn; callback to 02160001 put back
        20.000 time passes | picked up 3; answer 3; hold 3; play welcome to 3
        21.000 time passes | 8011 ready; ring 8011 for 3
        """,
        away="8011",
        owed=True,
    )


def test_an_emergency_never_waits_for_that() -> None:
    """A caller waits in its queue, and it begins all the same, at the place it had."""
    owed(
        f"""
        6.000  2 calls 95001 | offered 2; open room 2
        7.000  time passes   | callback to {ELDER} due; placed {ELDER};
          | callback to {ELDER} taken up; open room {ELDER}
        7.500  8001 asks to log in at s8001 | 8001 ready; done: ready; ring 8001 for {ELDER}
        """
    )


def test_who_gives_up_at_once_is_owed_nothing() -> None:
    """C02: a slip of the finger on a line for questions; emergencies are always owed."""
    tell(
        """
        0.000  1 calls 95002 | offered 1; open room 1
        1.500  1 hangs up    | close room 1; ended 1 abandoned, wait 1.500
        2.000  2 calls 95001 | offered 2; open room 2
        2.500  2 hangs up    | close room 2; ended 2 abandoned, wait 0.500;
          | callback to 02160002 owed
        """,
        owed=True,
    )


def test_a_house_may_owe_each_of_those_too() -> None:
    """T14, C02: with ``short_ms`` 0 there is no call that counts as a mistake."""
    each = msgspec.structs.replace(ENQUIRY, callback=Callback(short_ms=0))
    tell(
        """
        0.000  1 calls 95002 | offered 1; open room 1
        0.000  1 hangs up    | close room 1; ended 1 abandoned, wait 0.000;
          | callback to 02160001 owed
        """,
        queues=(EMERGENCY, each, SYNTHETIC),
        owed=True,
    )


def test_who_calls_without_a_number_becomes_somebodys_task() -> None:
    """Nobody can be dialled; somebody has to find out who it was."""
    tell(
        """
        0.000  A calls 95001 | offered A; open room A
        1.500  A hangs up    | close room A; ended A abandoned, wait 1.500;
          | task to nobody knows owed
        31.500 time passes   | task to nobody knows escalated late
        61.500 time passes   | task to nobody knows escalated late
        """,
        owed=True,
    )


def test_a_test_call_is_owed_nothing() -> None:
    tell(
        """
        0.000  1 calls 95009 | offered 1; open room 1
        1.500  1 hangs up    | close room 1; ended 1 abandoned, wait 1.500
        """,
        owed=True,
    )


def test_after_so_many_attempts_it_is_a_persons() -> None:
    """Escalated, no longer dialled by itself, and never dropped until a person says why."""
    rules = Callback(attempts_max=1, first_ms=1_000)
    enquiry = msgspec.structs.replace(ENQUIRY, callback=rules)
    story = tell(
        """
        0.000  1 calls 95002 | offered 1; open room 1
        2.000  time passes   | picked up 1; answer 1; hold 1; play welcome to 1
        5.000  1 hangs up    | close room 1; ended 1 abandoned, wait 5.000;
          | callback to 02160001 owed
        5.500  8011 asks to log in at s8011 | 8011 ready; done: ready
        6.000  time passes   | callback to 02160001 due; placed 02160001;
          | callback to 02160001 taken up; ring 8011 for 02160001; open room 02160001
        7.000  8011 answers  | offer accepted 8011; dial 02160001 over carrier-a as 02109500101
        8.000  02160001 is refused with 603 | dialled 02160001: rejected;
          | play outbound-rejected to 8011
        9.000  8011 has heard it | hang up 8011
        9.010  8011 is gone  | 8011 ready; close room 02160001; ended 02160001 rejected;
          | callback to 02160001 put back; callback to 02160001 escalated
        609.010 time passes  | callback to 02160001 escalated
        """,
        away="8011",
        queues=(EMERGENCY, enquiry, SYNTHETIC),
        owed=True,
    )
    go_on(
        story,
        """
        610.000  it is closed            | refused no_reason;
          | no: Say why it is closed undone: somebody will ask.
        611.000  8011 takes it           | callback to 02160001 taken up; done: worked
        612.000  it is put back          | callback to 02160001 put back; done: owed
        612.500  it is given to 8011     | callback to 02160001 assigned; done: owed
        612.700  it is closed because the number is wrong |
          | callback to 02160001 ended closed; done: closed
        613.000  it is done              | refused unknown_obligation;
          | no: There is no open obligation none.
        """.replace("wrong |\n          |", "wrong |"),
    )


def test_a_callback_that_was_asked_for_elsewhere() -> None:
    """W16: by a person, in any form of the number; a second request for it is the same one."""
    story = tell(
        """
        0.000  a callback to 60000009 in enquiry is asked for | callback to 02160000009 owed;
          | done: owed
        0.500  a callback to 02160000009 in enquiry is asked for | done: owed
        1.000  a callback to 110 in enquiry is asked for | refused rescue_number;
          | no: 110 is a rescue number: only a person on the line may call it.
        1.500  a callback to 12 in enquiry is asked for | refused not_a_number;
          | no: '12' is not a telephone number.
        2.000  a callback to 60000009 in nowhere is asked for | refused unknown_queue;
          | no: There is no queue nowhere.
        10.000 time passes | callback to 02160000009 due
        """,
        owed=True,
    )
    assert len(story.core.state.obligations) == 1


def test_a_restart_loses_none() -> None:
    """What PostgreSQL had open is taken in as it was, with its place; what was being worked in a
    call of another life is tried again."""
    before = owed(DIALLED)
    noted = [e for e in before.effects if isinstance(e, ObligationNoted)][-1].obligation
    assert noted.state is ObligationState.WORKED
    after = tell("0.000  time passes | -", agents="8001", owed=True)
    shown = after.step(after.core.state.now, ObligationRestored(noted))
    assert shown == [f"callback to {ELDER} restored"]
    (standing,) = after.core.state.obligations.values()
    assert (standing.state, standing.since_ms) == (ObligationState.OWED, noted.since_ms)
    assert standing.next_ms == after.core.state.now + 10_000
    # Once is enough, and what is over stays over.
    assert after.step(after.core.state.now, ObligationRestored(noted)) == [
        "ignored: an obligation that is here already"
    ]
    over = msgspec.structs.replace(noted, id=ObligationId("x"), state=ObligationState.DONE)
    assert after.step(after.core.state.now, ObligationRestored(over)) == [
        "ignored: an obligation that is here already"
    ]


def test_a_restart_in_the_middle_of_a_call_is_no_end_of_the_attempts() -> None:
    """On a line for questions as well, and when somebody had been asked to see to it: the call was
    the switch's, and nobody is at it any more."""
    before = tell(
        """
        0.000  a callback to 02160005 in enquiry is asked for | callback to 02160005 owed;
          | done: owed
        1.000  it is given to 8011 | callback to 02160005 assigned; done: owed
        10.000 time passes | callback to 02160005 due; placed 02160005;
          | callback to 02160005 taken up; ring 8012 for 02160005; open room 02160005
        """,
        agents="8012",
        away="8011",
        owed=True,
    )
    (noted,) = before.core.state.obligations.values()
    for assignee in (noted.assignee, None):
        after = tell("0.000  time passes | -", owed=True)
        given = msgspec.structs.replace(noted, assignee=assignee)
        after.step(after.core.state.now, ObligationRestored(given))
        (standing,) = after.core.state.obligations.values()
        assert standing.state is ObligationState.OWED
        assert standing.next_ms == after.core.state.now + 10_000
        assert standing.assignee == assignee


@pytest.mark.parametrize(
    ("whose", "let_go"),
    [
        (" from terminal T1", f"released {ELDER}; busy tone to {ELDER}"),
        ("", f"hang up {ELDER}"),
    ],
)
def test_a_terminal_that_was_called_back_clears_by_our_busy_tone(whose: str, let_go: str) -> None:
    """T25: when the agent ends it, as on a call that came in; a stranger's telephone is let go at
    once."""
    tell(
        f"""
        0.000  1 calls 95002{whose} | offered 1; open room 1
        2.000  time passes    | picked up 1; answer 1; hold 1; play welcome to 1
        5.000  1 hangs up     | close room 1; ended 1 abandoned, wait 5.000;
          | callback to {ELDER} owed
        5.500  8011 asks to log in at s8011 | 8011 ready; done: ready
        15.000 time passes    | callback to {ELDER} due; placed {ELDER};
          | callback to {ELDER} taken up; ring 8011 for {ELDER}; open room {ELDER}
        16.000 8011 answers   | offer accepted 8011; dial {ELDER} over carrier-a as 02109500101
        18.000 {ELDER} answers | dialled {ELDER}: answered; join {ELDER} 8011
        18.002 {ELDER}, 8011 enter | reached {ELDER} by 8011, wait 3.002
        30.000 8011 hangs up  | {let_go}; 8011 wrap_up
        30.500 {ELDER} hangs up | close room {ELDER}; ended {ELDER} answered, talk 11.998;
          | callback to {ELDER} ended reached
        """,
        away="8011",
        owed=True,
    )


def test_what_was_written_down_offline_is_somebody_s_task() -> None:
    """D19, W15: theirs who wrote it, by the rules of the line; an emergency that is not settled is
    told to the shift leader after half a minute.  A number that is none, and a stranger, do no
    harm: the record has the words."""
    story = tell(
        f"""
        0.000  r1 was written down offline by 8001 about {ELDER} | task offline r1 owed
        0.000  r2 was written down offline by 8001, urgent | task offline r2 owed
        0.000  r3 was written down offline by 8999 about perhaps:7 | task offline r3 owed
        30.000 time passes | task offline r2 escalated late
        """,
        agents="8001",
        owed=True,
    )
    told = [one.obligation for one in story.effects if isinstance(one, ObligationNoted)]
    assert [
        (one.queue, one.is_emergency, one.number, one.owner, one.deadline_ms - EPOCH_MS)
        for one in told[:3]
    ] == [
        ("enquiry", False, ELDER, "8001", 900_000),
        ("emergency", True, None, "8001", 30_000),
        ("enquiry", False, None, None, 900_000),
    ]
    assert {one.since_ms - EPOCH_MS for one in told} == {-3_600_000}
