"""Stories of terminals that say something of themselves, or nothing at all (T27, W48)."""

from msgspec import structs

from acd.core.commands import KeepMemo
from acd.core.directory import DeviceMeaning
from acd.core.events import Device, DigitPressed, FoundLeg, SwitchConnected
from acd.core.facts import DeviceReported, ObligationNoted, TerminalTested
from acd.core.ids import CallId, LegId, TerminalId
from tests.core.story import DEVICE_CODES, EPOCH_MS, NODE, go_on, tell


def test_a_low_battery_is_told_once_and_owed_once_while_the_call_is_served() -> None:
    """T27: the code changes nothing of how the caller is served; a new battery is owed to somebody,
    and it is one battery, however often the terminal tells of it."""
    story = tell(
        """
         0.000  A calls 95001 from terminal T1      | offered A; ring 8001 for A; open room A
         0.300  A presses #91                       | terminal of A says low_battery;
                                                    | task device of T1 owed
         0.500  A presses #91                       | ignored: a device code that has been told
         1.000  8001 answers                        | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter                       | answered A by 8001, wait 1.002
         8.000  8001 presses *2002                  | 8001 says safe; play outcome-noted to 8001
         9.000  A hangs up; 8001 hangs up           | hang up 8001; 8001 wrap_up; close room A;
                                                    | ended A answered, wait 1.002, talk 7.998
        10.000  time passes                         | 8001 ready; wrapped up 8001 1.000
        20.000  B calls 95001 as A from terminal T1 | offered B; ring 8001 for B; open room B
        21.000  B presses #91                       | terminal of B says low_battery; ignored: a
                                                    | terminal's matter that is owed already
        """,
        agents="8001",
        owed=True,
    )
    owed = next(one.obligation for one in story.effects if isinstance(one, ObligationNoted))
    assert (owed.about, owed.number, owed.is_emergency) == ("battery", "0216000A", False)
    assert owed.deadline_ms - owed.created_ms == 259_200_000
    told = next(one for one in story.effects if isinstance(one, DeviceReported))
    assert (told.digits, told.meaning, told.agent) == ("#91", DeviceMeaning.LOW_BATTERY, None)


def test_done_it_is_owed_again_when_the_battery_is_low_again() -> None:
    go_on(
        tell("", agents="8001", owed=True),
        """
        0.000  A calls 95001 from terminal T1      | offered A; ring 8001 for A; open room A
        0.300  A presses #91                       | terminal of A says low_battery;
                                                   | task device of T1 owed
        1.000  the device is done                  | task device of T1 ended done; done: done
        1.500  B calls 95001 as A from terminal T1 | offered B; open room B
        1.700  B presses #91                       | terminal of B says low_battery;
                                                   | task device of T1 owed
        """,
    )


def test_codes_are_found_among_other_keys_and_only_in_one_piece() -> None:
    """Keys pressed by hand before a code do not spoil it; what comes seconds later is not of it."""
    go_on(
        tell("", agents="8001", owed=True),
        """
        0.000  A calls 95001 from terminal T1 | offered A; ring 8001 for A; open room A
        0.300  A presses 7##93                | ignored: a digit with no meaning here;
                                              | terminal of A says test
        0.500  A presses #94                  | -
        0.600  A presses 1                    | terminal of A says mains_lost
        1.000  8001 answers                   | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter                  | answered A by 8001, wait 1.002
        2.000  A presses #9                   | -
        6.000  A presses 1                    | ignored: a digit with no meaning here
        7.000  8001 presses #                 | ignored: a key outside a code
        """,
    )


def test_whoever_is_not_a_terminal_sends_no_codes() -> None:
    go_on(
        tell("", agents="8001", owed=True),
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.300  A presses #9  | ignored: a digit with no meaning here; ignored: a digit with no
                             | meaning here
        """,
    )


def test_a_terminal_that_we_have_called_tells_of_its_battery_too() -> None:
    """T27: on a call of ours, once it has answered."""
    story = tell(
        """
        0.000  8001 asks to call 02160000001 | placed 02160000001 by 8001;
                                             | ring 8001 for 02160000001; done: offered;
                                             | open room 02160000001
        1.000  8001 answers                  | offer accepted 8001;
                                             | dial 02160000001 over carrier-a as 02109500101
        2.000  02160000001 presses #91 from terminal T1 | ignored: a digit with no meaning here;
                                             | ignored: a digit with no meaning here;
                                             | ignored: a digit with no meaning here
        3.000  02160000001 answers           | dialled 02160000001: answered;
                                             | join 02160000001 8001
        3.002  02160000001, 8001 enter       | reached 02160000001 by 8001, wait 3.002
        5.000  02160000001 presses #91 from terminal T1 | terminal of 02160000001 says low_battery;
                                             | task device of T1 owed
        """,
        agents="8001",
        owed=True,
    )
    told = next(one for one in story.effects if isinstance(one, DeviceReported))
    assert (told.terminal, told.meaning) == ("T1", DeviceMeaning.LOW_BATTERY)


def test_after_a_restart_the_terminal_is_understood_as_before() -> None:
    """T27: a call that lived on knows its terminal's codes, for they come with the digit."""
    before = tell(
        "0.000  A calls 95001 from terminal T1 | offered A; ring 8001 for A; open room A",
        agents="8001",
    )
    memo = next(one.memo for one in before.effects if isinstance(one, KeepMemo))
    memo = structs.replace(memo, call=CallId("6-1"))  # of the life before this one
    leg = LegId(f"{NODE}:A")
    story = tell("", agents="8001", owed=True)
    found = FoundLeg(leg=leg, memo=memo, is_up=False)
    story.step(EPOCH_MS + 2_000, SwitchConnected(NODE, (leg,), (found,)))
    device = Device(terminal=TerminalId("T1"), codes=DEVICE_CODES)
    for digit in "#91":
        story.step(EPOCH_MS + 3_000, DigitPressed(leg, digit, device))
    told = next(one for one in story.effects if isinstance(one, DeviceReported))
    assert (told.call, told.meaning) == (memo.call, DeviceMeaning.LOW_BATTERY)
    owed = [one.obligation for one in story.effects if isinstance(one, ObligationNoted)]
    assert [(one.about, one.terminal) for one in owed] == [("battery", "T1")]


def test_a_terminal_that_says_test_hides_nobody() -> None:
    """E33, W48: a test is the agent's outcome.  Until they say so, whoever gives no word is asked,
    flagged and not let drop like anybody else."""
    story = tell(
        """
        0.000  A calls 95001 from terminal T1 | offered A; ring 8001 for A; open room A
        0.300  A presses #93                  | terminal of A says test
        1.000  8001 answers                   | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter                  | answered A by 8001, wait 1.002; listen to A;
                                              | detect 8001
        1.100  A is heard: silence            | -
        4.002  time passes                    | play caller-please-speak to 8001;
                                              | prompted A who gives silence;
                                              | play caller-please-speak to A
        9.000  A hangs up; 8001 hangs up      | hang up 8001; 8001 wrap_up; close room A;
                                              | ended A answered, wait 1.002, talk 7.998;
                                              | task to nobody knows owed
        """,
        agents="8001",
        owed=True,
        silence=True,
    )
    assert any(isinstance(one, DeviceReported) for one in story.effects)


def test_a_test_call_that_the_agent_calls_one_is_over() -> None:
    """W48: with the outcome test nothing is owed any more."""
    go_on(
        tell("", agents="8001", owed=True),
        """
        0.000  A calls 95001 from terminal T1 | offered A; ring 8001 for A; open room A
        0.300  A presses #93                  | terminal of A says test
        1.000  8001 answers                   | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter                  | answered A by 8001, wait 1.002
        5.000  8001 presses *2007             | 8001 says test; play outcome-noted to 8001
        6.000  A hangs up; 8001 hangs up      | hang up 8001; 8001 wrap_up; close room A;
                                              | ended A answered, wait 1.002, talk 4.998
        """,
    )


def test_a_terminal_that_has_not_called_for_long_is_to_be_tested_until_it_calls() -> None:
    """W48: owed once, to people; its next call shows that it can."""
    story = tell(
        """
        0.000  terminal T1 has not called for long | task terminal_test of T1 owed
        1.000  terminal T1 has not called for long | ignored: a terminal's matter that is owed
                                                   | already
        2.000  A calls 95001 from terminal T1      | offered A;
                                                   | task terminal_test of T1 ended called_again;
                                                   | ring 8001 for A; open room A
        3.000  terminal T1 has not called for long | ignored: a silent terminal that calls just now
        """,
        agents="8001",
        owed=True,
    )
    owed = next(one.obligation for one in story.effects if isinstance(one, ObligationNoted))
    assert (owed.queue, owed.next_ms, owed.is_emergency) == ("emergency", None, False)


def test_who_tested_a_terminal_is_noted_and_the_call_is_a_test() -> None:
    """W48, U12: while the call goes on, or when it is long over; no test of the terminal is owed
    then, and nobody is called back for want of a word."""
    story = tell(
        """
        0.000  terminal T1 has not called for long | task terminal_test of T1 owed
        1.000  A calls 95001 from terminal T2      | offered A; ring 8001 for A; open room A
        2.000  8001 answers                        | offer accepted 8001; answer A; join A 8001
        2.002  A, 8001 enter                       | answered A by 8001, wait 1.002
        3.000  8001 says that A from terminal T2 was a test by user | 8001 says test;
                                                   | T2 tested by user; done: talking
        4.000  A hangs up; 8001 hangs up           | hang up 8001; 8001 wrap_up; close room A;
                                                   | ended A answered, wait 1.002, talk 1.998
        4.500  8001 says that old from terminal T1 was a test by revisit |
                                                   | T1 tested by revisit;
                                                   | task terminal_test of T1 ended done;
                                                   | done: wrap_up
        """,
        agents="8001",
        owed=True,
    )
    told = [one for one in story.effects if isinstance(one, TerminalTested)]
    assert [(one.agent, one.staff, one.new_number) for one in told] == [("8001", "M-17", None)] * 2


def test_the_word_test_after_an_emergency_call_ends_what_is_owed_for_its_silence() -> None:
    """E33, W48: said before the elder is called back."""
    story = tell(
        """
        0.000  A calls 95001 from terminal T1 | offered A; ring 8001 for A; open room A
        1.000  8001 answers                   | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter                  | answered A by 8001, wait 1.002; listen to A;
                                              | detect 8001
        1.100  A is heard: silence            | -
        3.000  A hangs up; 8001 hangs up      | hang up 8001; 8001 wrap_up; close room A;
                                              | ended A answered, wait 1.002, talk 1.998;
                                              | task to nobody knows owed
        """,
        agents="8001",
        owed=True,
        silence=True,
    )
    (owed,) = story.core.state.obligations.values()
    go_on(
        story,
        f"""
        3.500  8001 says that {owed.call} from terminal T1 was a test by user |
                                              | task to nobody knows ended done;
                                              | T1 tested by user; done: wrap_up
        """,
    )


def test_a_swapped_device_has_its_elder_by_the_agents_word_and_is_owed_to_the_directory() -> None:
    """W48: whoever maintains it has called from a number that the directory does not know."""
    story = tell(
        """
        0.000  8001 says that N1 was a test by maintenance of T1 | T1 tested by maintenance, new
                                                | number 0216000N1; task device of T1 owed;
                                                | done: ready
        1.000  8001 says that N1 was a test by maintenance of T1 | T1 tested by maintenance, new
                                                | number 0216000N1; ignored: a terminal's matter
                                                | that is owed already; done: ready
        """,
        agents="8001",
        owed=True,
    )
    (owed,) = story.core.state.obligations.values()
    assert (owed.about, owed.number, owed.is_emergency) == (
        "new number 0216000N1", "0216000N1", False,
    )  # fmt: skip


def test_what_is_no_test_is_refused_and_changes_nothing() -> None:
    """One clear sentence for each mistake."""
    story = tell(
        """
        0.000  8009 says that A from terminal T1 was a test by user | refused unknown_agent;
                                       | no: There is no agent 8009.
        0.100  8001 says that nobody's from terminal T1 was a test by user | refused not_served;
                                       | no: Call nobody's was not answered: nobody has heard a
                                       | test in it.
        0.200  8001 says that A was a test by user | refused no_terminal;
                                       | no: Call A shows no number of a terminal: say which one
                                       | was tested.
        0.300  8001 says that hidden was a test by maintenance of T1 | refused no_terminal;
                                       | no: Call hidden shows no number that could be T1's.
        0.400  8001 says that A from terminal T2 was a test by maintenance of T1 |
                                       | refused another_terminal;
                                       | no: By the directory call A came from terminal T2.
        """,
        agents="8001",
        owed=True,
    )
    assert not any(isinstance(one, TerminalTested) for one in story.effects)
    assert not story.core.state.obligations
