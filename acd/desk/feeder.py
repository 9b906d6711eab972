"""Takes up what may have changed as records of the regulator's feeds (L3, G02).

A record is made from what stands when it is made, and compared with the one that was handed over:
its version grows when they differ, and never otherwise.  What is to be looked at stands in the
database (``acd.adapters.postgres.feeds``); this may be killed at any moment, and goes on.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from acd.adapters.postgres.errors import DatabaseAway
from acd.adapters.postgres.feeds import PostgresFeeds, Taking
from acd.adapters.postgres.reports import PostgresReports
from acd.desk.feed_models import (
    FEEDS,
    AgentDay,
    Call,
    Day,
    DayFigures,
    Device,
    Emergency,
    Feed,
    FeedRecord,
    Owed,
    User,
)
from acd.desk.figures import NOBODY, DoesNotAddUp, Figures
from acd.desk.metrics import DeskMetrics
from acd.desk.periods import Kind, ReportRefused, period
from acd.desk.report import Filter, make_report
from acd.runtime.logs import logger

log = logger(__name__)

LOOK_S = 30.0
BREATH_S = 0.2
"""Between two transactions: three years are taken up at once when a house moves to feeds, and
PostgreSQL is the switch's first."""

DAYS_MAX = 5
"""Days made in one transaction: each is a report, and who acknowledges waits for them."""

Made = dict[Feed, dict[str, FeedRecord]]
"""Feed → id → record."""


class Pseudonyms:
    """What stands for a number, an elder or a terminal (L2): the same for the same, told apart by
    kind.  Without the key nobody can find out by trying all numbers which one it is."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def number(self, number: str) -> str:
        return self._made("n", number)

    def elder(self, elder: str) -> str:
        return self._made("e", elder)

    def terminal(self, terminal: str) -> str:
        return self._made("t", terminal)

    def over(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row with whatever of it says who somebody is replaced."""
        shown = dict(row)
        for name, make in (("number", self.number), ("terminal", self.terminal)):
            if shown.get(name) is not None:
                shown[name] = make(shown[name])
        if "elders" in shown:
            shown["elders"] = [self.elder(one) for one in shown["elders"]]
        return shown

    def _made(self, kind: str, what: str) -> str:
        digest = hmac.digest(self._key, f"{kind}:{what}".encode(), hashlib.sha256)
        return f"{kind}-{digest[:16].hex()}"


class Feeder:
    """The desk's background work on the feeds."""

    def __init__(
        self,
        feeds: PostgresFeeds,
        reports: PostgresReports,
        metrics: DeskMetrics,
        *,
        zone: ZoneInfo,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``zone`` is where a day begins."""
        self._feeds = feeds
        self._reports = reports
        self._metrics = metrics
        self._zone = zone
        self._clock = clock

    async def run(self) -> None:
        """Work until cancelled.  A database that is away is waited for."""
        while True:
            pause_s = LOOK_S
            try:
                if await self.look():
                    pause_s = BREATH_S
                else:
                    await self.watch()
            except DatabaseAway as away:
                log.warning("PostgreSQL is away; the feeds wait.", why=str(away))
            await asyncio.sleep(pause_s)

    async def look(self) -> int:
        """Take up what is due, at most a transaction of it; return how many notes that were."""
        hidden = Pseudonyms(await self._feeds.key())
        today = self._clock().astimezone(self._zone).date()
        async with self._feeds.taking(today=today.isoformat()) as taken:
            if taken is None:
                return 0
            made: Made = {feed: {} for feed in FEEDS}
            days = {
                self._day(datetime.fromtimestamp(int(one), UTC)) for one in taken.of("quarters")
            }
            days |= await self._calls(taken, hidden, made)
            days |= await self._owed(taken, hidden, made)
            await self._emergencies(taken, hidden, made)
            await _directory(taken, hidden, made)
            over = [date.fromisoformat(one) for one in taken.of(Feed.DAYS)]
            for day in over[:DAYS_MAX]:
                await self._figures(day, made)
            for feed, records in made.items():
                await taken.write(feed, {one: it.model_dump_json() for one, it in records.items()})
            await taken.days_due({day.isoformat() for day in (*days, *over[DAYS_MAX:])})
        return taken.notes

    async def watch(self) -> None:
        """Show for how long records have waited for an acknowledgement."""
        now = self._clock()
        for feed, oldest in (await self._feeds.waiting(list(FEEDS))).items():
            waited = 0.0 if oldest is None else (now - oldest).total_seconds()
            self._metrics.feed_unacknowledged.labels(feed).set(max(0.0, waited))

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()

    async def _calls(self, taken: Taking, hidden: Pseudonyms, made: Made) -> set[date]:
        """Make the calls' records; return the days of whose figures they are."""
        days = set()
        for row in await taken.rows(Feed.CALLS):
            days.add(self._day(row["arrived_at"]))
            if row["case"] is not None:
                taken.add(Feed.EMERGENCIES, row["case"])
            made[Feed.CALLS][row["call"]] = Call(**hidden.over(row))
        return days

    async def _owed(self, taken: Taking, hidden: Pseudonyms, made: Made) -> set[date]:
        """Make the obligations' records; return the days whose callers they may have made good."""
        days = set()
        for row in await taken.rows(Feed.OBLIGATIONS):
            day, last = self._day(row["owed_at"]), self._day(row["closed_at"] or row["owed_at"])
            while day <= last:
                days.add(day)
                day += timedelta(days=1)
            made[Feed.OBLIGATIONS][row["obligation"]] = Owed(**hidden.over(row))
        return days

    async def _emergencies(self, taken: Taking, hidden: Pseudonyms, made: Made) -> None:
        for row in await taken.rows(Feed.EMERGENCIES):
            made[Feed.EMERGENCIES][row["case"]] = Emergency(**hidden.over(row))

    async def _figures(self, day: date, made: Made) -> None:
        """Make the records of a day that is over, as the day's report has it."""
        name, now = day.isoformat(), self._clock()
        try:
            report = await make_report(
                self._reports, period(Kind.DAY, day, self._zone), Filter(), now
            )
        except (DoesNotAddUp, ReportRefused) as why:
            # K04: no figure is handed out.  Whatever corrects it makes the day due again.
            log.error("A day does not add up; its figures are left out.", day=name, why=str(why))
            made[Feed.DAYS][name] = Day(
                day=day, sentence=str(why), figures=None, placed=None, placed_answered=None,
                tests=None,
            )  # fmt: skip
            return
        placed = report.placed
        made[Feed.DAYS][name] = Day(
            day=day,
            sentence=report.sentence,
            figures=_shown(report.total),
            placed=None if placed is None else placed.calls,
            placed_answered=None if placed is None else placed.answered,
            tests=report.tests,
        )
        theirs = report.groups.get("agent", {})
        for agent in sorted({*theirs, *report.agents} - {NOBODY}):
            made[Feed.AGENT_DAYS][f"{name}:{agent}"] = AgentDay(
                day=day,
                agent=agent,
                figures=_shown(theirs.get(agent)),
                states=report.agents.get(agent, {}),
            )


async def _directory(taken: Taking, hidden: Pseudonyms, made: Made) -> None:
    """Make the records of elders and terminals; who is there no more stays as that alone."""
    users, devices = await taken.rows(Feed.USERS), await taken.rows(Feed.DEVICES)
    for elder in _missing(taken.of(Feed.USERS), users, "id"):
        name = hidden.elder(elder)
        made[Feed.USERS][name] = User(user=name, status="removed")
    for row in users:
        name = hidden.elder(row.pop("id"))
        born = row.pop("born").year // 10 * 10
        made[Feed.USERS][name] = User(user=name, born=born, **hidden.over(row))
    for terminal in _missing(taken.of(Feed.DEVICES), devices, "terminal"):
        name = hidden.terminal(terminal)
        made[Feed.DEVICES][name] = Device(terminal=name, state="gone")
    for row in devices:
        made[Feed.DEVICES][hidden.terminal(row["terminal"])] = Device(**hidden.over(row))


def _missing(due: Iterable[str], rows: Iterable[Mapping[str, Any]], name: str) -> set[str]:
    return set(due) - {row[name] for row in rows}


def _shown(figures: Figures | None) -> DayFigures | None:
    return None if figures is None else DayFigures.model_validate(figures)
