"""Cases as the control API shows them: what the core has now, and what the records have."""

from acd.adapters.http.case_models import (
    CaseDetail,
    CaseView,
    ContactView,
    FormView,
    LegView,
    PartyView,
    SceneView,
    WantedView,
)
from acd.adapters.http.guidance import GuideStep, GuideView
from acd.adapters.http.outbound import ObligationView
from acd.adapters.postgres.moments import moment, moment_or_none
from acd.core.emergency import guidance, views
from acd.core.emergency.case import Case
from acd.core.emergency.guide import Script


def case_view(case: Case) -> CaseView:
    """Return a case as it is listed."""
    return CaseView(
        id=case.id,
        state=case.state,
        origin=case.origin,
        opened=moment(case.opened_ms),
        opened_by=case.opened_by,
        queue=case.queue,
        number=case.number,
        terminal=case.terminal,
        elders=list(case.elders),
        area=case.area,
        contacts=[ContactView(kind=one.kind, number=one.number) for one in case.contacts],
        calls=list(case.calls),
        a=case.a,
        b=case.b,
        owner=case.owner,
        assignee=case.assignee,
        services=list(case.services),
        called_before=list(case.called_before),
        no_response=case.no_response,
        car_sent=moment_or_none(case.car_ms),
        help=moment_or_none(case.help_ms),
        safe=moment_or_none(case.safe_ms),
        form=FormView(
            place=case.form.place,
            identity=case.form.identity,
            harm=case.form.harm,
            asks=case.form.asks,
        ),
        missed=list(case.missed),
        seen_by=case.seen_by,
        guides=[_guide(script) for script in case.guides],
        missing=guidance.missing(case),
        summary=case.summary,
        outcome=case.outcome,
        reason=case.reason,
        closed=moment_or_none(case.closed_ms),
        closed_by=case.closed_by,
        agreed_by=case.agreed_by,
    )


def case_detail(
    case: Case, scenes: tuple[views.SceneView, ...], owed: list[ObligationView]
) -> CaseDetail:
    """Return a case with everything that goes on in it."""
    return CaseDetail(
        **dict(case_view(case)), scenes=[_scene(one) for one in scenes], obligations=owed
    )


def _guide(script: Script) -> GuideView:
    return GuideView(
        script=script.id,
        version=script.version,
        steps=[
            GuideStep(
                id=step.id,
                mandatory=step.is_mandatory,
                blocks=step.blocks,
                done=moment_or_none(step.done_ms),
                by=step.done_by,
            )
            for step in script.steps
        ],
    )


def _scene(scene: views.SceneView) -> SceneView:
    return SceneView(
        call=scene.call,
        state=scene.state,
        caller=scene.caller,
        arrived=moment(scene.arrived_ms),
        agent=scene.agent,
        responds=scene.responds,
        held=scene.held,
        device=list(scene.device),
        legs=[_leg(leg) for leg in scene.legs],
        parties=[
            PartyView(
                number=party.number,
                service=party.service,
                state=party.state,
                by=party.by,
                asks=party.asks,
                leg=party.leg,
            )
            for party in scene.parties
        ],
        wanted=[
            WantedView(
                role=wanted.role,
                since=moment(wanted.since_ms),
                ringing=wanted.ringing,
                holder=wanted.holder,
                successor=wanted.successor,
            )
            for wanted in scene.wanted
        ],
    )


def _leg(leg: views.LegView) -> LegView:
    return LegView(
        leg=leg.leg,
        role=leg.role,
        agent=leg.agent,
        number=leg.number,
        state=leg.state,
        place=leg.place,
        since=moment(leg.since_ms),
        answered=moment_or_none(leg.answered_ms),
        heard=leg.heard,
    )
