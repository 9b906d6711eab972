"""What the machine has taken down: a message, and how content somebody is."""

import msgspec

from acd.core.ids import AgentId, CallId, QueueId, RecordingId, RequestId
from acd.core.scripts import RatingScale, RatingSource


class MessageEnded(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A recording of ours has ended: by a key, by silence, at its longest, or because we or the
    leg's end stopped it.  ``failed`` when there is no file."""

    recording: RecordingId
    failed: bool = False


class RatingGiven(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """``by`` writes down how content somebody said they are with a call that an agent has
    answered, whether it goes on or is long over (C28)."""

    request: RequestId
    call: CallId
    arrived_ms: int
    answered_ms: int | None
    queue: QueueId | None
    """Of which line the call was; None: of none."""
    served: AgentId | None
    """Whose service it was; None after an outside party."""
    by: AgentId
    scale: RatingScale
    rating: str
    """A word of the scale."""
    source: RatingSource


SelfServiceEvent = MessageEnded | RatingGiven
