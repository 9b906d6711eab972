"""A flood from one number is one caller and one matter, and never starves the others (E45)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core.events import CallArrived, Hangup, LegAnswered, LegGone
from acd.core.ids import AgentId, EntryId, LegId, TerminalId
from acd.core.invariants import check_all, check_touched
from acd.core.queueing.lines import SAME_NUMBER_MAX, SAME_TERMINAL_MAX
from acd.core.tables import CallState
from tests.core.story import EPOCH_MS, NODE, Story, go_on, tell

HELD_BACK = """
    0.000  A calls 95001 as 1 from terminal T1 | offered A; ring 8001 for A; open room A
    1.000  B calls 95001 as 1 from terminal T1 | offered B; ring 8002 for B; open room B
    1.200  C calls 95001 as 1 from terminal T1 | offered C; open room C
    1.300  D calls 95001                       | offered D; ring 8003 for D; open room D
    """


def test_the_third_call_of_a_terminal_waits_while_two_are_served() -> None:
    """It is the same elder: an agent stays free for another, and comes to the third call as soon as
    one before it is over."""
    go_on(
        tell(HELD_BACK, agents="8001 8002 8003 8004"),
        """
        1.400  8001 answers             | offer accepted 8001; answer A; join A 8001
        1.402  A, 8001 enter            | answered A by 8001, wait 1.402
        1.500  B hangs up; 8002 is gone | offer withdrawn 8002; hang up 8002; 8002 ready;
                                        | close room B; ended B abandoned, wait 0.500;
                                        | ring 8002 for C
        """,
    )


def test_from_a_number_that_is_no_terminal_four_are_served() -> None:
    """Behind an institution's number stand several people."""
    go_on(
        tell("", agents="8001 8002 8003 8004 8005"),
        """
        0.000  A calls 95001 as 1 | offered A; ring 8001 for A; open room A
        0.100  B calls 95001 as 1 | offered B; ring 8002 for B; open room B
        0.200  C calls 95001 as 1 | offered C; ring 8003 for C; open room C
        0.300  D calls 95001 as 1 | offered D; ring 8004 for D; open room D
        0.400  E calls 95001 as 1 | offered E; open room E
        0.500  F calls 95001      | offered F; ring 8005 for F; open room F
        """,
    )


def test_a_supervisor_gives_the_held_back_call_to_somebody_all_the_same() -> None:
    """People decide."""
    go_on(
        tell(HELD_BACK, agents="8001 8002 8003 8004 8090"),
        """
        1.400  8090 asks to assign C to 8004 | ring 8004 for C; 8090 steers C assign; done: assign
        """,
    )


def test_calls_at_once_from_one_terminal_are_one_case_with_one_a_and_one_b() -> None:
    """The case takes in who waits; whoever else answers the same elder comes into it, and opens no
    second one."""
    story = go_on(
        tell(HELD_BACK, agents="8001 8002 8003 8004"),
        """
        1.400  8001 answers      | offer accepted 8001; answer A; join A 8001
        1.402  A, 8001 enter     | answered A by 8001, wait 1.402
        1.600  8001 presses *90  | case opened by 8001; case another call; case another call;
                                 | play case-open to 8001; ring 8004 for A
        1.700  8002 answers      | offer accepted 8002; answer B; join B 8002
        1.702  B, 8002 enter     | case b taken by 8002; answered B by 8002, wait 0.702
        1.800  8002 presses *90  | refused role_taken; play refused-b-is-there to 8002
        """,
    )
    (case,) = story.core.state.cases.values()
    assert (case.calls, case.a, case.b) == (("7-1", "7-2", "7-3"), "8001", "8002")


def test_an_agent_who_talks_with_the_elder_already_comes_into_the_case() -> None:
    """Two agents start the same case: there is one."""
    story = tell(
        """
        0.000  A calls 95001 as 1 from terminal T1 | offered A; ring 8001 for A; open room A
        0.100  B calls 95001 as 1 from terminal T1 | offered B; ring 8002 for B; open room B
        1.000  8001 answers                        | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter                       | answered A by 8001, wait 1.002
        2.000  8002 answers                        | offer accepted 8002; answer B; join B 8002
        2.002  B, 8002 enter                       | answered B by 8002, wait 1.902
        3.000  8001 presses *90                    | case opened by 8001; play case-open to 8001
        3.500  8002 presses *90                    | case another call; case b taken by 8002;
                                                   | play case-open to 8002
        """,
        agents="8001 8002",
    )
    (case,) = story.core.state.cases.values()
    assert (case.calls, case.a, case.b) == (("7-1", "7-2"), "8001", "8002")


def test_ten_calls_in_a_minute_are_one_matter_and_one_case() -> None:
    """E45: who gives up again and again is owed one callback; when somebody opens the case at last,
    all ten calls belong to it."""
    story = tell("", agents="8001")
    for n in range(9):
        story.moment(f"{n * 0.5:.3f}", f"{chr(65 + n)} calls 95001 as 1 from terminal T1")
        story.moment(f"{n * 0.5 + 0.3:.3f}", f"{chr(65 + n)} hangs up")
        story.moment(f"{n * 0.5 + 0.4:.3f}", "8001 hangs up")
        assert len(story.core.state.obligations) == 1
    go_on(
        story,
        """
        5.000  K calls 95001 as 1 from terminal T1 | offered K; ring 8001 for K; open room K
        6.000  8001 answers                        | offer accepted 8001; answer K; join K 8001
        6.002  K, 8001 enter                       | answered K by 8001, wait 1.002
        7.000  8001 presses *90                    | case opened by 8001; play case-open to 8001
        """,
    )
    (case,) = story.core.state.cases.values()
    assert len(case.calls) == len(set(case.calls)) == 10


WITHHELD = """
    0.000  A calls 95001 without a number | offered A; ring 8001 for A; open room A
    0.100  B calls 95001 without a number | offered B; ring 8002 for B; open room B
    """


def test_without_a_number_whoever_calls_leaves_an_agent_for_who_has_one() -> None:
    """They may be one device or several people: nobody is held back while two are free, and the
    last one is for another elder.  Who waits gets an agent when a call before theirs is over."""
    go_on(
        tell(WITHHELD, agents="8001 8002 8003 8004"),
        """
        0.200  C calls 95001 without a number | offered C; ring 8003 for C; open room C
        0.300  D calls 95001 without a number | offered D; open room D
        0.400  E calls 95001                  | offered E; ring 8004 for E; open room E
        1.500  B hangs up; 8002 is gone       | offer withdrawn 8002; hang up 8002; 8002 ready;
                                              | close room B; ended B abandoned, wait 1.400
        1.600  A hangs up; 8001 is gone       | offer withdrawn 8001; hang up 8001; 8001 ready;
                                              | close room A; ended A abandoned, wait 1.600;
                                              | ring 8001 for D
        """,
    )


def test_who_comes_without_a_number_is_in_no_case_of_another() -> None:
    """Whether two hidden callers are one person nobody knows: each has a case of their own."""
    story = go_on(
        tell(WITHHELD, agents="8001 8002 8003 8004"),
        """
        1.000  8001 answers     | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter    | answered A by 8001, wait 1.002
        1.500  8001 presses *90 | case opened by 8001; play case-open to 8001; ring 8003 for A
        1.700  8002 answers     | offer accepted 8002; answer B; join B 8002
        1.702  B, 8002 enter    | answered B by 8002, wait 1.602
        1.800  8002 presses *90 | case opened by 8002; play case-open to 8002; ring 8004 for B
        """,
    )
    assert [case.calls for case in story.core.state.cases.values()] == [("7-1",), ("7-2",)]


def test_a_supervisor_raises_who_has_no_number_and_the_last_agent_is_theirs() -> None:
    """People decide."""
    go_on(
        tell(WITHHELD, agents="8001 8002 8003 8090"),
        """
        0.200  C calls 95001 without a number | offered C; open room C
        1.000  8090 asks to raise C           | 8090 steers C raise; done: raise; ring 8003 for C
        """,
    )


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["flood", "flood", "flood", "other", "ends", "answer", "other ends"]),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    max_size=60,
)


@settings(max_examples=60)
@given(steps=STEPS, terminal=st.booleans())
def test_whatever_a_number_does_the_others_find_an_agent(
    steps: list[tuple[str, int, int]], terminal: bool
) -> None:
    """However many calls one number makes and ends, and whoever answers them: no more agents than
    its share are rung for it or talk with it, and another caller is offered to somebody in the very
    step of the call while the others are fewer than the rest."""
    share = SAME_TERMINAL_MAX if terminal else SAME_NUMBER_MAX
    agents = [str(8001 + n) for n in range(share + 3)]
    flood = Flood(tell("", agents=" ".join(agents)), terminal=terminal)
    for what, which, pause_ms in steps:
        flood.now_ms += pause_ms
        flood.do(what, which)
        assert len(flood.busy_with(flood.mine)) <= share
        others = [leg for leg in flood.others if flood.is_there(leg)]
        if len(others) <= 3:
            served = flood.busy_with(others)
            assert len({leg for _, leg in served}) == len(others), "another caller waits in vain"


@settings(max_examples=60)
@given(steps=STEPS)
def test_whatever_comes_without_a_number_who_has_one_finds_an_agent(
    steps: list[tuple[str, int, int]],
) -> None:
    """However many call without a number, and whoever answers them: another caller, if there is
    but one, is offered to somebody in the very step of the call."""
    flood = Flood(tell("", agents="8001 8002 8003 8004"), terminal=False, number=None)
    for what, which, pause_ms in steps:
        flood.now_ms += pause_ms
        flood.do(what, which)
        others = [leg for leg in flood.others if flood.is_there(leg)]
        if len(others) == 1:
            assert flood.busy_with(others), "another caller waits in vain"


class Flood:
    """One number that calls and calls, others who call once each, and agents who answer."""

    def __init__(self, story: Story, *, terminal: bool, number: str | None = "02160001") -> None:
        self.story = story
        self.number = number
        self.terminal = TerminalId("T1") if terminal else None
        self.now_ms = EPOCH_MS
        self.mine: list[LegId] = []
        self.others: list[LegId] = []

    def do(self, what: str, which: int) -> None:
        match what:
            case "flood":
                self._call(self.mine, self.number, self.terminal)
            case "other":
                self._call(self.others, f"0217{len(self.others):04d}", None)
            case "ends":
                self._end(self.mine, which)
            case "other ends":
                self._end(self.others, which)
            case _:
                self._answer(which)

    def is_there(self, leg: LegId) -> bool:
        return leg in self.story.core.state.legs

    def busy_with(self, legs: list[LegId]) -> list[tuple[AgentId, LegId]]:
        """Who is rung for one of these calls, or has it."""
        s = self.story.core.state
        calls = {s.legs[leg].call: leg for leg in legs if leg in s.legs}
        ringing = [
            (s.offers[offer].agent, leg)
            for call, leg in calls.items()
            for offer in s.calls[call].ringing
        ]
        having = [(agent, leg) for call, leg in calls.items() if (agent := s.calls[call].agent)]
        return ringing + having

    def _call(self, legs: list[LegId], number: str | None, terminal: TerminalId | None) -> None:
        leg = LegId(f"{NODE}:{number}-{len(legs)}")
        legs.append(leg)
        self._feed(
            CallArrived(
                leg=leg, arrived_ms=self.now_ms, trunk=None, caller=number,
                called=EntryId("95001"), terminal=terminal,
            )
        )  # fmt: skip

    def _end(self, legs: list[LegId], which: int) -> None:
        """The caller is gone, and so is the phone that rang or had them."""
        there = [leg for leg in legs if self.is_there(leg)]
        if not there:
            return
        leg = there[which % len(there)]
        s = self.story.core.state
        others = [key for key in s.calls[s.legs[leg].call].legs if key != leg]
        self._feed(LegGone(leg, Hangup.NORMAL))
        for other in others:
            if other in s.legs:
                self._feed(LegGone(other, Hangup.NORMAL))

    def _answer(self, which: int) -> None:
        s = self.story.core.state
        rung = [
            s.offers[offer].leg
            for call in s.calls.values()
            if call.state is CallState.OFFERING
            for offer in call.ringing
        ]
        if rung:
            self._feed(LegAnswered(rung[which % len(rung)]))

    def _feed(self, event: CallArrived | LegGone | LegAnswered) -> None:
        core = self.story.core
        core.step(self.now_ms, event)
        assert not check_touched(core.state) + check_all(core.state)
