"""What Prometheus sees, counted from facts: the same facts that make the rows in PostgreSQL.

So the two agree by construction: ``huling_calls_answered_total`` is the number of first answers
of calls that are not synthetic, and so is the count of such rows.
"""

from acd.adapters.http.access import TURNED_AWAY
from acd.core.directory_diff import Staffing
from acd.core.facts import ConfigurationTakenBack, Defect, Ignored, Repaired, RequestRefused
from acd.runtime.metrics.agents import AgentMetrics
from acd.runtime.metrics.call_tallies import CallTallies
from acd.runtime.metrics.calls import CallMetrics
from acd.runtime.metrics.cases import CaseMetrics
from acd.runtime.metrics.entries import EntryMetrics
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.metrics.groups import GroupMetrics
from acd.runtime.metrics.legs import LegMetrics
from acd.runtime.metrics.menus import MenuMetrics
from acd.runtime.metrics.offers import OfferMetrics
from acd.runtime.metrics.ratings import RatingMetrics
from acd.runtime.metrics.silences import SilenceMetrics
from acd.runtime.metrics.skills import SkillMetrics
from acd.runtime.metrics.synthetic_calls import SyntheticCalls
from acd.runtime.past import Batch, Past

STEP_BUCKETS_S = (1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 5e-3, 2e-2, 0.1)
LAG_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)


class Metrics(Exposition):
    """Counts the facts and steps of the past."""

    def __init__(self, past: Past | None = None) -> None:
        super().__init__(past)
        synthetic = SyntheticCalls(self)
        tallies = CallTallies(self, synthetic)
        self._calls = CallMetrics(self, tallies)
        self._offers = OfferMetrics(self, synthetic, tallies)
        self._menus = MenuMetrics(self, synthetic)
        self._ratings = RatingMetrics(self)
        self._silence = SilenceMetrics(self)
        self._skills = SkillMetrics(self, tallies)
        self._groups = GroupMetrics(self, tallies)
        self._by_entry = EntryMetrics(self, tallies)
        LegMetrics(self, synthetic)
        AgentMetrics(self)
        CaseMetrics(self)
        refused = self.counter_by("huling_requests_refused", "Requests refused.", "refusal")
        ignored = self.counter_by(
            "huling_events_ignored", "Events harmless where they came.", "reason"
        )
        repaired = self.counter_by(
            "huling_repairs", "Differences from Asterisk that were followed.", "what"
        )
        taken_back = self.counter_by(
            "huling_configuration_taken_back",
            "Changes of the configuration taken back because calls could not be served.",
            "what",
        )
        for what in ("directory", "nodes"):
            taken_back[what]
        self._turned_away = self.counter_by(
            "huling_api_turned_away", "Requests that the door of the API refused.", "why"
        )
        for why in TURNED_AWAY:
            self._turned_away[why]
        defects = self.counter("huling_defects", "Bugs met; must stay 0.")
        self._invariants = self.counter(
            "huling_invariants_violated", "Invariants found broken; must stay 0."
        )
        self._step_time = self.histogram(
            "huling_decision_seconds", "One step of the core.", STEP_BUCKETS_S, per=1_000_000_000
        )
        self._loop_lag = self.histogram(
            "huling_loop_lag_seconds", "How late the event loop comes.", LAG_BUCKETS_S, per=1
        )
        self.on(RequestRefused, lambda fact: refused[fact.refusal].inc())
        self.on(Ignored, lambda fact: ignored[fact.reason].inc())
        self.on(ConfigurationTakenBack, lambda fact: taken_back[fact.what].inc())
        self.on(Repaired, lambda fact: repaired[fact.what].inc())
        self.on(Defect, lambda fact: defects.inc())

    def _take(self, batch: Batch) -> None:
        super()._take(batch)
        self._step_time.count(batch.took_ns)

    def expect(self, staffing: Staffing) -> None:
        """Show what the directory knows at 0 before its first call."""
        self.settle()  # What happened under the directory before is counted by its groups.
        self._calls.expect(staffing)
        self._offers.expect()
        self._menus.expect()
        self._ratings.expect(staffing)
        self._silence.expect(staffing)
        self._skills.expect(staffing)
        self._groups.expect(staffing)
        self._by_entry.expect(staffing)

    def turned_away(self, why: str) -> None:
        """Count a request that the door of the control API has refused."""
        self._turned_away[why].inc()

    def loop_lag(self, lag_s: float) -> None:
        """Note how late the loop came, in seconds."""
        self._loop_lag.count([lag_s])  # at once: a quiet house has no facts to bound what waits

    def invariant_violated(self) -> None:
        """Count an invariant found broken."""
        self._invariants.inc()
