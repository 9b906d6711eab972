"""What goes on beside the calls for as long as a life lasts: tasks that keep it up to date and
watch over it.  One that fails ends the life (``acd.runtime.tasks``)."""

from functools import partial

from acd.adapters.asterisk import AsteriskNodes
from acd.adapters.postgres.directory_versions import mark_ready
from acd.adapters.postgres.offline import read_unowed
from acd.adapters.postgres.terminals import read_silent
from acd.core.events import ConfigurationRefused
from acd.runtime import nodes
from acd.runtime.api.trail import Trail
from acd.runtime.directory.trial import DirectoryTrial, back_to_ready
from acd.runtime.health import Health, watch_invariants
from acd.runtime.settings import Settings
from acd.runtime.staffing import Staffing
from acd.runtime.start.parts import Deciding, Prepared
from acd.runtime.stays import Stays
from acd.runtime.watching.offline_records import OfflineRecords
from acd.runtime.watching.proving import Proving, add_proof_metrics
from acd.runtime.watching.silent_terminals import SilentTerminals
from acd.runtime.watching.usual import Usual


def start_upkeep(
    settings: Settings,
    prepared: Prepared,
    deciding: Deciding,
    *,
    stays: Stays,
    usual: Usual,
    trail: Trail,
) -> None:
    """Start every task; they end with the life's other tasks."""
    tasks = prepared.tasks
    _follow_nodes(settings, prepared)
    tasks.start("accounts", prepared.staffing.keep_accounts())
    _try_directories(settings, prepared)
    tasks.start("fallback list", deciding.fallback.keep())
    tasks.start("fallback's callers", stays.keep())
    tasks.start("invariants", watch_invariants(deciding.core, prepared.metrics))
    tasks.start("usual calls", usual.run())
    tasks.start("audit", trail.run())
    _look_for_silent_terminals(settings, prepared)
    _take_in_what_was_written_offline(prepared)
    _prove(settings, prepared, deciding)


def _follow_nodes(settings: Settings, prepared: Prepared) -> None:
    """Take up the file of nodes whenever it changes."""
    if settings.nodes is None:
        return
    health, inbox = prepared.health, prepared.inbox
    use = partial(_use, node=prepared.node, health=health, staffing=prepared.staffing)
    followed = nodes.follow(
        settings.nodes,
        settings,
        use,
        is_served=health.is_served,
        taken_back=lambda why: inbox.put(ConfigurationRefused(what="nodes", why=why)),
    )
    prepared.tasks.start("nodes", followed)


async def _use(
    found: nodes.Nodes, *, node: AsteriskNodes, health: Health, staffing: Staffing
) -> None:
    # Those to come are known before their links are up, and those let go of until they are.
    health.know((*node.names, *(one.node for one in found.all)))
    await node.use(found.all, found.drained)
    health.know(node.names)
    staffing.write_again()


def _try_directories(settings: Settings, prepared: Prepared) -> None:
    """Take a directory back under which calls cannot be served."""
    if not settings.configuration_trial_s:
        return
    pool = prepared.database.pool
    tried = DirectoryTrial(
        current=prepared.staffing.current,
        refusal=prepared.staffing.refusal,
        can_tell=prepared.health.is_served,
        good_now=lambda revision: mark_ready(pool, revision),
        take_back=lambda: back_to_ready(pool),
        put=prepared.inbox.put,
        patience_s=settings.configuration_trial_s,
        now_ms=prepared.clock.now_ms,
    )
    prepared.tasks.start("directory's trial", tried.run())


def _look_for_silent_terminals(settings: Settings, prepared: Prepared) -> None:
    """Have terminals tested that nobody has called from for long."""
    if not settings.terminal_test_days:
        return
    database = prepared.database
    terminals = SilentTerminals(
        lambda since, limit: read_silent(database.pool, since, limit, place=database.dsn),
        prepared.inbox.put,
        days=settings.terminal_test_days,
        tests_max=settings.terminal_tests_max,
        zone=settings.time_zone,
        now_ms=prepared.clock.now_ms,
    )
    prepared.tasks.start("silent terminals", terminals.run())


def _take_in_what_was_written_offline(prepared: Prepared) -> None:
    """Have done what agents wrote down while we were away."""
    database = prepared.database
    offline = OfflineRecords(
        lambda: read_unowed(database.pool, place=database.dsn), prepared.inbox.put
    )
    prepared.tasks.start("what was written offline", offline.run())


def _prove(settings: Settings, prepared: Prepared, deciding: Deciding) -> None:
    """Place a synthetic call every so often."""
    if not settings.synthetic_s:
        return
    proving = Proving(settings, deciding.core.state)
    add_proof_metrics(prepared.metrics, proving.proofs)
    prepared.tasks.start("proofs", proving.run())
