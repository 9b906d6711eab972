"""Trunks and phones of the directory as SIP accounts in Asterisk.

Each account is up to five configuration objects of one name, pushed by ARI into Asterisk's astdb
(asterisk-conf/sorcery.conf), where they outlive restarts of both sides.  ``sync`` writes only what
differs from what Asterisk has, and deletes accounts that the directory has no more; live calls and
registrations of other accounts notice nothing.
"""

import ipaddress
import re
from collections.abc import Iterable

import msgspec

from acd.adapters.asterisk.ari_client import AriClient, Fields
from acd.adapters.asterisk.errors import AsteriskRefused
from acd.core.ids import Node, PhoneId, TrunkId

MODULE = "res_pjsip"

QUALIFY_SECONDS = 15
"""A phone is asked by OPTIONS this often whether it is there: a dead one is known after at most
this and the time limit below."""

KEEP_ALIVE_SECONDS = 5
"""To whom nothing has been sent for so long a packet of comfort noise is: operators end calls that
are silent on our side (an agent's telephone that sends nothing while nobody speaks), and NAT
forgets the way back."""

TRUNK_ANSWER_SECONDS = 2.0
"""An operator's OPTIONS is answered by then, retransmitted twice on the way, or it is away."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's SIP account: ``name`` is its user, ``display`` what other phones show."""

    name: PhoneId
    password: str
    display: str
    secure: bool = False
    """Speaks TLS and SRTP, and is refused without."""

    def __post_init__(self) -> None:
        _check_name(self.name)
        if not self.password or not self.password.isprintable():
            raise ValueError(f"The password of phone {self.name} is empty or not printable.")


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """How a trunk logs in at its operator: ``user`` and ``password`` are the digest's, ``number``
    and ``domain`` its SIP address there.  ``registers``: the operator sends calls to where the last
    REGISTER came from."""

    user: str
    password: str
    number: str
    domain: str
    registers: bool = True

    def __repr__(self) -> str:
        return f"Login({self.address}, user={self.user!r})"

    @property
    def address(self) -> str:
        """Our SIP address at the operator."""
        return f"sip:{self.number}@{self.domain}"


class Trunk(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's SIP connection.  Calls from ``addresses`` (CIDR) are its calls.

    ``trusts_asserted`` says whether P-Asserted-Identity is believed: only from an operator who sets
    it and strips what others set (RFC 3325 §5).  ``host`` and ``port`` are where outbound calls go,
    with a ``login`` when the operator asks for one; None means that the trunk takes inbound calls
    only.
    """

    name: TrunkId
    addresses: tuple[str, ...]
    trusts_asserted: bool = False
    host: str | None = None
    port: int = 5060
    login: Login | None = None

    def __post_init__(self) -> None:
        _check_name(self.name)
        for address in self.addresses:
            ipaddress.ip_network(address)  # raises ValueError with a sentence

    @property
    def hop(self) -> str:
        """Where requests go, host and port; empty for a trunk that takes inbound calls only."""
        return "" if self.host is None else f"{_in_uri(self.host)}:{self.port}"

    @property
    def target(self) -> str:
        """What stands behind the @ of numbers that are dialled over it: the operator's own name for
        itself may be another than where requests go, and then they go by a Route."""
        if self.login is None or self.login.domain == self.host:
            return self.hop
        return self.login.domain


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """Another node: ``name`` is its account here, ``own`` ours there.  Whoever knows ``password``
    is a node."""

    name: str
    own: str
    host: str
    port: int
    password: str

    def __repr__(self) -> str:
        return f"Peer({self.name}, {self.host}:{self.port})"

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it calls from, as far as that is known: a name is looked up by Asterisk alone."""
        try:
            return (str(ipaddress.ip_address(self.host)),)
        except ValueError:
            return ()


def peer_name(node: Node) -> str:
    """Return the account by which other nodes know a node."""
    return f"node-{node}"


class Changes(msgspec.Struct, frozen=True):
    """What a ``sync`` has written: the names of accounts."""

    written: tuple[str, ...]
    deleted: tuple[str, ...]


Objects = dict[str, Fields]
"""Object type to fields, in the order in which they must be created."""

_ENDPOINT: dict[str, str] = {
    "transport": "udp",
    "disallow": "all",
    # What trunks, terminals and softphones all have, and what is never transcoded.
    "allow": "alaw,ulaw",
    # Audio goes through us: recorded, moved between rooms, and reachable from behind NAT.
    "direct_media": "no",
    "rtp_symmetric": "yes",
    "force_rport": "yes",
    "rewrite_contact": "yes",
    # Telephone events; tones where the far end agrees to none, as some operators' lines do: else a
    # terminal's word of its battery and a contact's 1 were lost.  INFO is heard beside either.
    "dtmf_mode": "auto",
    "rtp_keepalive": str(KEEP_ALIVE_SECONDS),
    "media_encryption": "no",
    # A refresh that the far end forgets would end a held, silent line.
    "timers": "no",
    # Nobody's display is updated in mid-call, so no re-INVITE meets a terminal that has none.
    "send_connected_line": "no",
    "trust_connected_line": "no",
    "send_pai": "no",
    "allow_subscribe": "no",
    "allow_overlap": "no",
    "allow_transfer": "no",
    "100rel": "no",
    "language": "zh",
}

# Never given up: without it no call comes in.  Asterisk's own limits are ten attempts, and none
# more after a 403, which an operator's own trouble may cause.
_REGISTRATION: dict[str, str] = {
    "transport": "udp",
    "expiration": "300",
    "retry_interval": "20",
    "forbidden_retry_interval": "60",
    "fatal_retry_interval": "60",
    "max_retries": "1000000",
    "auth_rejection_permanent": "no",
}

# Keys in the SDP (RFC 4568), which TLS alone keeps to the two ends.
_SECURE = {"transport": "tls", "media_encryption": "sdes"}


def phone_objects(phone: Phone) -> Objects:
    """Return the objects that make a phone."""
    return {
        "auth": {
            "auth_type": "userpass",
            "username": phone.name,
            "password": phone.password,
        },
        "aor": {
            "max_contacts": "1",
            # A phone that comes back from another address replaces itself.
            "remove_existing": "yes",
            "qualify_frequency": str(QUALIFY_SECONDS),
            "minimum_expiration": "30",
            "maximum_expiration": "3600",
        },
        "endpoint": {
            **_ENDPOINT,
            **(_SECURE if phone.secure else {}),
            "context": "from-phone",
            "identify_by": "username",
            "aors": phone.name,
            "auth": phone.name,
            "callerid": f'"{_display(phone.display)}" <{phone.name}>',
            "device_state_busy_at": "1",
            # A REFER becomes an event of ours; Asterisk moves nobody: each channel is told so by
            # its own start (``perform``, dialplan).  ``set_var`` here would do it once only: an
            # account with it can be read back neither from the astdb nor to be changed.
            "allow_transfer": "yes",
        },
    }


def trunk_objects(trunk: Trunk) -> Objects:
    """Return the objects that make a trunk."""
    endpoint = {
        **_ENDPOINT,
        "context": "from-trunk",
        # Never by a From that names the trunk: it has no password to prove that.
        "identify_by": "ip",
        # A name that is no number.  Without one, an account read back from the astdb has the number
        # "unknown", and every caller's From would be hidden behind it.
        "callerid": "trunk",
        # Whether the channel's caller is the P-Asserted-Identity, when there is one that can be
        # read, or always the From.  Asterisk looks while it reads the INVITE; to read the header in
        # the dialplan delayed each offer by 0.2 ms.
        "trust_id_inbound": "yes" if trunk.trusts_asserted else "no",
    }
    objects: Objects = {}
    if trunk.host is not None:
        objects = _way_out(trunk, endpoint)
    objects["endpoint"] = endpoint
    if trunk.addresses:
        objects["identify"] = {
            "endpoint": trunk.name,
            "match": ",".join(trunk.addresses),
            # Addresses are addresses: a name would cost a look-up when it is loaded.
            "srv_lookups": "no",
        }
    return objects


def _way_out(trunk: Trunk, endpoint: dict[str, str]) -> Objects:
    """Return what it takes to reach a trunk's operator, and complete its ``endpoint``."""
    login = trunk.login
    route = {} if trunk.target == trunk.hop else {"outbound_proxy": f"sip:{trunk.hop};lr"}
    objects: Objects = {
        "aor": {
            "contact": f"sip:{trunk.target}",
            "qualify_frequency": str(QUALIFY_SECONDS),
            # Asked together with each INVITE (``CheckTrunk``): an operator who is away is left for
            # the next within 3 s.
            "qualify_timeout": str(TRUNK_ANSWER_SECONDS),
            **route,
        }
    }
    endpoint |= {"aors": trunk.name, **route}
    if login is not None:
        endpoint |= {"outbound_auth": trunk.name, "from_domain": login.domain}
        objects["auth"] = {
            "auth_type": "userpass",
            "username": login.user,
            "password": login.password,
        }
        if login.registers:
            objects["registration"] = {
                **_REGISTRATION,
                "server_uri": f"sip:{trunk.target}",
                "client_uri": login.address,
                # What the operator then dials to us: an entry of the directory.
                "contact_user": login.number,
                "outbound_auth": trunk.name,
                **route,
            }
    return objects


def peer_objects(peer: Peer) -> Objects:
    """Return the objects that make another node: what it asks for is a phone that is registered
    here, and the other way round."""
    return {
        # Both ways: each shows the other that it knows the password.
        "auth": {"auth_type": "userpass", "username": "node", "password": peer.password},
        # Not asked by OPTIONS: whether a node lives the service finds out, and one that has just
        # come back would be refused until the next answer.
        "aor": {"contact": f"sip:{_in_uri(peer.host)}:{peer.port}"},
        "endpoint": {
            **_ENDPOINT,
            "context": "from-node",
            # By the From, which says what node it is; the caller's number is asserted beside it.
            "identify_by": "username",
            "from_user": peer.own,
            "send_pai": "yes",
            "trust_id_inbound": "yes",
            "trust_id_outbound": "yes",
            "callerid": "node",
            "aors": peer.name,
            "auth": peer.name,
            "outbound_auth": peer.name,
        },
    }


_ALL_KINDS = ("registration", "identify", "auth", "aor", "endpoint")
"""In the order of deletion: the endpoint last, since by it an account is found again should the
deletion be interrupted."""


class Accounts:
    """The accounts of one Asterisk."""

    def __init__(self, ari: AriClient) -> None:
        self._ari = ari
        self._pushed: dict[str, Objects] = {}

    def forget(self) -> None:
        """Trust nothing known of Asterisk: it may have been restarted or changed by hand."""
        self._pushed.clear()

    async def sync(
        self, trunks: Iterable[Trunk], phones: Iterable[Phone], peers: Iterable[Peer] = ()
    ) -> Changes:
        """Make Asterisk's accounts these and no others.

        Raises ``AsteriskError``; one that Asterisk refuses keeps no other from being written.
        """
        wanted: dict[str, Objects] = {trunk.name: trunk_objects(trunk) for trunk in trunks}
        wanted |= {phone.name: phone_objects(phone) for phone in phones}
        wanted |= {peer.name: peer_objects(peer) for peer in peers}
        written: list[str] = []
        refused: AsteriskRefused | None = None
        for name, objects in wanted.items():
            try:
                if await self._write(name, objects):
                    written.append(name)
            except AsteriskRefused as problem:
                refused = refused or problem
        deleted = [name for name in await self._ari.endpoints() if name not in wanted]
        for name in deleted:
            await self._delete(name)
        if refused is not None:
            raise refused
        return Changes(tuple(written), tuple(deleted))

    async def _write(self, name: str, objects: Objects) -> bool:
        if self._pushed.get(name) == objects:
            return False
        changed = False
        for kind in _ALL_KINDS:
            if kind not in objects and await self._ari.get_object(MODULE, kind, name):
                await self._ari.delete_object(MODULE, kind, name)
                changed = True
        for kind, fields in objects.items():
            present = await self._ari.get_object(MODULE, kind, name)
            if kind == "registration" and changed and present is not None:
                # What has changed may be the password: else that waits for the next attempt.
                await self._ari.delete_object(MODULE, kind, name)
                present = None
            if present is None or not _same(present, fields):
                await self._ari.put_object(MODULE, kind, name, fields)
                changed = True
        self._pushed[name] = objects
        return changed

    async def _delete(self, name: str) -> None:
        self._pushed.pop(name, None)
        for kind in _ALL_KINDS:
            await self._ari.delete_object(MODULE, kind, name)


def _same(present: Fields, wanted: Fields) -> bool:
    """Tell whether Asterisk's fields say what we want; it words some of them its own way."""
    return all(
        _normal(key, present.get(key, "")) == _normal(key, value)
        for key, value in wanted.items()
        if key != "disallow"  # an instruction, not a value: it empties `allow`
    )


def _normal(key: str, value: str) -> object:
    value = value.strip()
    if key in ("allow", "match"):
        items = [item.strip() for item in value.strip("()").replace("|", ",").split(",")]
        if key == "match":
            return {str(ipaddress.ip_network(item)) for item in items if item}
        return items
    if key == "qualify_timeout":  # with six places
        return float(value or 0)
    return {"true": "yes", "false": "no"}.get(value, value)


def _check_name(name: str) -> None:
    if _NAME.match(name) is None:
        raise ValueError(f"{name!r} cannot be the name of a SIP account.")


def _in_uri(host: str) -> str:
    """A host as a SIP URI takes it: an address of IPv6 in brackets (RFC 3261 §25.1)."""
    return f"[{host}]" if ":" in host else host


def _display(text: str) -> str:
    """A display name as a SIP header takes it: no quotes, no control characters."""
    return "".join(char for char in text if char.isprintable() and char not in '"\\<>')[:64]
