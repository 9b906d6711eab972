"""Who could hear whom: whoever is played something is out of their room for so long.

So nobody is brought together with others while something plays to them, and ring-back tone, which
has no end of its own, ends when nothing rings any more.
"""

from collections.abc import Sequence

from acd.core.call_control.speech import RING_BACK
from acd.core.commands import DialNumber, HangUp, JoinRoom, Play, PlayTone, StopPlay
from acd.core.events import (
    CommandFailed,
    Event,
    LegAnswered,
    LegGone,
    PromptFinished,
    SwitchConnected,
)
from acd.core.ids import CallId, LegId, PlaybackId
from acd.core.state import Effect


class Hearing:
    """Shown every step by ``see``; raises ``AssertionError`` when somebody would hear nobody."""

    def __init__(self) -> None:
        self._playing: dict[PlaybackId, Play] = {}
        """As far as anybody has said."""
        self._unanswered: dict[LegId, CallId] = {}
        """Legs to outside numbers."""

    def see(self, event: Event, effects: Sequence[Effect]) -> None:
        """Take one step in and check what must hold after it."""
        self._heard(event)
        for effect in effects:
            self._ordered(effect)
        for play in self._playing.values():
            rings = play.prompts != RING_BACK or play.call in self._unanswered.values()
            assert rings, f"{play.leg} of {play.call} hears ring-back tone, and nothing rings"

    def _heard(self, event: Event) -> None:
        match event:
            case PromptFinished(playback):
                self._playing.pop(playback, None)
            case LegAnswered(leg):
                self._unanswered.pop(leg, None)
            case LegGone(leg):
                self._unanswered.pop(leg, None)
                self._quiet(leg)
            case CommandFailed(command="Play", leg=leg) if leg is not None:
                self._quiet(leg)
            case SwitchConnected(_, legs):
                for gone in [leg for leg in self._unanswered if leg not in legs]:
                    del self._unanswered[gone]
                for gone in {play.leg for play in self._playing.values()} - set(legs):
                    self._quiet(gone)
            case _:
                pass

    def _ordered(self, effect: Effect) -> None:
        match effect:
            case Play(playback=playback):
                self._playing[playback] = effect
            case PlayTone(call, leg, playback):
                self._playing[playback] = Play(call, leg, playback, ("busy tone",))
            case StopPlay(_, playback):
                self._playing.pop(playback, None)
            case DialNumber(call=call, leg=leg):
                self._unanswered[leg] = call
            case HangUp(leg=leg):
                self._quiet(leg)
            case JoinRoom(call, room, legs) if call in room:  # a move to the music may wait
                for play in self._playing.values():
                    deaf = play.leg in legs
                    assert not deaf, f"{play.leg} is to be in {room} and hears {play.prompts}"
            case _:
                pass

    def _quiet(self, leg: LegId) -> None:
        for playback in [key for key, play in self._playing.items() if play.leg == leg]:
            del self._playing[playback]
