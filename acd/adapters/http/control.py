"""What the HTTP adapter asks of the service behind it."""

from enum import StrEnum
from typing import Protocol

from acd.adapters.http.case_reports import CaseReportsPort
from acd.adapters.http.cases import CasesPort
from acd.adapters.http.elders import EldersPort
from acd.adapters.http.guidance import GuidancePort
from acd.adapters.http.models import (
    Agent,
    CallDetail,
    CallQuery,
    CallRecord,
    Explanation,
    Queue,
)
from acd.adapters.http.notes import NotesPort
from acd.adapters.http.outbound import OutboundPort
from acd.adapters.http.ratings import RatingPort
from acd.adapters.http.stream import StreamPort
from acd.adapters.http.supervision import SupervisionPort
from acd.adapters.http.terminals import TerminalsPort
from acd.adapters.http.texts import TextsPort
from acd.core.events import Control
from acd.core.ids import AgentId
from acd.core.replies import Done, Refused
from acd.core.ties import Ties


class Verb(StrEnum):
    """What an agent can ask for."""

    LOGIN = "login"
    READY = "ready"
    PAUSE = "pause"
    END_WRAP_UP = "end_wrap_up"
    EXTEND_WRAP_UP = "extend_wrap_up"
    GRANT_LEAVE = "grant_leave"
    DENY_LEAVE = "deny_leave"
    LOGOUT = "logout"
    RESERVE = "reserve"
    RELEASE = "release"


class Unanswered(Exception):
    """There is no answer now: the core is overloaded, or PostgreSQL is away.  The text is one
    sentence."""


class ControlPort(
    OutboundPort,
    SupervisionPort,
    TextsPort,
    GuidancePort,
    CasesPort,
    CaseReportsPort,
    EldersPort,
    RatingPort,
    NotesPort,
    TerminalsPort,
    StreamPort,
    Protocol,
):
    """The service as the control API sees it."""

    def not_ready(self) -> list[str]:
        """Return why calls cannot be served now; empty when they can."""

    def metrics(self) -> bytes:
        """Return all metrics in Prometheus' text format."""

    def ties(self, agent: AgentId) -> Ties:
        """Return what ties an agent to elders now."""

    def agents(self) -> list[Agent]: ...

    def agent(self, agent: str) -> Agent | None: ...

    def queues(self) -> list[Queue]: ...

    async def control_call(
        self, call: str, action: Control, *, agent: str | None, digits: str
    ) -> Done | Refused:
        """Do something with a live call, for an agent in it or for whoever has it.  Raises
        Unanswered."""

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
        """Put a request to the core and return its reply.  Raises Unanswered."""

    async def calls(self, query: CallQuery) -> list[CallRecord]:
        """Return recorded calls, newest first.  Raises Unanswered."""

    async def call(self, call: str) -> CallDetail | None:
        """Return one recorded call.  Raises Unanswered."""

    async def explanation(self, call: str) -> Explanation | None:
        """Return why a recorded call went as it went.  Raises Unanswered."""
