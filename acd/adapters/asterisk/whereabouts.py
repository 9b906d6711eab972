"""On which node each phone is registered, and what the nodes together say of phones and trunks.

Pure bookkeeping: each node's reports in, one report out.  A phone is there when some node has its
registration, and in use when some node says so.
"""

from collections.abc import Callable, Iterable

from acd.core.events import PhoneReported, TrunkReported
from acd.core.ids import Node, PhoneId, TrunkId


class Whereabouts:
    """What all nodes have reported last."""

    def __init__(
        self,
        report: Callable[[PhoneReported | TrunkReported], None],
        moved: Callable[[PhoneId], None],
    ) -> None:
        """``moved`` hears of a phone that is at another node than before."""
        self._report = report
        self._moved = moved
        self._phones: dict[PhoneId, dict[Node, PhoneReported]] = {}
        self._trunks: dict[TrunkId, dict[Node, bool]] = {}
        self._homes: dict[PhoneId, Node] = {}
        self._told: dict[PhoneId, PhoneReported] = {}
        self._told_trunks: dict[TrunkId, bool] = {}

    def home(self, phone: PhoneId) -> Node | None:
        """Return where a phone is registered, or was last."""
        return self._homes.get(phone)

    def nearest(self, node: Node, phones: Iterable[PhoneId]) -> list[PhoneId]:
        """Return the phones as a node should ring them by itself: its own first, which depend on no
        other node, then those of others, then those that are nowhere; else in their order."""
        return sorted(phones, key=lambda phone: self._distance(node, phone))

    def _distance(self, node: Node, phone: PhoneId) -> int:
        reports = self._phones.get(phone, {})
        if not any(said.registered for said in reports.values()):
            return 2
        return 0 if self._homes.get(phone) == node else 1

    def phone(self, node: Node, report: PhoneReported) -> None:
        """Take what a node says of a phone."""
        reports = self._phones.setdefault(report.phone, {})
        before = reports.get(node)
        reports[node] = report
        is_new = report.registered and (before is None or not before.registered)
        home = self._homes.get(report.phone)
        if home is None or is_new or not self._is_at(report.phone, home):
            # Where it registered last; its old registration may not have run out yet.
            there = [one for one, said in reports.items() if said.registered]
            self._settle(report.phone, node if is_new else next(iter(there), home or node))
        self._tell(report.phone, again=before == report)

    def trunk(self, node: Node, report: TrunkReported) -> None:
        """Take what a node says of a trunk: one that some node reaches is there."""
        said = self._trunks.setdefault(report.trunk, {})
        before = said.get(node)
        said[node] = report.reachable
        self._tell_trunk(report.trunk, again=before == report.reachable)

    def drop(self, node: Node) -> None:
        """A node is lost, and every registration there."""
        for phone, reports in self._phones.items():
            if reports.pop(node, None) is not None:
                if self._homes.get(phone) == node:
                    del self._homes[phone]
                    there = [one for one, said in reports.items() if said.registered]
                    if there:
                        self._settle(phone, there[0])
                self._tell(phone)
        for trunk, said in self._trunks.items():
            if said.pop(node, None) is not None:
                self._tell_trunk(trunk)

    def _is_at(self, phone: PhoneId, node: Node) -> bool:
        said = self._phones[phone].get(node)
        return said is not None and said.registered

    def _settle(self, phone: PhoneId, home: Node) -> None:
        if self._homes.get(phone) != home:
            self._homes[phone] = home
            self._moved(phone)

    def _tell(self, phone: PhoneId, *, again: bool = False) -> None:
        """``again``: a node has said the same twice, for somebody who is new in the directory."""
        said = self._phones[phone].values()
        if len(said) == 1:
            (report,) = said
        else:
            report = PhoneReported(
                phone=phone,
                registered=any(one.registered for one in said),
                in_use=any(one.in_use for one in said),
            )
        if again or self._told.get(phone) != report:
            self._told[phone] = report
            self._report(report)

    def _tell_trunk(self, trunk: TrunkId, *, again: bool = False) -> None:
        reachable = any(self._trunks[trunk].values()) or not self._trunks[trunk]
        if again or self._told_trunks.get(trunk, True) != reachable:
            self._told_trunks[trunk] = reachable
            self._report(TrunkReported(trunk=trunk, reachable=reachable))
