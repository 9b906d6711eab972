"""The service as the control API sees it: views of the core, requests to it, and the records."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec

from acd.adapters.http.case_models import CaseDetail, CaseQuery, CaseView, Timeline, TimelineEntry
from acd.adapters.http.case_reports import ReportBody
from acd.adapters.http.control import Unanswered, Verb
from acd.adapters.http.elders import ElderView, VerificationBody
from acd.adapters.http.guidance import ScriptView
from acd.adapters.http.models import (
    Agent,
    CallDetail,
    CallNoteView,
    CallQuery,
    CallRecord,
    Explanation,
    ExplanationLine,
    HappeningRecord,
    LegRecord,
    OfferRecord,
    Queue,
)
from acd.adapters.http.notes import CallNoteBody
from acd.adapters.http.outbound import ObligationView, OweBody, Which
from acd.adapters.http.ratings import RatingBody
from acd.adapters.http.terminals import TerminalView, TestBody
from acd.adapters.http.texts import Text
from acd.adapters.postgres.errors import DatabaseError
from acd.adapters.postgres.history import CallHistory
from acd.adapters.postgres.moments import epoch_ms
from acd.adapters.postgres.records import PostgresRecords
from acd.adapters.postgres.terminals import Terminal
from acd.core import ties, views
from acd.core.emergency import views as case_views
from acd.core.events import (
    Appointment,
    CallbackRequested,
    CallRequested,
    CaseRequested,
    ControlRequested,
    ObligationAction,
    ObligationRequested,
    RatingGiven,
    Request,
)
from acd.core.events import (
    Control as CallControl,
)
from acd.core.follow_up.owed import ObligationKind
from acd.core.ids import AgentId, CallId, CaseId, ObligationId, QueueId, RequestId
from acd.core.replies import Done, Refusal, Refused
from acd.core.scripts import RatingSource
from acd.core.switch import Core
from acd.runtime.api.case_reports import told_of_report
from acd.runtime.api.cases import case_detail, case_view
from acd.runtime.api.elders import elder_view, file_owed, left_out
from acd.runtime.api.obligations import is_among, obligation_view
from acd.runtime.api.requests import Requests
from acd.runtime.api.staff import agent_view, queue_view, told_of_work
from acd.runtime.api.terminals import owed_to, terminal_view, told_of_test
from acd.runtime.calendar import Calendar
from acd.runtime.clock import Clock
from acd.runtime.explain import timeline
from acd.runtime.explain.explanation import explain
from acd.runtime.guidance import WrittenScript
from acd.runtime.metrics.counted import Metrics
from acd.runtime.stream import Reader, Stream, TooMany
from prompts.texts import PromptList


class Control:
    """Implements ``acd.adapters.http.ControlPort``."""

    def __init__(
        self,
        core: Core,
        clock: Clock,
        requests: Requests,
        records: PostgresRecords,
        metrics: Metrics,
        not_ready: Callable[[], list[str]],
        prompts: PromptList,
        scripts: Sequence[WrittenScript],
        stream: Stream,
        calendar: Calendar,
    ) -> None:
        self._core = core
        self._clock = clock
        self._calendar = calendar
        self._requests = requests
        self._records = records
        self._metrics = metrics
        self._not_ready = not_ready
        self._stream = stream
        self._scripts = [ScriptView.model_validate(one, from_attributes=True) for one in scripts]
        self._texts = [
            Text.model_validate(one, from_attributes=True) for one in prompts.prompts.values()
        ]

    def not_ready(self) -> list[str]:
        return self._not_ready()

    def metrics(self) -> bytes:
        return self._metrics.exposition()

    def texts(self) -> list[Text]:
        return self._texts

    def guidance(self) -> list[ScriptView]:
        return self._scripts

    def events(
        self, *, epoch: int | None, after: int | None, veiled_as: AgentId | None
    ) -> Reader | str:
        try:
            return self._stream.read(epoch=epoch, after=after, veiled_as=veiled_as)
        except TooMany as error:
            return str(error)

    def ties(self, agent: AgentId) -> ties.Ties:
        return ties.of(self._core.state, agent)

    def agents(self) -> list[Agent]:
        now_ms = self._clock.now_ms()
        return [agent_view(view, now_ms) for view in views.agents(self._core.state)]

    def agent(self, agent: str) -> Agent | None:
        view = views.agent(self._core.state, AgentId(agent))
        return None if view is None else agent_view(view, self._clock.now_ms())

    def queues(self) -> list[Queue]:
        now_ms = self._clock.now_ms()
        return [queue_view(view, now_ms) for view in views.queues(self._core.state)]

    async def ask(
        self,
        verb: Verb,
        agent: str,
        *,
        seat: str | None = None,
        reason: str | None = None,
        hold_ms: int = 0,
        supervisor: str | None = None,
    ) -> Done | Refused:
        key = AgentId(agent)
        if verb is Verb.LOGIN and seat is None:
            seat = views.seat_of(self._core.state, key)
            if seat is None and views.agent(self._core.state, key) is not None:
                sentence = f"Agent {agent} has no usual seat; say at which seat."
                return Refused(RequestId(""), Refusal.UNKNOWN_SEAT, sentence)
        return await self._requests.ask(
            lambda r: told_of_work(
                r, verb, key, seat=seat, reason=reason, hold_ms=hold_ms, supervisor=supervisor
            )
        )

    async def control_call(
        self, call: str, action: CallControl, *, agent: str | None, digits: str
    ) -> Done | Refused:
        return await self._requests.ask(
            lambda r: ControlRequested(
                request=r,
                call=CallId(call),
                agent=None if agent is None else AgentId(agent),
                action=action,
                digits=digits,
            )
        )

    async def obligations(
        self, which: Which, *, kind: ObligationKind | None, queue: str | None, limit: int
    ) -> list[ObligationView]:
        if which in (Which.DONE, Which.CLOSED):
            with _records_needed():
                found = await self._records.ended_obligations(
                    state=which, kind=kind, queue=queue, limit=limit
                )
        else:
            owed = views.obligations(self._core.state, kind=kind, queue=queue)
            found = [one for one in owed if is_among(which, one, self._clock.now_ms())][:limit]
        return [obligation_view(one) for one in found]

    async def act(
        self, obligation: str, action: ObligationAction, *, agent: str | None, reason: str | None
    ) -> Done | Refused:
        return await self._requests.ask(
            lambda r: ObligationRequested(
                request=r,
                obligation=ObligationId(obligation),
                action=action,
                agent=None if agent is None else AgentId(agent),
                reason=reason,
            )
        )

    async def owe(self, body: OweBody) -> Done | Refused:
        within_ms = body.within_ms
        if body.working_days is not None:
            now_ms = self._clock.now_ms()
            within_ms = self._calendar.working_days_over(now_ms, body.working_days) - now_ms
        return await self._requests.ask(
            lambda r: CallbackRequested(
                request=r,
                queue=QueueId(body.queue),
                number=body.number,
                within_ms=within_ms,
                appointment=None if body.at is None else self._appointment(epoch_ms(body.at)),
                is_task=body.task,
                is_revisit=body.revisit,
                about=body.about.strip(),
                call=None if body.call is None else CallId(body.call),
            )
        )

    def _appointment(self, at_ms: int) -> Appointment:
        minute, on_working_day = self._calendar.time_of_day(at_ms)
        return Appointment(at_ms=at_ms, minute=minute, on_working_day=on_working_day)

    async def place(self, agent: str, number: str, reference: str | None) -> Done | Refused:
        return await self._requests.ask(
            lambda r: CallRequested(
                request=r, agent=AgentId(agent), number=number, reference=reference
            )
        )

    async def rate(self, call: str, body: RatingBody) -> Done | Refused | None:
        found = await self._history(call)
        if found is None:
            return None
        record = found.call
        return await self._requests.ask(
            lambda r: RatingGiven(
                request=r,
                call=CallId(record.call_id),
                arrived_ms=epoch_ms(record.arrived_at),
                answered_ms=None if record.answered_at is None else epoch_ms(record.answered_at),
                queue=None if record.queue is None else QueueId(record.queue),
                served=None if record.agent is None else AgentId(record.agent),
                by=AgentId(body.agent),
                scale=body.scale,
                rating=body.rating,
                source=RatingSource(body.source),
            )
        )

    async def note_call(self, call: str, body: CallNoteBody) -> CallNoteView | Refused | None:
        if body.agent not in self._core.state.agents:
            sentence = f"There is no agent {body.agent}."
            return Refused(RequestId("http"), Refusal.UNKNOWN_AGENT, sentence)
        with _records_needed():
            note = await self._records.add_note(
                call, agent=body.agent, category=body.category, words=body.words
            )
        return None if note is None else CallNoteView(**msgspec.structs.asdict(note))

    async def terminal(self, terminal: str) -> TerminalView | None:
        found = await self._terminal(terminal)
        if found is None:
            return None
        owed = owed_to(self._core.state, terminal)
        return terminal_view(found, [obligation_view(one) for one in owed])

    async def note_test(self, call: str, body: TestBody) -> Done | Refused | str:
        found = await self._history(call)
        if found is None:
            return f"There is no call {call}."
        terminal = None if body.terminal is None else await self._terminal(body.terminal)
        if body.terminal is not None and terminal is None:
            return f"There is no terminal {body.terminal}."
        return await self._requests.ask(lambda r: told_of_test(r, found.call, terminal, body))

    async def hand_in(self, case: str, body: ReportBody) -> Done | Refused | None:
        with _records_needed():
            found = self._core.state.cases.get(CaseId(case)) or await self._records.case(case)
        if found is None:
            return None
        served = None
        for call in found.calls:
            history = await self._history(call)
            if history is not None and history.call.answered_at is not None:
                served = history.call
                break
        return await self._requests.ask(lambda r: told_of_report(r, case, served, body))

    async def _terminal(self, terminal: str) -> Terminal | None:
        with _records_needed():
            return await self._records.terminal(terminal)

    async def supervise(self, make: Callable[[RequestId], Request]) -> Done | Refused:
        return await self._requests.ask(make)

    async def case_request(self, make: Callable[[RequestId], CaseRequested]) -> Done | Refused:
        return await self._requests.ask(make)

    async def cases(self, query: CaseQuery) -> list[CaseView]:
        if query.is_for_open:
            standing = case_views.open_cases(self._core.state)
            return [case_view(one) for one in standing[: query.limit]]
        with _records_needed():
            found = await self._records.cases(
                elder=query.elder,
                terminal=query.terminal,
                number=query.number,
                since=query.since,
                until=query.until,
                limit=query.limit,
            )
        return [case_view(one) for one in found]

    async def case(self, case: str) -> CaseDetail | None:
        key = CaseId(case)
        standing = self._core.state.cases.get(key)
        if standing is not None:
            scenes = case_views.scenes(self._core.state, key)
            owed = case_views.owed(self._core.state, standing)
            return case_detail(standing, scenes, [obligation_view(one) for one in owed])
        with _records_needed():
            found = await self._records.case(case)
        if found is None:
            return None
        owed = case_views.owed(self._core.state, found)
        return case_detail(found, (), [obligation_view(one) for one in owed])

    async def elder(self, elder: str) -> ElderView | None:
        with _records_needed():
            found = await self._records.elder(elder)
        return None if found is None else elder_view(found)

    async def note_elder(
        self, elder: str, words: Mapping[str, object], *, agent: str, case: str | None
    ) -> ElderView | Refused | None:
        if agent not in self._core.state.agents:
            sentence = f"There is no agent {agent}."
            return Refused(RequestId("http"), Refusal.UNKNOWN_AGENT, sentence)
        with _records_needed():
            known = await self._records.note_elder(elder, words, agent=agent, case=case)
        if not known:
            return None
        owed = file_owed(self._core.state, case, elder)
        if owed is not None:
            reason = f"{', '.join(words)} noted by {agent}"
            await self.act(owed, ObligationAction.DONE, agent=agent, reason=reason)
        return await self.elder(elder)

    async def verify_elder(self, elder: str, body: VerificationBody) -> ElderView | Refused | None:
        if body.agent not in self._core.state.agents:
            sentence = f"There is no agent {body.agent}."
            return Refused(RequestId("http"), Refusal.UNKNOWN_AGENT, sentence)
        with _records_needed():
            found = await self._records.elder(elder)
            if found is None:
                return None
            wrong = left_out(found, body.contacts)
            if wrong is not None:
                return Refused(RequestId("http"), Refusal.NOT_GONE_THROUGH, wrong)
            grades = tuple(sorted(set(body.contacts)))
            await self._records.note_verified(
                elder, agent=body.agent, call=body.call, contacts=grades
            )
        return await self.elder(elder)

    async def timeline(self, case: str) -> Timeline | None:
        with _records_needed():
            found = self._core.state.cases.get(CaseId(case)) or await self._records.case(case)
            if found is None:
                return None
            entries = timeline.entries(await self._records.case_facts(found))
        return Timeline(
            case=case,
            elders=list(found.elders),
            entries=[TimelineEntry(**msgspec.structs.asdict(entry)) for entry in entries],
        )

    async def calls(self, query: CallQuery) -> list[CallRecord]:
        with _records_needed():
            found = await self._records.calls(
                caller=query.caller,
                entry=query.entry,
                agent=query.agent,
                terminal=query.terminal,
                since=query.since,
                limit=query.limit,
            )
        return [CallRecord(**msgspec.structs.asdict(record)) for record in found]

    async def call(self, call: str) -> CallDetail | None:
        found = await self._history(call)
        if found is None:
            return None
        with _records_needed():
            notes = await self._records.notes(call)
        return CallDetail(
            **msgspec.structs.asdict(found.call),
            legs=[LegRecord(**msgspec.structs.asdict(leg)) for leg in found.legs],
            offer_list=[OfferRecord(**msgspec.structs.asdict(offer)) for offer in found.offers],
            happenings=[HappeningRecord(**msgspec.structs.asdict(h)) for h in found.happenings],
            notes=[CallNoteView(**msgspec.structs.asdict(note)) for note in notes],
        )

    async def explanation(self, call: str) -> Explanation | None:
        found = await self._history(call)
        if found is None:
            return None
        lines = [
            ExplanationLine(at=line.at, after_ms=line.after_ms, sentence=line.sentence)
            for line in explain(found)
        ]
        return Explanation(call_id=call, elders=found.call.elders, lines=lines)

    async def _history(self, call: str) -> CallHistory | None:
        with _records_needed():
            return await self._records.call(call)


@contextmanager
def _records_needed() -> Iterator[None]:
    """Say in one sentence, instead of an answer, that PostgreSQL gives none: Unanswered."""
    try:
        yield
    except DatabaseError as error:
        raise Unanswered(f"{error}.") from error
