"""Outside numbers: which operator carries them, when they are given up, and what is never dialled
(T19, T31, F07, C24).  In these stories the switch dials for A's call, in which 8001 is talking."""

import pytest

from acd.core import directory
from acd.core.entities import Call, Dial, LegEnd
from acd.core.events import AreaDefined, TrunkRemoved
from acd.core.facts import DialResult, NumberDialled
from acd.core.ids import AgentId, AreaId, Purpose, TrunkId
from acd.core.numbers import DialForm, NumberRules, dial_form
from acd.core.outside import dialled, outbound
from acd.core.outside.outbound import Listener, NotDialled
from acd.core.replies import Refusal
from acd.core.state import State
from tests.core.story import Story, go_on, tell

TEST = Purpose("test")
EAST = AreaId("east")
MOBILE = "13900000001"


class Heard:
    """What whoever dialled was told."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def rang(self, s: State, dial: Dial) -> None:
        self.words.append("rang")

    def answered(self, s: State, dial: Dial) -> None:
        self.words.append("answered")

    def ended(self, s: State, call: Call, dial: Dial, end: LegEnd) -> None:
        self.words.append(f"ended {dial.result}")

    def digit(self, s: State, dial: Dial, digit: str) -> None:
        self.words.append(f"digit {digit}")


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    heard = Heard()
    listener = Listener(heard.rang, heard.answered, heard.ended, heard.digit)
    monkeypatch.setitem(dialled.LISTENERS, TEST, listener)
    return heard


def talking() -> Story:
    return tell(
        """
        0.000  A calls 95001  | offered A; ring 8001 for A; open room A
        0.800  8001 answers   | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter  | answered A by 8001, wait 0.802
        """,
        agents="8001 8002",
    )


def dial(story: Story, number: str, *caller_ids: str) -> str:
    """Have a number dialled at the story's present moment; say what follows from it."""
    s = story.core.state
    s.effects = []
    call = next(iter(s.calls.values()))
    made = outbound.dial(s, call, number, TEST, person=None, caller_ids=caller_ids)
    shown = [text for effect in s.effects if (text := story._render(effect)) is not None]
    return made.refusal if isinstance(made, NotDialled) else "; ".join(shown)


def dialling(number: str = MOBILE, *caller_ids: str) -> Story:
    story = talking()
    assert dial(story, number, *caller_ids) == f"dial {number} over carrier-a as 02109500101"
    return story


def test_somebody_answers(heard: Heard) -> None:
    """180, the answer, a key, the end: each is told once, and the number is free again."""
    story = go_on(
        dialling(),
        f"""
        3.000  {MOBILE} rings      | -
        8.000  {MOBILE} answers    | dialled {MOBILE}: answered
        9.000  {MOBILE} presses 1  | -
        20.000  {MOBILE} hangs up  | -
        """,
    )
    assert heard.words == ["rang", "answered", "digit 1", "ended answered"]
    assert not story.core.state.dialled and not story.core.state.dials


def test_what_is_dialled_is_recorded_and_whose_it_is_is_known(heard: Heard) -> None:
    """T21, T22: the word of the recording becomes a fact of that leg's call; one that comes when
    the leg has gone changes nothing."""
    go_on(
        dialling(),
        f"""
        3.000  {MOBILE} is recorded as hl-1-2.raw  | recorded {MOBILE}
        4.000  {MOBILE} is gone (busy)             | dialled {MOBILE}: busy
        4.001  {MOBILE} is recorded as hl-1-2.raw  | ignored: recording of an unknown leg
        """,
    )


def test_six_rings_are_counted_from_the_first_sign_of_ringing(heard: Heard) -> None:
    """T19, F07, C24: 30 s from 180 or 183, whatever the network took before."""
    go_on(
        dialling(),
        f"""
        10.000  {MOBILE} rings              | -
        39.999  time passes                 | -
        40.000  time passes                 | dialled {MOBILE}: no_answer; hang up {MOBILE}
          | (no_answer)
        40.100  {MOBILE} is gone (normal)   | -
        """,
    )
    assert heard.words == ["rang", "ended no_answer"]


def test_patience_ends_at_45_seconds_in_all(heard: Heard) -> None:
    """A second trunk does not begin the time anew, and rings count only within it."""
    go_on(
        dialling(),
        f"""
        12.802  time passes                | hang up {MOBILE}
        12.900  {MOBILE} is gone (normal)  | dial {MOBILE} over carrier-b as 02109500102
        20.000  {MOBILE} rings             | -
        45.801  time passes                | -
        45.802  time passes                | dialled {MOBILE}: no_answer; hang up {MOBILE}
          | (no_answer)
        45.900  {MOBILE} is gone (normal)  | -
        """,
    )
    assert heard.words == ["rang", "ended no_answer"]


@pytest.mark.parametrize(
    ("sip", "result"),
    [("486", "busy"), ("603", "rejected"), ("480", "no_answer"), ("404", "unreachable")],
)
def test_the_far_telephones_own_answer_is_the_answer(heard: Heard, sip: str, result: str) -> None:
    """Told apart (C24), and no other operator is asked: it would say the same."""
    go_on(
        dialling(),
        f"""
        2.000  {MOBILE} is refused with {sip} | dialled {MOBILE}: {result}
        """,
    )
    assert heard.words == [f"ended {result}"]


@pytest.mark.parametrize("sip", ["403", "503"])
def test_an_operator_who_cannot_carry_it_is_left_for_the_next(heard: Heard, sip: str) -> None:
    """At once.  When nobody can, the number itself has not been tried."""
    go_on(
        dialling(),
        f"""
        1.000  {MOBILE} is refused with {sip}  | dial {MOBILE} over carrier-b as 02109500102
        1.100  {MOBILE} is refused with 503    | dialled {MOBILE}: no_trunk
        """,
    )
    assert heard.words == ["ended no_trunk"]


def test_who_points_elsewhere_is_not_followed(heard: Heard) -> None:
    """C24: the next operator is asked; when all say so the number itself was not to be reached, and
    none of them has failed."""
    story = go_on(
        dialling(),
        f"""
        1.000  {MOBILE} is refused with 302  | dial {MOBILE} over carrier-b as 02109500102
        1.100  {MOBILE} is refused with 305  | dialled {MOBILE}: unreachable
        """,
    )
    assert heard.words == ["ended unreachable"]
    assert dial(story, "13900000002").startswith("dial 13900000002 over carrier-a")


def test_a_telephone_that_has_rung_and_points_elsewhere_is_not_rung_again(heard: Heard) -> None:
    """It forwards whom it does not answer: the next operator would only ring it once more."""
    go_on(
        dialling(),
        f"""
        1.000  {MOBILE} rings                | -
        9.000  {MOBILE} is refused with 302  | dialled {MOBILE}: unreachable
        """,
    )
    assert heard.words == ["rang", "ended unreachable"]


def test_the_only_operator_left_is_not_given_up_for_its_silence_to_options(heard: Heard) -> None:
    """Decision 29: it may take the call all the same; what says nothing at all is left in time."""
    go_on(
        dialling(),
        f"""
        1.000  trunk carrier-a is away    | hang up {MOBILE}
        1.010  {MOBILE} is gone (normal)  | dial {MOBILE} over carrier-b as 02109500102
        3.000  trunk carrier-b is away    | -
        13.010 time passes                | hang up {MOBILE}
        13.020 {MOBILE} is gone (normal)  | dialled {MOBILE}: no_trunk
        """,
    )
    assert heard.words == ["ended no_trunk"]


def test_the_last_operator_that_is_there_may_look_for_the_number_longer(heard: Heard) -> None:
    """Decision 29: nobody else is left to be asked, and 120 that would have rung after 13 s was
    never reached; one that answers no OPTIONS any more is given up."""
    silent = f"""
        12.802 time passes                | hang up {MOBILE}
        12.810 {MOBILE} is gone (normal)  | dial {MOBILE} over carrier-b as 02109500102
    """
    go_on(
        go_on(dialling(), silent),
        f"""
        24.810 time passes                | -
        26.000 {MOBILE} rings             | -
        27.000 {MOBILE} answers           | dialled {MOBILE}: answered
        """,
    )
    assert heard.words == ["rang", "answered"]
    go_on(
        go_on(dialling(), silent),
        f"""
        24.810 time passes                | -
        30.000 trunk carrier-b is away    | -
        36.810 time passes                | hang up {MOBILE}
        36.820 {MOBILE} is gone (normal)  | dialled {MOBILE}: no_trunk
        """,
    )


def test_an_operator_who_is_away_is_left_for_the_next(heard: Heard) -> None:
    """It answers no OPTIONS: known two seconds after the INVITE.  Later calls go past it."""
    story = go_on(
        dialling(),
        f"""
        2.810  trunk carrier-a is away    | hang up {MOBILE}
        2.820  {MOBILE} is gone (normal)  | dial {MOBILE} over carrier-b as 02109500102
        5.000  {MOBILE} rings             | -
        5.500  {MOBILE} answers           | dialled {MOBILE}: answered
        """,
    )
    assert dial(story, "13900000002") == "dial 13900000002 over carrier-b as 02109500102"


def test_an_operator_going_away_does_not_cost_what_rings(heard: Heard) -> None:
    """The INVITE is through: whoever it rings at can still answer."""
    go_on(
        dialling(),
        f"""
        2.000  {MOBILE} rings             | -
        2.500  trunk carrier-a is away    | -
        3.000  {MOBILE} answers           | dialled {MOBILE}: answered
        """,
    )


def test_a_trunk_that_has_failed_is_asked_last_for_a_minute(heard: Heard) -> None:
    story = go_on(
        dialling(),
        f"""
        1.000  {MOBILE} is refused with 503  | dial {MOBILE} over carrier-b as 02109500102
        """,
    )
    assert dial(story, "13900000002").startswith("dial 13900000002 over carrier-b")
    go_on(
        story,
        f"""
        2.000  {MOBILE} is refused with 486     | dialled {MOBILE}: busy
        2.000  13900000002 is refused with 486  | dialled 13900000002: busy
        61.500  time passes                     | -
        """,
    )
    assert dial(story, MOBILE).startswith(f"dial {MOBILE} over carrier-a")


def test_an_announcement_of_a_broken_operator_is_not_the_far_telephones_word(
    heard: Heard,
) -> None:
    """T31: early media sounds like ringing (183), and a 503 after it is still the operator's.  What
    has really rung and is declined is declined."""
    go_on(
        dialling(),
        f"""
        1.000  {MOBILE} rings                | -
        3.000  {MOBILE} is refused with 503  | dial {MOBILE} over carrier-b as 02109500102
        5.000  {MOBILE} rings                | -
        35.000 time passes                   | dialled {MOBILE}: no_answer;
          | hang up {MOBILE} (no_answer)
        """,
    )
    go_on(
        dialling(),
        f"""
        1.000  {MOBILE} rings                | -
        3.000  {MOBILE} is refused with 403  | dialled {MOBILE}: rejected
        """,
    )


def test_a_request_that_fails_is_the_trunks_fault(heard: Heard) -> None:
    """Asterisk refuses to dial: the next trunk may be well."""
    go_on(
        dialling(),
        f"""
        1.000  DialNumber fails for {MOBILE}  | dial {MOBILE} over carrier-b as 02109500102
        """,
    )


def test_a_leg_that_was_lost_is_not_dialled_again_by_itself(heard: Heard) -> None:
    """Nobody knows whether it rings somewhere: two legs to one number are worse than none."""
    go_on(
        dialling(),
        """
        1.000  the switch is back with A, 8001 | open hold-emergency; open hold-enquiry;
          | open hold-synthetic; repaired: leg was gone; dialled 13900000001: unreachable
        """,
    )
    assert heard.words == ["ended unreachable"]


def test_withdrawn_before_the_answer(heard: Heard) -> None:
    story = dialling()
    s = story.core.state
    s.effects = []
    outbound.withdraw(s, next(iter(s.dials.values())))
    assert [story._render(e) for e in s.effects] == [
        f"dialled {MOBILE}: withdrawn",
        f"hang up {MOBILE}",
    ]
    go_on(
        story,
        f"""
        1.000  {MOBILE} rings              | ignored: rang after it was given up
        1.001  {MOBILE} answers            | ignored: answered after it was given up
        1.100  {MOBILE} is gone (normal)   | -
        """,
    )
    assert heard.words == ["ended withdrawn"]


def test_the_number_that_a_terminal_trusts_is_shown(heard: Heard) -> None:
    """The first of the wanted ones that the operator lets us show, else its own."""
    story = talking()
    assert dial(story, MOBILE, "4008123456", "95001").endswith("over carrier-a as 95001")


def test_one_leg_to_a_number_at_a_time(heard: Heard) -> None:
    """However it is written, and over all calls."""
    story = dialling("02160000001")
    for written in ("02160000001", "60000001", "+86 21 6000 0001"):
        assert dial(story, written) == Refusal.NUMBER_IN_CALL, written


@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        ("", "not_a_number"),
        ("12", "not_a_number"),
        ("sip:a@b", "not_a_number"),
        ("139-0000-0001x5", "not_a_number"),
        ("9" * 300, "not_a_number"),
        ("8001", "own_number"),
        ("95001", "own_number"),
        ("110", "rescue_number"),
        ("119", "rescue_number"),
        ("120", "rescue_number"),
        ("021110", "rescue_number"),
        ("+86120", "rescue_number"),
        ("0755119", "rescue_number"),
        ("90120", "rescue_number"),
        ("02190120", "rescue_number"),
    ],
)
def test_what_is_not_dialled(number: str, refusal: str) -> None:
    """Refused by value, and nothing has changed."""
    story = talking()
    assert dial(story, number) == refusal
    assert not story.core.state.dials and not story.core.state.effects


def test_without_a_trunk_nothing_is_dialled() -> None:
    story = talking()
    for trunk in ("carrier-a", "carrier-b"):
        story.step(story.core.state.now, TrunkRemoved(TrunkId(trunk)))
    assert dial(story, MOBILE) == "no_trunk"


def rescue(
    story: Story, *, area: AreaId = EAST, person: str = "8001", synthetic: bool = False
) -> DialResult | str:
    s = story.core.state
    s.effects = []
    call = next(iter(s.calls.values()))
    call.synthetic = synthetic
    made = outbound.dial_rescue(
        s,
        call,
        directory.RescueService.MEDICAL,
        TEST,
        area=area,
        person=AgentId(person),
    )
    if isinstance(made, NotDialled):
        return made.refusal
    told = next(e for e in s.effects if isinstance(e, NumberDialled))
    assert told.person == person
    return made.number


def test_rescue_is_dialled_for_a_person_who_is_on_the_line(heard: Heard) -> None:
    """Design behaviour 7: for nobody else, and over a trunk of the elder's own area."""
    assert rescue(talking()) == "90120"
    assert rescue(talking(), person="8002") == "nobody_on_the_line"
    assert rescue(talking(), person="9999") == "nobody_on_the_line"
    assert rescue(talking(), area=AreaId("north")) == "no_rescue_number"


def test_a_test_never_calls_the_real_rescue_service(heard: Heard) -> None:
    story = talking()
    number = directory.RescueNumber(
        service=directory.RescueService.MEDICAL, number="120", is_real=True
    )
    area = directory.Area(id=EAST, rescue=(number,))
    story.step(story.core.state.now, AreaDefined(area))
    assert rescue(story, synthetic=True) == "real_rescue_in_test"
    assert rescue(story) == "120"


@pytest.mark.parametrize(
    ("form", "number", "given"),
    [
        ("national", "02160000001", "02160000001"),
        ("local", "02160000001", "60000001"),
        ("local", "02195001", "02195001"),
        ("local", "01060000001", "01060000001"),
        ("e164", "02160000001", "+862160000001"),
        ("e164", "13900000001", "+8613900000001"),
        ("e164", "0085212345678", "+85212345678"),
        ("e164", "95001", "95001"),
    ],
)
def test_each_operator_is_given_the_number_in_its_form(form: str, number: str, given: str) -> None:
    assert dial_form(NumberRules(area_code="021"), DialForm(form), number) == given
