"""Everybody who was weighed for a call, from a journal of its day."""

from pathlib import Path

from msgspec import structs

from acd.adapters.postgres.history import OfferRecord
from acd.core.codec import Digest, Frame, Header, encode_frame, encode_header
from acd.core.directory import Queue, Reach, Selection, Widening
from acd.core.events import Event
from acd.runtime.explain.decisions import Decision, decisions_of, lines_of
from acd.runtime.journal import core_fingerprint, journal_of
from tests.core.story import EMERGENCY, ENQUIRY, EPOCH_MS, NODE, SYNTHETIC, Story, go_on


class Journalled(Story):
    """A story whose every step goes into a journal as the service would write it."""

    def __init__(self, folder: Path, agents: str, emergency: Queue) -> None:
        self.path = folder / f"{EPOCH_MS:015d}-000007.journal"
        header = Header(
            version="test", core=core_fingerprint(), epoch=7, node=NODE, started_ms=EPOCH_MS
        )
        self._file = bytearray(encode_header(header))
        self._digest = Digest()
        self._frames = 0
        super().__init__(
            agents=agents.split(), away=[], queues=(emergency, ENQUIRY, SYNTHETIC), strict=True
        )

    def step(self, now_ms: int, event: Event) -> list[str]:
        before = len(self.effects)
        told = super().step(now_ms, event)
        self._frames += 1
        digest = self._digest.add(self.effects[before:])
        self._file += encode_frame(Frame(self._frames, now_ms, event, digest))
        return told

    def decisions(self, call: str) -> list[Decision]:
        self.path.write_bytes(self._file)
        found, result = decisions_of(call, self.path)
        assert result.diverged_at is None
        return found


def offer(decision: Decision, selection: Selection) -> OfferRecord:
    blank = dict.fromkeys(OfferRecord.__struct_fields__)
    return OfferRecord(**{**blank, "agent": decision.agent, "selection": selection})  # type: ignore[arg-type]


def test_the_whole_list_of_a_decision(tmp_path: Path) -> None:
    """The winner, everybody behind in the order in which they would have been rung, and
    why the others could not be: by replay, for the call that is asked about and no other."""
    story = Journalled(tmp_path, "8001 8002 8003 8004 8005 8006 8011", EMERGENCY)
    go_on(
        story,
        """
        0.000  A calls 95001               | offered A; ring 8001 for A; open room A
        0.100  8002 asks to pause for meal | 8002 paused (meal); done: paused
        0.200  phone 8003 is busy          | -
        1.000  B calls 95001               | offered B; ring 8004 for B; open room B
        """,
    )
    [decision] = story.decisions("7-2")
    assert list(lines_of(decision, offer(decision, Selection.LONGEST_IDLE))) == [
        "  1. 8004: chosen, idle for 61.0 s",
        "  2. 8005: free, idle for 61.0 s",
        "  3. 8006: free, idle for 61.0 s",
        "   – 8003: occupied",
        "   – 8001: offered",
        "   – 8002: paused",
    ]
    assert [one.agent for one in story.decisions("7-1")] == ["8001"]
    assert story.decisions("7-3") == []


def test_ranks_and_reaches_have_their_words(tmp_path: Path) -> None:
    """With nobody free, who could be rung out of notes or a break comes next; a level is told under
    a rule that looks at it."""
    wide = Widening(after_ms=0, phones=2, reach=Reach.BREAK)
    queue = structs.replace(
        EMERGENCY, selection=Selection.HIGHEST_SKILL, widening=(wide,), wrap_up_ms=60_000
    )
    story = Journalled(tmp_path, "8001 8002 8003", queue)
    go_on(
        story,
        """
        0.000  8002 asks to pause for rest | 8002 paused (rest); done: paused
        0.000  8003 asks to pause for meal | 8003 paused (meal); done: paused
        0.000  A calls 95001               | offered A; ring 8001 for A; ring 8002 for A;
                                           | open room A
        """,
    )
    first, second = story.decisions("7-1")
    assert list(lines_of(first, offer(first, Selection.HIGHEST_SKILL))) == [
        "  1. 8001: chosen, level 5, idle for 60.0 s",
        "  2. 8002: would have been rung out of a break",
        "   – 8003: paused",
    ]
    assert second.agent == "8002"


def test_a_journal_is_found_by_the_start_in_the_calls_id(tmp_path: Path) -> None:
    made = tmp_path / "000000000001000-000007.journal"
    made.touch()
    assert journal_of(tmp_path, 7) == made
    assert journal_of(tmp_path, 70) is None
