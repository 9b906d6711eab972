"""The parts of a life, as one stage of its start hands them to the next (``acd.runtime.life``)."""

import msgspec

from acd.adapters.asterisk import AsteriskNodes, Gate
from acd.adapters.listening import Listener
from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.lease import PostgresLease
from acd.adapters.postgres.records import PostgresRecords
from acd.core.switch import Core
from acd.runtime.api.requests import Requests
from acd.runtime.api.tokens import TokenList
from acd.runtime.calendar import Calendar
from acd.runtime.clock import Clock
from acd.runtime.dispatch import Dispatcher
from acd.runtime.driver import Driver
from acd.runtime.fallback import FallbackList
from acd.runtime.guidance import WrittenScript
from acd.runtime.health import Health
from acd.runtime.inbox import Inbox
from acd.runtime.intake import Intake
from acd.runtime.journal import Journal
from acd.runtime.metrics.counted import Metrics
from acd.runtime.metrics.performance import PerformanceMetrics
from acd.runtime.nodes import Nodes
from acd.runtime.ownership import Ownership
from acd.runtime.past import Past
from acd.runtime.pledges import Acknowledgements
from acd.runtime.pulse import Pulse
from acd.runtime.records import Recorder
from acd.runtime.staffing import Staffing
from acd.runtime.stream import Stream
from acd.runtime.tasks import Tasks
from prompts.texts import PromptList


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """PostgreSQL, once it has answered."""

    dsn: str
    pool: Pool
    records: PostgresRecords
    lease: PostgresLease


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What stands before the switch is ours: all that may be away has answered once."""

    database: Database
    clock: Clock
    journalled_ms: int
    """When the last life on this host was last heard of, by its journal (0: never)."""
    inbox: Inbox
    calendar: Calendar
    intake: Intake
    known: Nodes
    node: AsteriskNodes
    gate: Gate
    health: Health
    past: Past
    metrics: Metrics
    performance: PerformanceMetrics
    tasks: Tasks
    staffing: Staffing
    tokens: TokenList
    prompts: PromptList
    scripts: tuple[WrittenScript, ...]


class Owned(msgspec.Struct, frozen=True, kw_only=True):
    """What a life has once the switch is its own: an epoch, and where it writes."""

    epoch: int
    heard_ms: int
    """When the lease's last holder was last heard of (0: never)."""
    heard_epoch: int
    """That holder's epoch (0: there was none)."""
    ownership: Ownership
    journal: Journal
    recorder: Recorder
    requests: Requests
    pledges: Acknowledgements


class Deciding(msgspec.Struct, frozen=True, kw_only=True):
    """What decides, and what carries the decisions out."""

    core: Core
    driver: Driver
    dispatcher: Dispatcher
    listener: Listener | None
    pulse: Pulse
    fallback: FallbackList
    stream: Stream
