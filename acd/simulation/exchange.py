"""A pretend Asterisk: channels, rooms and playbacks, and what each command does to them.

It answers rightly, as the real one was seen to; *when* it answers, and whether the answer arrives,
is its courier's business: everything it has to say goes to ``say``, with the leg whose events keep
their order (None: order means nothing).  It knows nothing of the core.
"""

from collections.abc import Callable
from dataclasses import dataclass

from acd.core.commands import (
    AnswerLeg,
    AnswerRefer,
    CallPhone,
    CheckTrunk,
    CloseRoom,
    Command,
    DetectTalk,
    DialNumber,
    HandToFallback,
    HangUp,
    Hush,
    JoinRoom,
    KeepCaller,
    KeepMemo,
    LeaveRoom,
    ListenTo,
    OpenHoldingRoom,
    OpenRoom,
    OpenSnoop,
    Play,
    PlayTone,
    RecordLeg,
    RecordSide,
    Release,
    RingPhone,
    SeatAnew,
    SendKeys,
    SetGain,
    StopDetecting,
    StopListening,
    StopPlay,
    StopRecording,
    StopSide,
)
from acd.core.events import (
    CommandFailed,
    Event,
    FoundLeg,
    Hangup,
    LegAnswered,
    LegGone,
    LegHungUp,
    LegJoined,
    LegRang,
    MessageEnded,
    PromptFinished,
    RecordingStarted,
    SnoopGone,
    SnoopStarted,
    SwitchConnected,
)
from acd.core.ids import CallId, LegId, Node, PhoneId, PlaybackId, RecordingId, RoomId
from acd.core.memo import Memo
from acd.simulation.careline import RESCUE

TONE = "tone:"

Say = Callable[[LegId | None, Event], None]


@dataclass(slots=True, eq=False)
class Channel:
    """A leg as Asterisk has it."""

    leg: LegId
    role: str
    phone: PhoneId | None = None
    up: bool = False
    room: RoomId | None = None
    call: CallId | None = None
    """What it was dialled for, or which call the first request about a caller's was for."""
    number: str | None = None
    """The outside number it goes to."""
    is_stuck: bool = False
    """The far end has hung up, and Asterisk keeps the channel, whatever is asked of it."""
    is_line: bool = False
    """A line that is to stay open."""
    memo: Memo | None = None
    """What it keeps for us."""


@dataclass(slots=True, eq=False)
class Copy:
    """A snoop: what a leg says and hears, in another room."""

    of: LegId
    whispers: bool
    """What is said to the copy is heard by the leg alone."""
    room: RoomId | None = None


class Exchange:
    """One node.  ``is_registered`` tells whether a phone can be reached."""

    def __init__(self, say: Say, is_registered: Callable[[PhoneId], bool]) -> None:
        self._say = say
        self._is_registered = is_registered
        self.channels: dict[LegId, Channel] = {}
        self.rooms: dict[RoomId, None] = {}
        self.playbacks: dict[PlaybackId, LegId] = {}
        """What is being played, and to whom."""
        self.tones: dict[PlaybackId, None] = {}
        """What of it has no end of its own."""
        self.recordings: dict[RecordingId, LegId] = {}
        self.snoops: dict[LegId, Copy] = {}
        self.listened: dict[LegId, None] = {}
        """Legs whose sound is judged."""
        self.away: dict[LegId, Channel] = {}
        """Callers whom the dialplan's fallback has."""

    def carry_out(self, command: Command) -> None:
        """Do what is asked, or say that it cannot be done."""
        if isinstance(command, KeepMemo) and command.leg in self.away:
            self.away[command.leg].memo = command.memo
        elif getattr(command, "leg", None) in self.away:
            self.refuse(command, "the channel is not in our application")
        else:
            _CARRY_OUT[type(command)](self, command)

    def refuse(self, command: Command, reason: str) -> None:
        """Answer that a command has failed."""
        failed = CommandFailed(
            command=type(command).__name__,
            call=command.call,
            leg=getattr(command, "leg", None),
            room=getattr(command, "room", None),
            reason=reason,
        )
        self._say(None, failed)

    def shows(self, node: Node) -> SwitchConnected:
        """Return what is there, as it is told when the link comes up."""
        return SwitchConnected(
            node,
            tuple(self.channels),
            found=tuple(
                FoundLeg(
                    leg=one.leg,
                    memo=one.memo,
                    is_up=one.up,
                    room=one.room,
                    is_away=one.leg in self.away,
                )
                for one in (*self.channels.values(), *self.away.values())
                if one.memo is not None
            ),
            copies=tuple(self.snoops),
            rooms=tuple(self.rooms),
        )

    # What the outside does ----------------------------------------------------------------------

    def rings(self, channel: Channel) -> None:
        """The far phone says 180."""
        self._say(channel.leg, LegRang(channel.leg))

    def is_answered(self, channel: Channel) -> None:
        """The far phone says 200."""
        channel.up = True
        self._say(channel.leg, LegAnswered(channel.leg))

    def far_end_goes(self, channel: Channel, why: Hangup) -> None:
        """The far end hangs up or refuses: told at once, and then the end of the channel."""
        self._say(channel.leg, LegHungUp(channel.leg))
        self.kill(channel, why)

    def sticks(self, channel: Channel) -> None:
        """The far end hangs up, and the channel does not end (seen with Asterisk 22.10.1)."""
        channel.is_stuck = True
        self._say(channel.leg, LegHungUp(channel.leg))

    def kill(self, channel: Channel, why: Hangup) -> None:
        """End a channel; its last word is why."""
        self._let_go_of(channel)
        self._say(channel.leg, LegGone(channel.leg, why))

    def _let_go_of(self, channel: Channel) -> None:
        del self.channels[channel.leg]
        self.listened.pop(channel.leg, None)
        for recording, leg in list(self.recordings.items()):
            if leg == channel.leg:
                self.end_recording(recording)
        for snoop, copy in list(self.snoops.items()):
            if copy.of == channel.leg:
                self._end_snoop(snoop)

    def take_away(self, channel: Channel) -> None:
        """The dialplan's fallback has a caller now, and none of our rooms and voices."""
        channel.room = None
        for playback, leg in list(self.playbacks.items()):
            if leg == channel.leg:
                self.finish(playback)
        self._let_go_of(channel)
        self.away[channel.leg] = channel

    def give_back(self, channel: Channel) -> None:
        """The dialplan's fallback asks for us again."""
        del self.away[channel.leg]
        self.channels[channel.leg] = channel

    def finish(self, playback: PlaybackId) -> None:
        """A prompt has been played to its end, or stopped."""
        if playback in self.playbacks:
            del self.playbacks[playback]
            self.tones.pop(playback, None)
            self._say(None, PromptFinished(playback))

    def end_recording(self, recording: RecordingId) -> None:
        """A message is over: #, silence, its longest, or its leg's end."""
        if recording in self.recordings:
            del self.recordings[recording]
            self._say(None, MessageEnded(recording))

    # Commands -----------------------------------------------------------------------------------

    def _ring(self, c: RingPhone | CallPhone) -> None:
        channel = self.channels[c.leg] = Channel(c.leg, "agent", c.phone, call=c.call)
        channel.is_line = isinstance(c, CallPhone) and c.picks_up
        channel.memo = c.memo if isinstance(c, RingPhone) else None
        if not self._is_registered(c.phone):
            self.kill(channel, Hangup.UNREACHABLE)

    def _dial(self, c: DialNumber) -> None:
        others = [
            one
            for one in self.channels.values()
            if one.number == c.number and not one.is_stuck and not _is_other_emergency(one, c)
        ]
        assert not others, f"{c.number} is dialled while {others} goes there"
        self.channels[c.leg] = Channel(c.leg, "outside", number=c.number, memo=c.memo)

    def _keep(self, c: KeepMemo) -> None:
        if (channel := self.channels.get(c.leg)) is None:
            self._say_lost(c.leg)
        else:
            channel.memo = c.memo

    def _check_trunk(self, c: CheckTrunk) -> None:
        """The operator answers OPTIONS: nothing changes, so nothing is told."""

    def _answer(self, c: AnswerLeg) -> None:
        if (channel := self.channels.get(c.leg)) is None:
            self._say_lost(c.leg)
        else:
            channel.up = True
            channel.call = channel.call or c.call

    def _hang_up(self, c: HangUp) -> None:
        if c.leg in self.snoops:
            self._end_snoop(c.leg)
        elif (channel := self.channels.get(c.leg)) is None:
            self._say_lost(c.leg)
        elif channel.is_stuck:
            return  # it would have to do something to end
        elif c.farewell is not None and channel.up:
            self.playbacks[c.farewell] = c.leg
        else:
            self.kill(channel, Hangup.NO_ANSWER if c.reason is Release.NO_ANSWER else Hangup.NORMAL)

    def _open(self, c: OpenRoom | OpenHoldingRoom) -> None:
        self.rooms[c.room] = None

    def _close(self, c: CloseRoom) -> None:
        """Whoever is in it is in none any more."""
        self.rooms.pop(c.room, None)
        for channel in self.channels.values():
            channel.room = None if channel.room == c.room else channel.room
        for copy in self.snoops.values():
            copy.room = None if copy.room == c.room else copy.room

    def _join(self, c: JoinRoom) -> None:
        if all(leg in self.snoops for leg in c.legs) and c.room in self.rooms:
            for leg in c.legs:  # an inner channel: its coming and going is not told
                self.snoops[leg].room = c.room
            return
        if c.room not in self.rooms or any(leg not in self.channels for leg in c.legs):
            self.refuse(c, "no such room, or a leg is not there")
            return
        for leg in c.legs:
            self.channels[leg].room = c.room
            self._say(leg, LegJoined(leg, c.room))

    def _seat_anew(self, c: SeatAnew) -> None:
        """Out and in again, as Asterisk tells it; nothing of one that is somewhere else or gone."""
        for leg in c.legs:
            if leg in self.channels and self.channels[leg].room == c.room:
                self._say(leg, LegJoined(leg, c.room))

    def _play(self, c: Play | PlayTone) -> None:
        if c.leg not in self.channels:
            self._say_lost(c.leg)
        else:
            self.playbacks[c.playback] = c.leg
            if isinstance(c, PlayTone) or c.prompts[0].startswith(TONE):
                self.tones[c.playback] = None

    def _record(self, c: RecordLeg) -> None:
        channel = self.channels.get(c.leg)
        if channel is None:
            self._say_lost(c.leg)
        elif channel.room is not None:
            self.refuse(c, "it is in a room")
        else:
            self.recordings[c.recording] = c.leg

    def _stop_recording(self, c: StopRecording) -> None:
        if c.recording in self.recordings:
            self.end_recording(c.recording)
        else:
            self.refuse(c, "it has ended")

    def _leave(self, c: LeaveRoom) -> None:
        if (channel := self.channels.get(c.leg)) is None:
            self._say_lost(c.leg)
        elif channel.room == c.room:
            channel.room = None

    def _stop(self, c: StopPlay) -> None:
        if c.playback in self.playbacks:
            self.finish(c.playback)
        else:
            self.refuse(c, "it has ended")

    def _hush(self, c: Hush) -> None:
        """What sounds there is stopped, and what has waited behind it begins."""
        for playback, leg in self.playbacks.items():
            if leg == c.leg:
                self.finish(playback)
                return

    def _accept(
        self, c: KeepCaller | SendKeys | SetGain | AnswerRefer | DetectTalk | StopDetecting
    ) -> None:
        if c.leg not in self.channels:
            self._say_lost(c.leg)

    def _listen(self, c: ListenTo) -> None:
        if c.leg not in self.channels:
            self._say_lost(c.leg)
        else:
            self.listened[c.leg] = None

    def _stop_listening(self, c: StopListening) -> None:
        self.listened.pop(c.leg, None)

    def _open_snoop(self, c: OpenSnoop) -> None:
        if c.of not in self.channels:
            self.refuse(c, "no such channel")
        else:
            self.snoops[c.leg] = Copy(c.of, c.whisper)
            self._say(c.leg, SnoopStarted(c.leg))

    def _record_side(self, c: RecordSide) -> None:
        if c.leg not in self.channels:
            self.refuse(c, "no such channel")
        else:
            self._say(c.leg, RecordingStarted(c.leg, c.file))

    def _end_snoop(self, snoop: LegId) -> None:
        del self.snoops[snoop]
        self._say(snoop, SnoopGone(snoop))

    def _fall_back(self, c: HandToFallback) -> None:
        # The channel leaves the application; to us that is its end.
        if (channel := self.channels.get(c.leg)) is not None:
            self.kill(channel, Hangup.NORMAL)

    def _say_lost(self, leg: LegId) -> None:
        self._say(None, LegGone(leg, Hangup.LOST))


_CARRY_OUT: dict[type[Command], Callable[..., None]] = {
    RingPhone: Exchange._ring,
    CallPhone: Exchange._ring,
    DialNumber: Exchange._dial,
    KeepMemo: Exchange._keep,
    KeepCaller: Exchange._accept,
    CheckTrunk: Exchange._check_trunk,
    AnswerLeg: Exchange._answer,
    HangUp: Exchange._hang_up,
    OpenRoom: Exchange._open,
    OpenHoldingRoom: Exchange._open,
    JoinRoom: Exchange._join,
    SeatAnew: Exchange._seat_anew,
    CloseRoom: Exchange._close,
    Play: Exchange._play,
    StopPlay: Exchange._stop,
    Hush: Exchange._hush,
    PlayTone: Exchange._play,
    SendKeys: Exchange._accept,
    SetGain: Exchange._accept,
    OpenSnoop: Exchange._open_snoop,
    ListenTo: Exchange._listen,
    StopListening: Exchange._stop_listening,
    DetectTalk: Exchange._accept,
    StopDetecting: Exchange._accept,
    AnswerRefer: Exchange._accept,
    RecordLeg: Exchange._record,
    StopRecording: Exchange._stop_recording,
    RecordSide: Exchange._record_side,
    StopSide: Exchange._accept,
    LeaveRoom: Exchange._leave,
    HandToFallback: Exchange._fall_back,
}


def _is_other_emergency(channel: Channel, c: DialNumber) -> bool:
    """Tell whether another call has rescue on the line: that has many."""
    return c.number in RESCUE and channel.memo is not None and channel.memo.call != c.call
