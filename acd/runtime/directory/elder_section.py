"""An elder as a person writes them: the 17 fields of requirements L1."""

from datetime import time
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from acd.runtime.directory.fields import Day, Id, Number, Precedence, Section, Text


class Address(Section):
    """L1-5; the committee stands beside the other organisations."""

    district: Text
    street: Text
    estate: Text | None = None
    building: Text | None = None
    room: Text | None = None


class Contact(Section):
    """L1-8: who is called when something happens; grade 1 first."""

    grade: Annotated[int, Field(ge=1, le=9)]
    name: Text
    relation: Text
    phones: Annotated[tuple[Number, ...], Field(min_length=1, max_length=2)]
    distance_m: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    has_key: bool = False


class Helper(Section):
    """L1-9: the helper (助老员) who looks after the elder."""

    name: Text
    phone: Number


class WayIn(Section):
    """L1-10: how rescue reaches the elder."""

    entrance: Text | None = None
    gate_code: Text | None = None
    key_place: Text | None = None
    route: Text | None = None
    lift: bool | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Medicine(Section):
    """L1-14: what is taken, and when to remind."""

    name: Text
    dose: Text | None = None
    times: tuple[time, ...] = ()


class Ability(Section):
    """L1-15: what the elder can still do."""

    mobility: Literal["independent", "aided", "wheelchair", "bedridden"]
    hearing: Literal["good", "poor", "deaf"]
    speech: Literal["good", "poor", "none"]
    cognition: Literal["good", "forgetful", "dementia"]


class Health(Section):
    """L1-11 to L1-15."""

    blood_group: Literal["A", "B", "AB", "O"] | None = None
    rhesus: Literal["positive", "negative"] | None = None
    history: tuple[Text, ...] = ()
    allergies: tuple[Text, ...] = ()
    medication: tuple[Medicine, ...] = ()
    ability: Ability | None = None
    hospital: Text | None = None
    insurance: Text | None = None


class Needs(Section):
    """L1-16: what is spoken and believed."""

    languages: tuple[Text, ...] = ()
    ethnic_group: Text | None = None
    religious_needs: Text | None = None


class Absence(Section):
    """Days on which nobody is at home."""

    since: Day
    until: Day
    reason: Text | None = None


class Habits(Section):
    """L1-17."""

    care_call_time: time | None = None
    pets: Text | None = None
    absences: tuple[Absence, ...] = ()
    life_events: tuple[Text, ...] = ()
    notes: Text | None = None


class Elder(Section):
    """The person cared for: the 17 fields of requirements L1."""

    id: Id
    name: Text
    sex: Literal["female", "male"]
    born: Day
    identity_card: Annotated[str, StringConstraints(pattern=r"^[0-9]{17}[0-9X]$")] | None = None
    address: Address
    phones: tuple[Number, ...] = ()
    terminal: Id | None = None
    living: Literal["alone", "spouse", "children", "relatives", "carer", "institution"]
    category: Literal["government_paid", "self_paid"]
    status: Literal["in_use", "stopped", "returned"] = "in_use"
    precedence: Precedence = 0
    contacts: tuple[Contact, ...] = ()
    committee: Id | None = None
    property: Id | None = None
    service_centre: Id | None = None
    district_office: Id | None = None
    helper: Helper | None = None
    way_in: WayIn | None = None
    health: Health = Health()
    needs: Needs = Needs()
    habits: Habits = Habits()
