"""Stories of who would be left behind, in a room with nobody or in nobody's books, when somebody
else does what they may (E03, E05, E14, E16, E36, E41, T38)."""

from acd.core.events import FoundLeg, SwitchConnected
from tests.core.story import EPOCH_MS, NODE, go_on, tell
from tests.core.test_stories_beside import picked_up, with_second_phone
from tests.core.test_stories_case import RINGS, TALKING, TO_RESCUE, with_b
from tests.core.test_stories_case_restart import memos, restart

CONSULTS = """
    6.000  8001 presses *128003# | ring 8003 for A; consult A to 8003 by 8001; open side A;
                                 | stop case-open; aside 8001
    6.002  8001 enters           | play transfer-begun to 8001
    8.000  8003 answers          | offer accepted 8003; aside 8003
    8.002  8003 enters           | -
    """


def test_120_hears_music_when_its_agent_goes_back_by_the_key_of_hold() -> None:
    """E05: *10 ends any stepping aside, and 120 was left in a room of silence."""
    go_on(
        go_on(with_b(), TO_RESCUE),
        """
        9.000  8001 presses *10  | join 8001; hold 90120
        9.002  8001, 90120 enter | play rescue-waits to 8001; close side A
        """,
    )


def test_who_is_consulted_goes_along_to_120() -> None:
    """T38, E05: the agent calls 120 in the middle of a consultation, and who was asked was left
    alone; brought to the caller with 120, they are in the conversation."""
    go_on(
        go_on(with_b("8001 8002 8003"), CONSULTS),
        """
         9.000  8001 presses *911# | dial 90120 over carrier-a as 02109500101; open side A;
                                   | stop transfer-begun; aside 8001 8003
         9.002  8001, 8003 enter   | close side A
        10.000  90120 answers      | dialled 90120: answered; case medical reached by 8001;
                                   | aside 90120
        10.002  90120 enters       | -
        11.000  8001 presses *95   | refused transfer_under_way;
                                   | play refused-transfer-under-way to 8001
        12.000  8001 presses *93   | stop refused-transfer-under-way; join 8001 8003 90120;
                                   | consult A to 8003 joined
        """,
    )


def test_who_is_consulted_is_not_left_to_a_second_phone() -> None:
    """T29, T38: the second phone is picked up in the middle of a consultation in the rescue
    room: the first one stays where whoever was asked is."""
    go_on(
        go_on(with_second_phone("8001 8002 8003"), CONSULTS),
        """
        9.000  8001 presses *91013900000009# | dial 13900000009 over carrier-a as 02109500101;
                                             | open side A; stop transfer-begun; aside 8001 8003
        9.002  8001, 8003 enter              | close side A
        9.100  8001 presses *991#            | test 8001-2
        9.500  8001-2 answers                | aside 8001-2;
                                             | case rescue room on the second phone by 8001;
                                             | dial 90120 over carrier-a as 02109500101
        """,
    )


def test_a_safe_elder_is_told_of_once() -> None:
    """E41: *97 twice is one rescue to call off."""
    story = go_on(with_b(), TO_RESCUE)
    story.tells_owed = True
    go_on(
        story,
        """
        9.000  8001 presses *97 | case safe by 8001; task ask_medical ended not_needed;
                                | task rescue_to_cancel owed; play case-safe to 8001
        9.500  8001 presses *97 | case safe by 8001; stop case-safe; play case-safe to 8001
        """,
    )


def test_no_phone_rings_on_for_a_closed_case_and_the_next_one_gets_a_b() -> None:
    """E14: when nobody answered there, nobody was looked for in the second case of the call."""
    story = tell(TALKING, agents="8001 8002 8003")
    go_on(
        story,
        """
        3.000  8001 presses *90                            | case opened by 8001;
                                                           | play case-open to 8001; ring 8002 for A
        3.500  8001 asks to outcome the case as accidental | case outcome accidental by 8001;
                                                           | done: open
        4.000  8001 asks to close the case                 | case closed by 8001;
                                                           | offer withdrawn 8002; hang up 8002;
                                                           | done: closed
        5.000  8001 presses *90                            | case opened by 8001; stop case-open;
                                                           | play case-open to 8001; ring 8003 for A
        """,
    )


def test_120_that_rings_is_owed_when_the_dialplan_has_the_caller() -> None:
    """E03: we have lost the thread of the call, and nobody is left who could speak to 120."""
    story = go_on(with_b(), RINGS)
    story.tells_owed = True
    assert story.moment("7.000", "A is in the fallback") == (
        "repaired: caller was in the fallback; task call_rescue owed; close side A; hang up 8001; "
        "hang up 8002; hang up 90120; close room A; 8001 ready; 8002 ready"
    )


def test_120_is_owed_when_an_outage_leaves_nothing_but_its_ringing_line() -> None:
    """E03: the agents have hung up, and the dialplan has the caller."""
    _, shown = restart(go_on(with_b(), RINGS), "37.000", gone=("8001", "8002"), away=("A",))
    assert shown == (
        "task call_rescue owed; repaired: orphan leg ended; hang up 90120; "
        "repaired: orphan room closed; close room -; repaired: orphan room closed; close side -; "
        "8001 wrap_up; 8002 wrap_up"
    )


def test_who_is_talked_with_in_a_restart_is_not_taken_for_out_of_reach() -> None:
    """E36: the 30 s of a callback are over when what is owed is read, and who is on the line is not
    known before Asterisk is read: a case was opened for want of a call, and all contacts called."""
    story = tell(
        """
         0.000  A calls 95001 as 5  | offered A; ring 8001 for A; open room A
         1.000  A hangs up          | offer withdrawn 8001; hang up 8001
         1.010  8001 is gone        | 8001 ready; close room A; ended A abandoned, wait 1.000;
                                    | callback to 02160005 owed
         2.000  B calls 95001 as 5  | offered B; callback to 02160005 taken up; ring 8001 for B;
                                    | open room B
         3.000  8001 answers        | offer accepted 8001; answer B; join B 8001
         3.002  B, 8001 enter       | answered B by 8001, wait 1.002
        """,
        agents="8001",
        owed=True,
    )
    new, shown = restart(story, "60.000")
    assert shown == "callback to 02160005 taken up"
    assert not new.core.state.cases


def test_who_had_rescue_on_the_second_phone_hears_after_a_restart_that_it_waits() -> None:
    """T29, E05."""
    _, shown = restart(picked_up(), "9.100")
    assert shown.startswith("hold 90120; play rescue-waits to 8001; ")


def test_who_has_brought_120_to_the_caller_hears_110_ring() -> None:
    """E05, E15: 120 is on the line, and with somebody else."""
    go_on(
        go_on(with_b(), TO_RESCUE),
        """
         9.000  8001 presses *93   | join 8001 90120
         9.002  8001, 90120 enter  | play conference-joined to 8001; close side A
        10.000  8001 presses *912# | dial 90110 over carrier-a as 02109500101; open side A;
                                   | stop conference-joined; aside 8001
        10.002  8001 enters        | -
        10.500  90110 rings        | play tone:ring to 8001
        """,
    )


def test_what_answers_while_the_link_is_away_is_heard_when_it_is_back() -> None:
    """E05: 120 picked up, heard nobody, and was hung up after 45 s as not answering."""
    story = go_on(with_b(), RINGS)
    leg = story.names.find_leg("90120")
    found = FoundLeg(leg=leg, memo=memos(story)[leg], is_up=True)
    s = story.core.state
    shown = story.step(
        EPOCH_MS + 9_000,
        SwitchConnected(NODE, tuple(s.legs), (found,), rooms=tuple(s.rooms)),
    )
    assert "dialled 90120: answered" in shown
    assert shown[-1] == "aside 90120"


def test_the_second_phone_hears_no_tone_of_what_was_withdrawn() -> None:
    """T29, E41: the elder is safe while 120 rings; the tone has no end of its own."""
    go_on(
        with_second_phone(),
        """
        6.000  8001 presses *991# | test 8001-2; stop case-open
        8.000  8001-2 answers     | open side A; aside 8001-2;
                                  | case rescue room on the second phone by 8001;
                                  | dial 90120 over carrier-a as 02109500101
        8.002  8001-2 enters      | -
        8.500  90120 rings        | play tone:ring to 8001-2
        9.000  8001 presses *97   | case safe by 8001; dialled 90120: withdrawn; hang up 90120;
                                  | play case-safe to 8001
        9.010  90120 is gone      | stop tone:ring
        """,
    )
