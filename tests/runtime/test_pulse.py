"""Whether packets come from callers (C07): told when they stop and when they come again."""

from acd.core.commands import ListenTo, StopListening
from acd.core.events import Heard
from acd.core.ids import CallId, LegId
from acd.runtime.pulse import Pulse

EMERGENCY, ENQUIRY = CallId("1-1"), CallId("1-2")
LEG = LegId("n1:caller")


class Line:
    """A leg whose packets are counted by the test."""

    def __init__(self) -> None:
        self.came: int | None = 0
        self.told: list[Heard] = []
        self.asked = 0
        self.pulse = Pulse(
            self.count,
            lambda event: self.told.append(event.heard),
            concerns=lambda call: call == EMERGENCY,
        )

    async def count(self, leg: LegId) -> int | None:
        assert leg == LEG
        self.asked += 1
        return self.came

    async def looked(self, *counts: int | None) -> list[Heard]:
        """What is told at looks that find these."""
        self.told = []
        for self.came in counts:
            await self.pulse.look_at(LEG)
        return self.told


async def test_a_line_goes_dead_and_comes_back() -> None:
    """Each once; and where Asterisk says nothing for a while, that is no sign of anything."""
    line = Line()
    await line.pulse.perform(ListenTo(EMERGENCY, LEG))
    assert await line.looked(0, 250, None, 500) == []
    assert await line.looked(500, 500, None) == [Heard.NO_RTP]
    assert await line.looked(501, 502) == [Heard.PACKETS]
    assert await line.looked(502) == [Heard.NO_RTP]


async def test_a_leg_that_nobody_wants_looked_at_is_not() -> None:
    """On a line that may be let go no packet is no silence (C05); and what has ended has ended."""
    line = Line()
    await line.pulse.perform(ListenTo(ENQUIRY, LEG))
    assert await line.looked(0, 0) == []
    await line.pulse.perform(ListenTo(EMERGENCY, LEG))
    await line.pulse.perform(StopListening(EMERGENCY, LEG))
    assert await line.looked(0, 0) == []
    await line.pulse.perform(ListenTo(EMERGENCY, LEG))
    line.pulse.gone(LEG)
    assert await line.looked(0, 0) == []
    assert line.asked == 0
