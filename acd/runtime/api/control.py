"""The service as the control API sees it: views of the core, requests to it, and the records."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec

from acd.adapters.http.case_reports import ReportBody
from acd.adapters.http.cases import CaseDetail, CaseQuery, CaseView, Timeline, TimelineEntry
from acd.adapters.http.control import Unanswered, Verb
from acd.adapters.http.elders import ElderView
from acd.adapters.http.guidance import ScriptStep, ScriptView
from acd.adapters.http.models import (
    Agent,
    AgentCaller,
    AgentLeave,
    AgentPhone,
    CallDetail,
    CallQuery,
    CallRecord,
    Explanation,
    ExplanationLine,
    HappeningRecord,
    LegRecord,
    OfferRecord,
    Queue,
)
from acd.adapters.http.outbound import ObligationView, OweBody, Which
from acd.adapters.http.ratings import RatingBody
from acd.adapters.http.terminals import TerminalView, TestBody
from acd.adapters.http.texts import Text
from acd.adapters.postgres.errors import DatabaseError
from acd.adapters.postgres.moments import epoch_ms, moment, moment_or_none
from acd.adapters.postgres.records import CallHistory, PostgresRecords
from acd.adapters.postgres.terminals import Terminal
from acd.core import views
from acd.core.emergency import views as case_views
from acd.core.events import (
    CallbackRequested,
    CallRequested,
    CaseRequested,
    ControlRequested,
    Event,
    LeaveAnswerRequested,
    LoginRequested,
    LogoutRequested,
    ObligationAction,
    ObligationRequested,
    PauseRequested,
    RatingGiven,
    ReadyRequested,
    ReleaseRequested,
    Request,
    ReservationRequested,
    WrapUpEndRequested,
    WrapUpExtensionRequested,
)
from acd.core.events import (
    Control as CallControl,
)
from acd.core.follow_up.owed import Obligation, ObligationKind
from acd.core.ids import AgentId, CallId, CaseId, ObligationId, QueueId, RequestId, SeatId
from acd.core.replies import Done, Refusal, Refused
from acd.core.scripts import RatingSource
from acd.core.switch import Core
from acd.core.tables import ObligationState
from acd.runtime.api.case_reports import told_of_report
from acd.runtime.api.cases import case_detail, case_view
from acd.runtime.api.elders import elder_view, file_owed
from acd.runtime.api.terminals import owed_to, terminal_view, told_of_test
from acd.runtime.calendar import Calendar
from acd.runtime.clock import Clock
from acd.runtime.explain import timeline
from acd.runtime.explain.explanation import explain
from acd.runtime.guidance import WrittenScript
from acd.runtime.metrics.counted import Metrics
from acd.runtime.stream import Reader, Stream, TooMany
from prompts.texts import Prompt, PromptList

REPLY_S = 5.0
"""A request waits this long for its turn in the core; normally it takes a millisecond."""

REQUESTS_MAX = 1000
"""Requests waiting at once; the next ones are told to try again."""


class Requests:
    """Persons' requests on their way through the core, each with whoever waits for the reply."""

    def __init__(self, put: Callable[[Event], None], *, epoch: int) -> None:
        self._put = put
        self._epoch = epoch
        self._number = 0
        self._waiting: dict[RequestId, asyncio.Future[Done | Refused]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def resolve(self, reply: Done | Refused) -> None:
        """Hand a reply to whoever waits for it; feature codes have nobody waiting here."""
        future = self._waiting.get(reply.request)
        if future is not None and not future.done():
            future.set_result(reply)

    async def ask(self, make: Callable[[RequestId], Request]) -> Done | Refused:
        """Send a request to the core and return the reply.  Raises Unanswered."""
        if len(self._waiting) >= REQUESTS_MAX:
            raise Unanswered("Too many requests are waiting; try again in a moment.")
        self._number += 1
        request = RequestId(f"http-{self._epoch}-{self._number}")
        future: asyncio.Future[Done | Refused] = asyncio.get_running_loop().create_future()
        self._waiting[request] = future
        try:
            self._put(make(request))
            async with asyncio.timeout(REPLY_S):
                return await future
        except TimeoutError:
            raise Unanswered(
                f"The switch did not answer within {REPLY_S:.0f} s; ask for the agent's state "
                "before trying again."
            ) from None
        finally:
            del self._waiting[request]


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
        self._scripts = [script_view(script) for script in scripts]
        self._texts = [_text(prompt) for prompt in prompts.prompts.values()]

    def not_ready(self) -> list[str]:
        return self._not_ready()

    def metrics(self) -> bytes:
        return self._metrics.exposition()

    def texts(self) -> list[Text]:
        return self._texts

    def guidance(self) -> list[ScriptView]:
        return self._scripts

    def events(self, *, epoch: int | None, after: int | None) -> Reader | str:
        try:
            return self._stream.read(epoch=epoch, after=after)
        except TooMany as error:
            return str(error)

    def agents(self) -> list[Agent]:
        now_ms = self._clock.now_ms()
        return [_agent(view, now_ms) for view in views.agents(self._core.state)]

    def agent(self, agent: str) -> Agent | None:
        view = views.agent(self._core.state, AgentId(agent))
        return None if view is None else _agent(view, self._clock.now_ms())

    def queues(self) -> list[Queue]:
        now_ms = self._clock.now_ms()
        return [
            Queue(
                id=view.queue,
                waiting=view.waiting,
                longest_wait_ms=(
                    None if view.oldest_arrival_ms is None else now_ms - view.oldest_arrival_ms
                ),
                free=view.free,
                calls=view.calls,
                promise_ms=view.promise_ms,
                proofs=view.proofs,
            )
            for view in views.queues(self._core.state)
        ]

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
        match verb:
            case Verb.LOGIN:
                place = views.seat_of(self._core.state, key) if seat is None else SeatId(seat)
                if place is None and views.agent(self._core.state, key) is not None:
                    return Refused(
                        RequestId(""),
                        Refusal.UNKNOWN_SEAT,
                        f"Agent {agent} has no usual seat; say at which seat.",
                    )
                return await self._requests.ask(
                    lambda r: LoginRequested(request=r, agent=key, seat=place or SeatId(""))
                )
            case Verb.READY:
                return await self._requests.ask(lambda r: ReadyRequested(request=r, agent=key))
            case Verb.PAUSE:
                return await self._requests.ask(
                    lambda r: PauseRequested(request=r, agent=key, reason=reason or "")
                )
            case Verb.END_WRAP_UP:
                return await self._requests.ask(lambda r: WrapUpEndRequested(request=r, agent=key))
            case Verb.EXTEND_WRAP_UP:
                return await self._requests.ask(
                    lambda r: WrapUpExtensionRequested(request=r, agent=key)
                )
            case Verb.GRANT_LEAVE | Verb.DENY_LEAVE:
                return await self._requests.ask(
                    lambda r: LeaveAnswerRequested(
                        request=r,
                        agent=key,
                        supervisor=AgentId(supervisor or ""),
                        granted=verb is Verb.GRANT_LEAVE,
                    )
                )
            case Verb.LOGOUT:
                return await self._requests.ask(lambda r: LogoutRequested(request=r, agent=key))
            case Verb.RESERVE:
                return await self._requests.ask(
                    lambda r: ReservationRequested(
                        request=r, agent=key, reason=reason or "", hold_ms=hold_ms
                    )
                )
            case Verb.RELEASE:
                return await self._requests.ask(lambda r: ReleaseRequested(request=r, agent=key))

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
            found = [one for one in owed if _is(which, one, self._clock.now_ms())][:limit]
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
                is_task=body.task,
                about=body.about.strip(),
                call=None if body.call is None else CallId(body.call),
            )
        )

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

    async def timeline(self, case: str) -> Timeline | None:
        with _records_needed():
            found = self._core.state.cases.get(CaseId(case)) or await self._records.case(case)
            if found is None:
                return None
            entries = timeline.entries(await self._records.case_facts(found))
        return Timeline(
            case=case,
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
        return CallDetail(
            **msgspec.structs.asdict(found.call),
            legs=[LegRecord(**msgspec.structs.asdict(leg)) for leg in found.legs],
            offer_list=[OfferRecord(**msgspec.structs.asdict(offer)) for offer in found.offers],
            happenings=[HappeningRecord(**msgspec.structs.asdict(h)) for h in found.happenings],
        )

    async def explanation(self, call: str) -> Explanation | None:
        found = await self._history(call)
        if found is None:
            return None
        lines = [
            ExplanationLine(at=line.at, after_ms=line.after_ms, sentence=line.sentence)
            for line in explain(found)
        ]
        return Explanation(call_id=call, lines=lines)

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


def _agent(view: views.AgentView, now_ms: int) -> Agent:
    until_ms = view.until_ms
    return Agent(
        id=view.agent,
        name=view.name,
        state=view.state,
        reason=view.reason,
        later=view.later,
        since=moment(view.since_ms),
        seat=view.seat,
        phone=view.phone,
        available=view.available,
        call=view.call,
        queues=list(view.queues),
        misses=view.misses,
        robot=view.robot,
        until=moment_or_none(until_ms),
        remaining_ms=None if until_ms is None else max(until_ms - now_ms, 0),
        role=view.role,
        mode=view.mode,
        leave=None
        if view.leave is None
        else AgentLeave(
            what=view.leave.what,
            reason=view.leave.reason,
            why=view.leave.why,
            asked=moment(view.leave.asked_ms),
        ),
        phones=[
            AgentPhone(
                id=phone.phone, registered=phone.registered, in_use=phone.in_use, legs=phone.legs
            )
            for phone in view.phones
        ],
        caller=None
        if view.caller is None
        else AgentCaller(response=view.caller.response, heard=view.caller.heard),
    )


def script_view(script: WrittenScript) -> ScriptView:
    """Return a script as it is shown."""
    return ScriptView(
        id=script.id,
        version=script.version,
        flow=script.flow,
        title=script.title,
        when=script.when,
        steps=[
            ScriptStep(
                id=step.id,
                say=step.say,
                do=step.do,
                mandatory=step.mandatory,
                blocks=step.blocks,
                sign=step.sign,
                clauses=list(step.clauses),
            )
            for step in script.steps
        ],
    )


def _text(prompt: Prompt) -> Text:
    return Text(
        name=prompt.name,
        audience=prompt.audience,
        text=prompt.text,
        key=prompt.key,
        clauses=list(prompt.clauses),
    )


def _is(which: Which, owed: Obligation, now_ms: int) -> bool:
    late = now_ms > owed.deadline_ms
    due = late or owed.state is ObligationState.DUE
    return {Which.OPEN: True, Which.DUE: due, Which.LATE: late}[which]


def obligation_view(owed: Obligation) -> ObligationView:
    """Return an obligation as it is shown."""
    return ObligationView(
        id=owed.id,
        kind=owed.kind,
        why=owed.why,
        state=owed.state,
        queue=owed.queue,
        emergency=owed.is_emergency,
        number=owed.number,
        terminal=owed.terminal,
        elders=list(owed.elders),
        call=owed.call,
        since=moment(owed.since_ms),
        deadline=moment(owed.deadline_ms),
        next=moment_or_none(owed.next_ms),
        about=owed.about,
        messages=list(owed.messages),
        attempts=owed.attempts,
        busy=owed.busy,
        level=owed.level,
        late=owed.late,
        working=owed.working,
        owner=owed.owner,
        assignee=owed.assignee,
        case=owed.case,
        closing=owed.closing,
        reason=owed.reason,
        closed=moment_or_none(owed.closed_ms),
    )
