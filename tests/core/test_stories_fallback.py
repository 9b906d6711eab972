"""Callers whom the dialplan alone has served: each has one record, whatever had died (T18, X14)."""

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from acd.core.commands import KeepCaller, KeepMemo
from acd.core.events import (
    CallArrived,
    CallRemembered,
    CommandFailed,
    FallbackEnded,
    FoundLeg,
    Hangup,
    LegAway,
    LegGone,
    SwitchConnected,
    TimePassed,
)
from acd.core.facts import CallEnded, CallOffered, ObligationNoted, Outcome
from acd.core.ids import CallId, EntryId, LegId, Node, PhoneId, QueueId
from acd.core.invariants import check_all
from acd.core.memo import Memo
from acd.core.memos import KEEP_AGAIN_MS
from acd.core.state import Effect
from tests.core.story import EPOCH_MS, Story, go_on, tell
from tests.core.test_stories_case import TO_RESCUE, with_b

KNOWN = CallId("6-9")
"""A call of the life before."""
AGAIN = LegId("n1:n1-2.9")
"""The same caller's next channel."""


def arrival(**more: Any) -> CallArrived:
    return CallArrived(
        leg=LegId("n1:n1-1.7"),
        arrived_ms=EPOCH_MS - 60_000,
        trunk=None,
        caller="02160000001",
        called=EntryId("95001"),
        terminal=None,
        elders=(),
        recording="n1-1.7.raw",
        **more,
    )


def ended(
    story: Story, *, talk_ms: int | None = None, cut: bool = False, memo: Memo | None = None
) -> list[Any]:
    """Tell that the caller left after 20 s in the fallback; return what followed."""
    event = FallbackEnded(
        arrival=arrival(memo=memo),
        left_ms=EPOCH_MS - 40_000,
        talk_ms=talk_ms,
        phone=None if talk_ms is None else PhoneId("a8001"),
        cut=cut,
    )
    return list(story.core.step(EPOCH_MS + 1_000, event))


def test_whoever_was_answered_there_has_a_record_that_says_by_whom() -> None:
    effects = ended(tell("", agents="8001"), talk_ms=15_000)
    (offered,) = [one for one in effects if isinstance(one, CallOffered)]
    (account,) = [one for one in effects if isinstance(one, CallEnded)]
    assert offered.call == account.call == "fallback-n1-1.7"
    assert (offered.queue, offered.recording) == ("emergency", "n1-1.7.raw")
    assert account.outcome is Outcome.FALLBACK
    assert account.agent == "8001"
    assert (account.arrived_ms, account.answered_ms, account.at_ms) == (
        EPOCH_MS - 60_000,
        EPOCH_MS - 55_000,
        EPOCH_MS - 40_000,
    )
    assert (account.wait_ms, account.talk_ms) == (5_000, 15_000)


def test_whoever_gave_up_there_was_not_answered_and_is_owed_a_call() -> None:
    effects = ended(tell("", agents="8001", owed=True))
    (account,) = [one for one in effects if isinstance(one, CallEnded)]
    assert (account.outcome, account.wait_ms) == (Outcome.ABANDONED, 20_000)
    (owed,) = [one for one in effects if isinstance(one, ObligationNoted)]
    assert owed.obligation.number == "02160000001"


def test_whoever_was_there_when_asterisk_died_was_cut_off() -> None:
    effects = ended(tell("", agents="8001", owed=True), cut=True)
    (account,) = [one for one in effects if isinstance(one, CallEnded)]
    assert account.outcome is Outcome.LOST
    assert any(isinstance(one, ObligationNoted) for one in effects)


def memo(call: CallId) -> Memo:
    return Memo(
        call=call,
        arrived_ms=EPOCH_MS - 90_000,
        kind=None,  # type: ignore[arg-type]  # nothing looks at it here
        queue=QueueId("emergency"),
        entered=None,
        called=None,
        caller=None,
    )


def test_a_call_that_we_had_is_the_same_one_and_has_one_end() -> None:
    """It keeps its id and arrival; told again, nothing follows."""
    story = tell("", agents="8001")
    story.core.step(
        EPOCH_MS,
        CallRemembered(
            call=KNOWN,
            arrived_ms=EPOCH_MS - 90_000,
            caller="02160000001",
            called=EntryId("95001"),
            kind=story.core.state.entries[EntryId("95001")].kind,
            queue=QueueId("emergency"),
            terminal=None,
            elders=(),
            synthetic=False,
            answered_ms=None,
            first_offer_ms=None,
            agent=None,
        ),
    )
    effects = ended(story, talk_ms=15_000, memo=memo(KNOWN))
    assert not [one for one in effects if isinstance(one, CallOffered)]
    (account,) = [one for one in effects if isinstance(one, CallEnded)]
    assert (account.call, account.arrived_ms) == (KNOWN, EPOCH_MS - 90_000)
    assert account.outcome is Outcome.FALLBACK
    assert not [
        one for one in ended(story, talk_ms=15_000, memo=memo(KNOWN)) if isinstance(one, CallEnded)
    ]


def taken_before_a_memo() -> tuple[Story, CallId]:
    """A caller told of early, whom the dialplan took before their channel could bear a memo; the
    link came back since, and tells nothing of them."""
    story = tell("", agents="8001")
    effects = story.core.step(EPOCH_MS, arrival())
    (offered,) = [one for one in effects if isinstance(one, CallOffered)]
    story.core.step(EPOCH_MS + 300, LegAway(arrival().leg, marked=False))
    effects = story.core.step(EPOCH_MS + 600, SwitchConnected(Node("n1"), ()))
    assert not [one for one in effects if isinstance(one, CallEnded)]
    return story, offered.call


def test_who_was_taken_before_a_memo_ends_as_the_dialplan_says() -> None:
    """K04: one record, under the id that the call had; the end of the channel adds nothing."""
    story, call = taken_before_a_memo()
    effects = ended(story, talk_ms=15_000)
    assert not [one for one in effects if isinstance(one, CallOffered)]
    (account,) = [one for one in effects if isinstance(one, CallEnded)]
    assert (account.call, account.outcome, account.agent) == (call, Outcome.FALLBACK, "8001")
    later = story.core.step(EPOCH_MS + 2_000, LegGone(arrival().leg, Hangup.LOST))
    assert not [one for one in later if isinstance(one, CallEnded)]


def test_who_was_taken_before_a_memo_comes_back_as_the_same_call() -> None:
    story, call = taken_before_a_memo()
    effects = story.core.step(EPOCH_MS + 1_000, arrival())
    assert not [one for one in effects if isinstance(one, CallOffered)]
    assert story.core.state.calls[call].caller_leg == arrival().leg
    assert story.core.state.calls[call].arrived_ms == EPOCH_MS - 60_000


def test_who_was_taken_before_a_memo_and_is_gone_has_an_end() -> None:
    """The dialplan has written nothing of them: they had hung up before."""
    story, call = taken_before_a_memo()
    effects = story.core.step(EPOCH_MS + 31_000, LegGone(arrival().leg, Hangup.LOST))
    (account,) = [one for one in effects if isinstance(one, CallEnded)]
    assert (account.call, account.outcome) == (call, Outcome.FALLBACK)


def not_kept() -> Story:
    """A caller came in the moment in which the link went: neither note could be written."""
    story = tell("", agents="")
    (keep, _) = notes(story.core.step(EPOCH_MS, arrival()))
    for command in ("KeepCaller", "KeepMemo"):
        reason = "No link to Asterisk."
        failed = CommandFailed(
            command=command, call=keep.call, leg=keep.leg, room=None, reason=reason
        )
        story.core.step(EPOCH_MS, failed)
    return story


def notes(effects: Sequence[Effect]) -> list[KeepCaller | KeepMemo]:
    return [one for one in effects if isinstance(one, KeepCaller | KeepMemo)]


def test_who_could_not_be_kept_is_kept_before_the_dialplan_takes_them() -> None:
    """That the memo has time must not make the caller wait who has none: the time limit is 3 s."""
    again = notes(not_kept().core.step(EPOCH_MS + KEEP_AGAIN_MS, TimePassed()))
    assert [type(one) for one in again] == [KeepCaller, KeepMemo]


def test_who_could_not_be_kept_is_kept_as_soon_as_there_is_a_link() -> None:
    """Most of the 3 s may be over by then."""
    story, leg = not_kept(), arrival().leg
    again = notes(story.core.step(EPOCH_MS + 100, SwitchConnected(Node("n1"), (leg,))))
    assert [type(one) for one in again] == [KeepCaller, KeepMemo]
    (_, noted) = again
    assert isinstance(noted, KeepMemo)
    found = FoundLeg(leg=leg, memo=noted.memo, is_up=False)
    connected = SwitchConnected(Node("n1"), (leg,), found=(found,))
    assert notes(story.core.step(EPOCH_MS + 200, connected)) == [], "their channel says so already"


def test_who_is_owed_a_call_and_is_in_the_fallback_is_not_called_meanwhile() -> None:
    """They had called again, and are on the line still; who was answered there is owed nothing."""
    story = tell("", agents="8001", owed=True)
    ended(story)
    story.core.step(EPOCH_MS + 2_000, structs.replace(arrival(), leg=AGAIN))
    story.core.step(EPOCH_MS + 2_500, LegAway(AGAIN))
    assert not check_all(story.core.state)
    (owed,) = story.core.state.obligations.values()
    assert owed.working in story.core.state.remembered_calls
    assert owed.next_ms is None


def test_two_in_a_side_room_are_let_go_with_a_caller_who_was_taken() -> None:
    """The first of them leaves a room to which the other one still belongs."""
    go_on(
        go_on(with_b(), TO_RESCUE),
        """
        9.000  A is in the fallback | repaired: caller was in the fallback; hang up 8001;
                                    | hang up 8002; close side A; hang up 90120; close room A;
                                    | 8001 ready; 8002 ready
        """,
    )
