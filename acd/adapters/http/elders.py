"""The elder's record over HTTP, as whoever sends help needs it (E04, E08, E13, E20, U11, U13)."""

from datetime import date
from typing import Any, Protocol

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from acd.adapters.http.access import needs
from acd.adapters.http.models import ErrorAnswer, Identifier
from acd.core.roles import Right

_ANSWERS: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorAnswer, "description": "There is no such elder"},
    422: {"model": ErrorAnswer, "description": "What is wrong, in one sentence"},
    503: {"model": ErrorAnswer, "description": "No answer now; try again"},
}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MedicineView(_Model):
    """What is taken, and when."""

    name: str
    dose: str | None
    times: list[str]


class ElderContactView(_Model):
    """Somebody close; grade 1 is called first."""

    grade: int
    name: str
    relation: str
    phones: list[str]
    distance_m: int | None
    has_key: bool


class OrganisationView(_Model):
    """Who is around the elder."""

    kind: str = Field(description="committee, service_centre, property or district_office")
    name: str
    phone: str | None


class ElderView(_Model):
    """What an emergency needs of one elder; null and empty where nobody has said."""

    id: str
    name: str
    sex: str
    born: date
    living: str = Field(description="alone: keep the line until help has taken over (E23)")
    status: str = Field(description="in_use, stopped or returned")
    emergency_only: bool = Field(
        description="Not in use: an emergency is served like any other, nothing else is (E30)"
    )
    district: str
    street: str
    estate: str | None
    building: str | None
    room: str | None
    phones: list[str]
    terminal: str | None
    entrance: str | None = Field(description="Of the estate, for rescue (E08)")
    gate_code: str | None
    key_place: str | None
    route: str | None
    lift: bool | None
    latitude: float | None = Field(description="Degrees, WGS 84")
    longitude: float | None
    blood_group: str | None
    rhesus: str | None
    history: list[str]
    allergies: list[str]
    medication: list[MedicineView]
    mobility: str | None
    hearing: str | None
    speech: str | None
    cognition: str | None
    hospital: str | None
    insurance: str | None
    languages: list[str]
    pets: str | None
    notes: str | None
    helper_name: str | None
    helper_phone: str | None
    contacts: list[ElderContactView]
    organisations: list[OrganisationView]


class EldersPort(Protocol):
    """What the service offers to this route."""

    async def elder(self, elder: str) -> ElderView | None:
        """Return an elder, or None.  Raises Unanswered."""


def add_elders(app: FastAPI, port: EldersPort) -> None:
    """The route ``/elders/{elder}``."""

    @app.get(
        "/elders/{elder}",
        tags=["cases"],
        responses=_ANSWERS,
        dependencies=[needs(Right.RECORDS)],
    )
    async def elder(elder: Identifier) -> ElderView:
        """What whoever sends help has to say: name, address and way in, health, whom to call.  A
        call and a case name their elders from the first ring on; nothing waits for this."""
        found = await port.elder(elder)
        if found is None:
            raise HTTPException(404, f"There is no elder {elder}.")
        return found
