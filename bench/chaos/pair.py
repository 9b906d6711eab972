"""Two services and two Asterisks as one switch: any one of the four can be killed."""

from collections.abc import Mapping

from acd.demo.directory import as_yaml, document
from acd.proof.phones import Account
from acd.proof.sipp import find_sipp
from acd.proof.stage import Switch as SipAddress
from bench.chaos.view import View
from bench.chaos.world import named
from servers.asterisk import Asterisk
from servers.nodes import another, write_nodes
from servers.service import Service
from servers.settings import Settings
from servers.stack import Stack

STANDBY_PORTS_APART = 1000
TALKING, STREAM, WAITING = "95001", "95002", "95004"
"""Where those call who talk all the time (an emergency), of the stream, and who wait."""
LATE_PER_NODE = 3
NODES = ("n1", "n2")


class Pair(View):
    """The switch, and its agents on both nodes.  ``service`` is whoever serves now."""

    def __init__(self, stack: Stack, agents_per_node: int) -> None:
        """``stack`` has PostgreSQL and Asterisk running, which is n1; no service is."""
        own = stack.settings
        super().__init__(Service(stack))
        beside = own.model_copy(
            update={
                "run_dir": own.run_dir / "second",
                "http_port": own.http_port + STANDBY_PORTS_APART,
                "standby": True,
            }
        )
        self.standby = Service(stack, beside)
        self.loading = self.service
        """The one into whose run folder the directory was loaded, with the phones' passwords."""
        self.second, far = another(stack, "n2", 1)
        self.nodes: dict[str, Settings] = {"n1": own, "n2": far}
        self.agents = {
            node: named(7000 + 200 * at, agents_per_node) for at, node in enumerate(NODES)
        }
        self.late = {node: named(7600 + 20 * at, LATE_PER_NODE) for at, node in enumerate(NODES)}
        """Who come for those who wait."""
        self.sipp = find_sipp(None, stack.root)
        self._file = own.run_dir / "nodes.yaml"

    # ── Its life ─────────────────────────────────────────────────────────────────────────────

    def open(self) -> None:
        """Start the second Asterisk, the service and its standby."""
        self.second.start()
        write_nodes(self._file, self.nodes.values())
        self.standby.settings.run_dir.mkdir(exist_ok=True)
        self.service.load(self._directory())
        self.service.start(self._changes())
        self.standby.start(self._changes())

    def close(self) -> None:
        """Stop everything but the stack."""
        self.standby.stop()
        self.service.stop()
        self.second.stop()

    def _changes(self) -> Mapping[str, str]:
        return {"HULING_NODES": str(self._file)}

    def _directory(self) -> str:
        found = document()
        (enquiry,) = (queue for queue in found["queues"] if queue["id"] == "enquiry")
        enquiry |= {"wrap_up_ms": 1_000, "overflow": [], "sticky": []}
        # Those who wait have a line of their own, whose agents come when all is over.
        found["skills"].append({"id": "patience", "name": "patience"})
        patience = {**enquiry, "id": "patience", "name": "patience", "needs": {"patience": 1}}
        found["queues"].append(patience)
        entry = {"id": WAITING, "name": "patience", "kind": "enquiry", "queue": "patience"}
        found["entries"].append(entry)
        skills = {"emergency": 5, "enquiry": 5}
        for having, agents in ((skills, self.agents), ({"patience": 5}, self.late)):
            for agent in (one for found_there in agents.values() for one in found_there):
                found["agents"].append({"id": agent, "name": agent, "skills": having})
                found["seats"].append({"id": f"s{agent}", "phones": [f"a{agent}"], "agent": agent})
        return as_yaml(found)

    def accounts(self, node: str) -> list[Account]:
        """The phones that register there."""
        passwords = self.loading.credentials()
        return [Account(f"a{agent}", passwords[f"a{agent}"])
                for agent in (*self.agents[node], *self.late[node])]  # fmt: skip

    def where(self, node: str) -> SipAddress:
        """Where a node takes SIP."""
        settings = self.nodes[node]
        return SipAddress(settings.local_host, settings.sip_port)

    # ── What there is to see ─────────────────────────────────────────────────────────────────

    def has_links(self) -> bool:
        """Whether whoever serves is ready and has both links to both nodes."""
        try:
            return self.service.ready() and self.metric("huling_link_up") == 2 * len(NODES)
        except OSError:
            return False

    def knows_all(self) -> bool:
        """Whether whoever serves knows each caller whom Asterisk has for it."""
        there = [
            channel
            for settings in self.nodes.values()
            for channel in self.in_stasis(settings.ari_address)
        ]
        return self.has_links() and self.metric("huling_calls_live") == len(there)

    def stays(self) -> bool:
        """Whether the dialplan of a node has written of callers who are not in the record yet."""
        words = "database show huling-stay"
        return any("PJSIP" in one.cli(words) for one in (self.stack.asterisk, self.second))

    # ── What is done to it ───────────────────────────────────────────────────────────────────

    def kill_service(self) -> None:
        """`kill -9` of whoever has the lease; the other one is asked from now on."""
        self.service.server.kill()
        self.service, self.standby = self.standby, self.service

    def kill_standby(self) -> None:
        """`kill -9` of the one that stands by."""
        self.standby.server.kill()

    def start_standby(self) -> None:
        """Have a second service again, whichever it is; it leaves the switch to the other one."""
        self.standby.start({**self._changes(), "HULING_STANDBY": "yes"})

    def kill_node(self, node: str) -> None:
        """`kill -9` of an Asterisk."""
        self._asterisk(node).kill()

    def start_node(self, node: str) -> None:
        """Have it again."""
        self._asterisk(node).start()

    def _asterisk(self, node: str) -> Asterisk:
        return {"n1": self.stack.asterisk, "n2": self.second}[node]
