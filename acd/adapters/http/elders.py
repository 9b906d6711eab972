"""The elder's record over HTTP, as whoever sends help needs it (E04, E08, E13, E20, U11, U13), and
what an agent has learnt for it (E12, E17, E38)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Protocol, Self

from fastapi import FastAPI, HTTPException
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from acd.adapters.http.access import Shown, needs
from acd.adapters.http.answers import not_done, of_records
from acd.adapters.http.models import Identifier, RefusedAnswer
from acd.adapters.http.parameters import ElderPath
from acd.adapters.http.veil import Veil, Veiled
from acd.core.numbers import as_kept
from acd.core.replies import Refused
from acd.core.roles import Right
from acd.core.ties import ANY_ELDER, Ties, marks

_ANSWERS = of_records("There is no such elder")

NOT_TIED = (
    "Elder {elder}: you have no call, open case or task of theirs now, so nothing is written in "
    "their record. Take what is owed for them (POST /obligations/…/take), or tell a supervisor."
)
"""Whoever sees a mask has not seen what they would write over (L2, E17)."""


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


class NotedView(_Model):
    """A field that an agent's word says, and not yet the directory's file."""

    field: str
    agent: str
    at: datetime
    case: str | None


class VerifiedView(_Model):
    """Who has gone through the whole record and each contact, and when (W46)."""

    at: datetime
    agent: str
    call: str | None
    contacts: list[int] = Field(description="The grades of those who were known then")


class ElderView(Veiled):
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
    noted: list[NotedView] = Field(description="Which of these are an agent's word (E17)")
    verified: VerifiedView | None = Field(description="The newest; null: nobody has (W46)")

    def subject(self) -> Ties:
        own = marks(elders=[self.id], terminals=[self.terminal], numbers=self.phones)
        return own | {ANY_ELDER}


def _plain(written: str) -> str:
    words = written.strip()
    if not words or not words.isprintable():
        raise ValueError("should be words in one line")
    return words


_Text = Annotated[str, Field(max_length=500), AfterValidator(_plain)]
_Texts = Annotated[list[_Text], Field(max_length=50)]
_Number = Annotated[str, Field(max_length=32), AfterValidator(as_kept)]


class MedicineBody(_Model):
    """What is taken, and when."""

    name: _Text
    dose: _Text | None = None
    times: Annotated[list[Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]],
                     Field(max_length=24)] = []  # fmt: skip


class ContactBody(_Model):
    """Somebody close; grade 1 is called first."""

    grade: Annotated[int, Field(ge=1, le=9)]
    name: _Text
    relation: _Text
    phones: Annotated[list[_Number], Field(min_length=1, max_length=2)]
    distance_m: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    has_key: bool = False


class ElderWords(_Model):
    """What has changed: the fields that are given, null or empty where there is nothing any more.
    All contacts are given where one has changed.  Name, address, numbers and status are the
    directory's alone."""

    living: Literal["alone", "spouse", "children", "relatives", "carer", "institution"] = "alone"
    entrance: _Text | None = None
    gate_code: _Text | None = None
    key_place: _Text | None = None
    route: _Text | None = None
    lift: bool | None = None
    blood_group: Literal["A", "B", "AB", "O"] | None = None
    rhesus: Literal["positive", "negative"] | None = None
    history: _Texts = []
    allergies: _Texts = []
    medication: Annotated[list[MedicineBody], Field(max_length=50)] = []
    mobility: Literal["independent", "aided", "wheelchair", "bedridden"] | None = None
    hearing: Literal["good", "poor", "deaf"] | None = None
    speech: Literal["good", "poor", "none"] | None = None
    cognition: Literal["good", "forgetful", "dementia"] | None = None
    hospital: _Text | None = None
    insurance: _Text | None = None
    pets: _Text | None = None
    notes: _Text | None = None
    contacts: Annotated[list[ContactBody], Field(max_length=9)] = []

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("says nothing: give the fields that have changed")
        grades = [one.grade for one in self.contacts]
        if len(set(grades)) < len(grades):
            raise ValueError("has two contacts of one grade")
        return self


class NoteBody(_Model):
    """Who has learnt it, and in which emergency."""

    agent: Identifier
    case: Identifier | None = Field(
        default=None, description="Then what is owed for the elder's file there is done"
    )
    words: ElderWords


class VerificationBody(_Model):
    """Who has gone through what, with the elder or whoever was there."""

    agent: Identifier
    call: Identifier | None = Field(default=None, description="In which it was done")
    data: Literal[True] = Field(description="Every field of the record was gone through")
    contacts: Annotated[list[Annotated[int, Field(ge=1, le=9)]], Field(max_length=9)] = Field(
        description="The grade of each contact who was gone through: all of them have to be"
    )


class EldersPort(Protocol):
    """What the service offers to these routes."""

    async def elder(self, elder: str) -> ElderView | None:
        """Return an elder, or None.  Raises Unanswered."""

    async def note_elder(
        self, elder: str, words: Mapping[str, object], *, agent: str, case: str | None
    ) -> ElderView | Refused | None:
        """Note what an agent has learnt, and return the elder as they are known now; None when
        there is no such elder.  Raises Unanswered."""

    async def verify_elder(self, elder: str, body: VerificationBody) -> ElderView | Refused | None:
        """Note that an elder's record and each contact were gone through; None when there is no
        such elder.  Raises Unanswered."""


def add_elders(app: FastAPI, port: EldersPort) -> None:
    """The routes ``/elders/{elder}`` and ``/elders/{elder}/verification``."""

    @app.patch(
        "/elders/{elder}",
        tags=["cases"],
        responses=_ANSWERS,
        dependencies=[needs(Right.WORK, under="agent")],
    )
    async def note(shown: Shown, elder: ElderPath, body: NoteBody) -> ElderView:
        """Note what an emergency has shown: another gate code, an allergy, a contact who has moved
        (E12, E17, E38).  It holds at once, for whoever sends help and for whom is called, and
        until the directory's file says something new of that field; who noted it and when stay.  An
        agent from whom the record is masked is refused (403)."""
        await _must_be_tied(port, shown, elder)
        words = body.words.model_dump(mode="json", include=body.words.model_fields_set)
        found = await port.note_elder(elder, words, agent=body.agent, case=body.case)
        if found is None:
            raise HTTPException(404, f"There is no elder {elder}.")
        if isinstance(found, Refused):
            raise HTTPException(404, found.sentence)
        return shown.over(found)

    @app.post(
        "/elders/{elder}/verification",
        tags=["cases"],
        responses={409: {"model": RefusedAnswer, "description": "Some were left out"}, **_ANSWERS},
        response_model=ElderView,
        dependencies=[needs(Right.WORK, under="agent")],
    )
    async def verify(shown: Shown, elder: ElderPath, body: VerificationBody) -> Any:
        """Note that the whole record and each contact were gone through, as when a terminal is
        installed (W46).  What was wrong is noted first (`PATCH`); a contact who is on the record
        and not among these is refused by grade, and so is (403) an agent from whom they are
        masked."""
        await _must_be_tied(port, shown, elder)
        found = await port.verify_elder(elder, body)
        if found is None:
            raise HTTPException(404, f"There is no elder {elder}.")
        return not_done(found) if isinstance(found, Refused) else shown.over(found)

    @app.get(
        "/elders/{elder}",
        tags=["cases"],
        responses=_ANSWERS,
        dependencies=[needs(Right.RECORDS)],
    )
    async def elder(shown: Shown, elder: ElderPath) -> ElderView:
        """What whoever sends help has to say: name, address and way in, health, whom to call.  A
        call and a case name their elders from the first ring on; nothing waits for this."""
        found = await port.elder(elder)
        if found is None:
            raise HTTPException(404, f"There is no elder {elder}.")
        return shown.over(found)


async def _must_be_tied(port: EldersPort, shown: Veil, elder: str) -> None:
    """Raises HTTPException, 403, where an elder's record is masked from whoever would write in it,
    404 where there is none."""
    found = await port.elder(elder)
    if found is None:
        raise HTTPException(404, f"There is no elder {elder}.")
    if shown.hides(found):
        raise HTTPException(403, NOT_TIED.format(elder=elder))
