"""What the dialplan wrote of callers is taken away once the record has it, under whatever id."""

from zoneinfo import ZoneInfo

from acd.adapters.asterisk import AsteriskUnreachable
from acd.adapters.asterisk.stays import Stay, stay_of
from acd.core.events import Event, FallbackEnded
from acd.core.ids import CallId, LegId, Node
from acd.runtime.calendar import Calendar
from acd.runtime.intake import Intake
from acd.runtime.stays import Stays

KEY = "n1-1796007224.396"
LATER_KEY = "n1-1796007225.397"
ENTRY = "over|1796007230613|3201|PJSIP/a7001-1|PJSIP/carrier-a-1|02150005601|95001||1796007227181|"


class World:
    """One entry, a record, and what the core knows of the entry's leg."""

    def __init__(self, known_as: CallId | None) -> None:
        stay = stay_of(KEY, ENTRY, node=Node("n1"))
        assert stay is not None and stay.arrival.memo is None
        self.entries = [stay]
        self.known: dict[LegId, CallId | None] = {stay.arrival.leg: known_as}
        self.written: set[str] = set()
        self.link = True
        self.told: list[Event] = []
        self.stays = Stays(
            first=self.read,
            read=self.read,
            forget=self.forget,
            has_ended=self.has_ended,
            known_as=self.known.get,
            intake=Intake(Calendar(ZoneInfo("Asia/Shanghai"))),
            put=self.told.append,
        )

    async def read(self) -> list[Stay]:
        return list(self.entries)

    async def forget(self, stay: Stay) -> None:
        if not self.link:
            raise AsteriskUnreachable("There is no AMI link.")
        self.entries.remove(stay)

    async def has_ended(self, call: str) -> bool:
        return call in self.written


async def test_a_call_that_nobody_has_heard_of_is_taken_away_when_it_is_written() -> None:
    world = World(None)
    await world.stays.begin()
    await world.stays.begin()
    assert [type(one) for one in world.told] == [FallbackEnded]
    assert world.entries
    world.written = {f"fallback-{KEY}"}
    await world.stays.begin()
    assert not world.entries and len(world.told) == 1


async def test_a_call_that_went_there_without_a_memo_is_taken_away_under_its_own_id() -> None:
    """It stayed for ever, was asked for every three seconds, and the next start wrote it again."""
    world = World(CallId("3-100"))
    await world.stays.begin()
    world.known.clear()  # the core has taken the account, and forgotten the leg
    await world.stays.begin()
    assert world.entries and len(world.told) == 1
    world.written = {"3-100"}
    await world.stays.begin()
    assert not world.entries and len(world.told) == 1


async def test_one_that_cannot_be_taken_away_yet_keeps_no_other_from_being_told() -> None:
    """T18: there is no link at a start.  A life that had died before it could take a written entry
    away kept the next one from those behind it: whom the dialplan had served counted as lost."""
    world = World(None)
    world.link = False
    world.written = {f"fallback-{KEY}"}
    later = stay_of(LATER_KEY, ENTRY, node=Node("n1"))
    assert later is not None
    world.entries.append(later)
    await world.stays.begin()
    assert [one.arrival.leg for one in world.told if isinstance(one, FallbackEnded)] == [
        later.arrival.leg
    ]
    assert len(world.entries) == 2
    world.link = True
    await world.stays.begin()
    assert (world.entries, len(world.told)) == ([later], 1)
