"""The report of an emergency on its way from a desk into the core (E11)."""

from acd.adapters.http.case_reports import ReportBody
from acd.adapters.postgres.history import CallRecord
from acd.adapters.postgres.moments import epoch_ms
from acd.core.events import ReportHandedIn
from acd.core.ids import AgentId, CallId, CaseId, QueueId, RequestId


def told_of_report(
    request: RequestId, case: str, served: CallRecord | None, body: ReportBody
) -> ReportHandedIn:
    """Return what the core is told; ``served`` is the first call of the case that was answered."""
    return ReportHandedIn(
        request=request, case=CaseId(case), by=AgentId(body.agent), family=body.family,
        condition=body.condition, scale=body.scale, rating=body.rating, unrated=body.unrated,
        remarks=body.remarks,
        call=None if served is None else CallId(served.call_id),
        arrived_ms=0 if served is None else epoch_ms(served.arrived_at),
        queue=None if served is None or served.queue is None else QueueId(served.queue),
        served=None if served is None or served.agent is None else AgentId(served.agent),
    )  # fmt: skip
