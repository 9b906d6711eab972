"""What the control API says of an emergency, and what it is told of one: cases, the scenes of their
calls, the timeline, and the bodies of requests (E02, E14–E18, E42)."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from acd.adapters.http.guidance import GuideView
from acd.adapters.http.models import AT_MOST, LIMIT_MAX, ControlBody, Identifier, Moment, Word
from acd.adapters.http.outbound import ObligationView
from acd.adapters.http.veil import Veiled
from acd.core.directory import RescueService
from acd.core.emergency.case import CaseRole
from acd.core.ties import Ties, marks


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ContactView(_Model):
    """Somebody who is told when something happens to the elder."""

    kind: str = Field(description="relative, helper, committee, service_centre, …")
    number: str


class FormView(_Model):
    """The four facts of an emergency (E02); empty where nobody has said."""

    place: str
    identity: str
    harm: str
    asks: str


class CaseView(Veiled):
    """One emergency, over as many calls as it takes."""

    id: str
    state: str = Field(description="open, unconfirmed or closed")
    origin: str = Field(description="Who has opened it: agent, or the procedure no_response")
    opened: datetime
    opened_by: str | None
    queue: str
    number: str | None = Field(description="The elder's")
    terminal: str | None
    elders: list[str]
    area: str | None = Field(description="Whose 110, 119 and 120 are meant")
    contacts: list[ContactView] = Field(description="The first to be called first; *914# is one")
    calls: list[str]
    a: str | None = Field(description="Who commands, and talks with rescue and contacts")
    b: str | None = Field(description="Who stays with the caller")
    owner: str | None = Field(description="Who answers for it to the end: the first A")
    assignee: str | None = Field(description="Who has it in hand, where that is not the owner")
    services: list[str] = Field(description="Rescue services that know of it")
    called_before: list[str] = Field(
        description="Those of them that the terminal, or somebody there, has called itself (C18)"
    )
    no_response: bool = Field(description="Nobody has responded, and nobody has since (E33)")
    car_sent: datetime | None = Field(description="When 120 said that a car was sent (E21)")
    help: datetime | None = Field(description="When help was at the door")
    safe: datetime | None = Field(description="When an agent said that the elder is safe")
    form: FormView
    missed: list[str] = Field(description="Contacts whom an agent called and did not reach")
    seen_by: str | None = Field(description="The first supervisor who did something with it (E09)")
    guides: list[GuideView] = Field(description="Scripts of the case, and which steps are done")
    missing: list[str] = Field(description="Mandatory steps that are not done, as script/step")
    summary: str = Field(description="What happened and how it ended (E12)")
    outcome: str | None
    reason: str | None
    closed: datetime | None
    closed_by: str | None
    agreed_by: str | None = Field(description="The second person, where nobody was sent")

    def subject(self) -> Ties:
        return marks(
            calls=self.calls,
            cases=[self.id],
            elders=self.elders,
            terminals=[self.terminal],
            numbers=[self.number],
        )


class LegView(_Model):
    """One line of a live call."""

    leg: str
    role: str = Field(description="caller, agent, outside, or desk (a second line or phone)")
    agent: str | None
    number: str | None
    state: str
    place: str = Field(description="caller, rescue, private, aside, music or nowhere")
    since: datetime
    answered: datetime | None
    heard: str | None = Field(description="speech, sound, silence or no_rtp: people decide")


class PartyView(_Model):
    """A rescue service or a contact who is called."""

    number: str
    service: str | None = Field(description="police, fire or medical; null for a contact")
    state: str = Field(description="dialling, asked, waiting or talking")
    by: str | None = Field(description="On whose command")
    asks: bool = Field(description="Must press 1 to count as reached")
    leg: str


class WantedView(_Model):
    """A role that somebody shall have."""

    role: str = Field(description="a or b")
    since: datetime
    ringing: str | None = Field(description="Which agent is rung for it now")
    holder: str | None = Field(description="Who had it and hung up: rung first")
    successor: str | None = Field(description="The only one it is offered to")


class SceneView(_Model):
    """What goes on around the caller in one call of the case."""

    call: str
    state: str
    caller: str | None
    arrived: datetime
    agent: str | None
    responds: bool | None
    held: bool
    device: list[str] = Field(description="What the terminal says of itself: low_battery, test …")
    legs: list[LegView]
    parties: list[PartyView]
    wanted: list[WantedView]


class CaseDetail(CaseView):
    """One case with what goes on in it and what is owed."""

    scenes: list[SceneView] = Field(description="Its live calls; empty when nobody is on a line")
    obligations: list[ObligationView] = Field(description="What is owed, by deadline")


class TimelineEntry(_Model):
    """One moment of an emergency."""

    at: datetime = Field(description="To the millisecond")
    after_ms: int = Field(description="Since the first entry")
    call: str | None
    kind: str = Field(description="Name of the fact, such as CaseNoted or KeyPressed")
    sentence: str


class Timeline(Veiled):
    """An emergency from its first call to its end (E42)."""

    case: str
    elders: list[str]
    entries: list[TimelineEntry]

    def subject(self) -> Ties:
        return marks(cases=[self.case], elders=self.elders)


class CaseFilter(_Model):
    """Which cases, the newest first; without anything, those that are open.  A moment without a
    zone is UTC."""

    elder: Word | None = Field(default=None, description="The elder's id")
    terminal: Word | None = Field(default=None, description="The id of the elder's terminal")
    since: Moment | None = Field(default=None, description="Opened then (RFC 3339) or later")
    until: Moment | None = Field(default=None, description="Opened before then (RFC 3339)")
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX, description=AT_MOST)] = 100


class CaseQuery(CaseFilter):
    """Which cases, and whose."""

    number: Word | None = Field(default=None, description="The elder's, normalised")

    @property
    def is_for_open(self) -> bool:
        return not any((self.elder, self.terminal, self.number, self.since, self.until))


class RescueBody(ControlBody):
    """Whom to call in the rescue room: 1 to 3 for 120, 110, 119; 4 to 6 for the first three
    contacts; a number itself; nothing to talk with whoever waits."""

    digits: Annotated[str, Field(pattern=r"^[0-9]{0,32}$")] = ""


class PersonBody(_Model):
    """Who does it."""

    agent: Identifier


class FormBody(PersonBody):
    """The four facts; what is not known yet stays empty, and delays nothing (E02, C09)."""

    place: Annotated[str, Field(max_length=500)] = ""
    identity: Annotated[str, Field(max_length=500)] = ""
    harm: Annotated[str, Field(max_length=500)] = ""
    asks: Annotated[str, Field(max_length=500)] = ""


class ServiceBody(PersonBody):
    """Which rescue service."""

    service: RescueService


class CaseOutcomeBody(PersonBody):
    """How it went."""

    outcome: Annotated[str, Field(min_length=1, max_length=64, description="As *20 names them")]


class CloseBody(PersonBody):
    """What there is to say at the end."""

    reason: Annotated[str, Field(max_length=500)] | None = None


class AssignBody(PersonBody):
    """Who has it in hand from now on."""

    to: Identifier


class HandOverBody(AssignBody):
    """Who shall have the role, and is rung for it."""

    role: CaseRole
