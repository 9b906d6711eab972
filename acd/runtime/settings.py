"""Everything that can be set from outside, with its default and its limits.

A setting is an environment variable with the prefix ``HULING_``.  Secrets may come the same way;
otherwise they are read from ``secrets.json`` in the run directory (``acd.runtime.credentials``).
Whoever starts a process calls ``load_settings()`` once and hands the result on.
"""

import difflib
import os
import socket
from collections.abc import Mapping
from functools import cached_property
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from acd.adapters.loopback import is_loopback
from acd.runtime.credentials import ConfigurationError, Secrets, read_secrets
from acd.runtime.sealing import Keys, parse_keys, read_keys

PREFIX = "HULING_"
DATABASE_NAME = "huling"
DATABASE_USER = "huling"
ARI_USER = "acd"
ARI_APPLICATION = "acd"
AMI_USER = "acd"

Port = Annotated[int, Field(ge=1, le=65535)]


def node_name(value: str) -> str:
    """Return it when it can name a node: the part before the colon of a leg's key
    (``acd.core.ids``).  Raises ValueError."""
    if not value or len(value) > 16 or not (value.isascii() and value.isalnum()):
        raise ValueError("should be 1 to 16 letters or digits")
    return value


def _address(value: str) -> str:
    """An IP address, or a host's name, which is looked up where it is used."""
    try:
        if ":" in value or value.replace(".", "").isdigit():
            ip_address(value)
    except ValueError:
        raise ValueError("should be an address such as 127.0.0.1") from None
    return value


def _external(value: str | None) -> str | None:
    try:
        return value and str(ip_address(value))
    except ValueError:
        raise ValueError("should be an address such as 203.0.113.7") from None


def _networks(value: str) -> str:
    try:
        return ",".join(str(ip_network(one.strip())) for one in value.split(","))
    except ValueError:
        raise ValueError("should be networks such as 10.0.0.0/8,192.168.0.0/16") from None


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("should be a time zone such as Asia/Shanghai") from None
    return value


def _database_url(value: SecretStr | None) -> SecretStr | None:
    if value is not None and not value.get_secret_value().startswith(
        ("postgresql://", "postgres://")
    ):
        raise ValueError("should look like postgresql://user:password@host:port/database")
    return value


def _keys(value: SecretStr | None) -> SecretStr | None:
    if value is not None:
        parse_keys(value.get_secret_value())
    return value


def _home(value: Path) -> Path:
    return value.expanduser()


def _home_or_none(value: Path | None) -> Path | None:
    return None if value is None else value.expanduser()


def http_url(value: str) -> str:
    """Return the address of an HTTP server, without the slash behind it; Asterisk's is spoken to in
    plain HTTP alone.  Raises ValueError."""
    try:
        parts = urlsplit(value)
        is_one = parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
    except ValueError:  # the port is no number, or too high
        is_one = False
    if not is_one:
        raise ValueError("should look like http://host:8088")
    return value.rstrip("/")


def _http_url(value: str | None) -> str | None:
    return http_url(value) if value else value


class Settings(BaseSettings):
    """The settings of one process; frozen, so that nobody changes them on the way."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        validate_default=True,
    )

    bind: Annotated[str, Field(min_length=1), AfterValidator(_address)] = "127.0.0.1"
    """Address on which SIP, HTTP, ARI, AMI and the embedded servers listen."""
    external_address: Annotated[str | None, AfterValidator(_external)] = None
    """Ours as the rest of the world sees it, where NAT stands between; Asterisk names it to whoever
    is not in ``local_networks``."""
    local_networks: Annotated[str, AfterValidator(_networks)] = (
        "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
    )
    """Networks, CIDR, with commas between."""
    sip_port: Port = 5060
    sip_tls_port: Port = 5061
    """Where phones come by TLS, with a certificate alone."""
    sip_tls_certificate: Annotated[Path | None, AfterValidator(_home_or_none)] = None
    """Asterisk's, PEM, with its chain.  With it and its key every phone but robots' speaks TLS and
    SRTP, and none in the clear."""
    sip_tls_key: Annotated[Path | None, AfterValidator(_home_or_none)] = None
    sip_shut_out_min: Annotated[int, Field(ge=0, le=1440)] = 15
    """Minutes for which an address is refused that guesses at SIP accounts; 0: none is."""
    http_port: Port = 8080
    desk_port: Port = 8081
    ari_port: Port = 8088
    ami_port: Port = 5038
    postgres_port: Port = 5433
    prometheus_port: Port = 9090
    rtp_port_min: Port = 10000
    rtp_port_max: Port = 14999
    run_dir: Annotated[Path, AfterValidator(_home)] = Path("run")
    cache_dir: Annotated[Path, AfterValidator(_home)] = Path("~/.cache/huling")
    asterisk: Path | None = None
    """A system Asterisk's binary; unset means the one in the private root."""
    zone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    """Where the callers live: for greetings by the time of day (V07)."""
    node: Annotated[str, AfterValidator(node_name)] = "n1"
    nodes: Annotated[Path | None, AfterValidator(_home_or_none)] = None
    """A file that names several Asterisks (``acd.runtime.nodes``), read again when it changes;
    unset: there is the one of these settings."""

    database_url: Annotated[SecretStr | None, AfterValidator(_database_url)] = None
    """Unset means the embedded PostgreSQL on ``bind`` and ``postgres_port``."""
    ari_url: Annotated[str | None, AfterValidator(_http_url)] = None
    ami_host: str | None = None
    ari_password: SecretStr | None = None
    ami_password: SecretStr | None = None
    api_token: SecretStr | None = None
    """The token that our own programs, the desk and the proof, show to the control API."""
    api_open: bool | None = None
    """Whether the control API and the desk ask for no token; unset: on a loopback address, unless
    ``api_token`` is set."""

    sealing_keys: Annotated[SecretStr | None, AfterValidator(_keys)] = None
    """``NAME:KEY`` words under which recordings and journals lie on the disk (L2, X07): the first
    one seals, all open.  Unset, and no file: they lie in the clear."""
    sealing_keys_file: Annotated[Path | None, AfterValidator(_home_or_none)] = None
    """A file of the same, mode 600."""

    standby: bool = False
    """Whether to wait until no other service decides, instead of taking over at once."""

    recording: bool = True
    """Whether every call is recorded (T21)."""
    recordings_dir: Annotated[Path | None, AfterValidator(_home_or_none)] = None
    """Where compressed recordings are kept; unset means ``recordings`` in the run directory."""
    recordings_spool: Annotated[Path | None, AfterValidator(_home_or_none)] = None
    """Where Asterisk writes; unset means the embedded one's, in the run directory."""
    recordings_keep_months: Annotated[int, Field(ge=36, le=1200)] = 36
    """How long recordings are kept: 36 months are the least (T21, C19)."""
    recordings_free_mb_min: Annotated[int, Field(ge=1)] = 2048
    """Less room than this raises the alarm: some 18 hours of talk in the spool."""
    rating_neutral_counts: bool = True
    """Whether 一般 counts as satisfied on S0's scale, as S2's standard says of its own (C04)."""
    recordings_verify_s: Annotated[int, Field(ge=60, le=43_200)] = 7200
    """How long a night's check of the archive may take."""

    backup_dir: Annotated[Path | None, AfterValidator(_home_or_none)] = None
    """Where backups are kept (X02); unset: none are made."""
    backup_offsite_dir: Annotated[Path | None, AfterValidator(_home_or_none)] = None
    """A folder of another site, mounted here, that gets the same (X03, X04)."""
    backup_keep_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """How long a night's dump is kept; the last one always is."""

    synthetic_s: Annotated[int, Field(ge=0, le=3600)] = 60
    """Seconds from one call of the service's own to the next (T18); 0 places none."""
    synthetic_entry: Annotated[str, Field(min_length=1)] = "95009"
    """The number it dials: an entry of the kind synthetic, so that no figure holds it."""
    synthetic_agent: Annotated[str, Field(min_length=1)] = "8099"
    """The robot that answers; it serves nothing else."""
    synthetic_caller: Annotated[str, Field(min_length=1)] = "02160000001"
    """The terminal that the call comes from."""

    outside_minutes_max: Annotated[int, Field(ge=0, le=10_000_000)] = 3_000
    """Minutes within 24 hours that numbers which agents choose may be talked with; 0: no limit."""

    guidance: Annotated[Path | None, AfterValidator(_home_or_none)] = None
    """A file of guidance scripts (E19); unset: ours, ``acd/runtime/guidance.yaml``."""
    terminal_test_days: Annotated[int, Field(ge=0, le=365)] = 30
    """Days without a call after which a terminal is to be tested (W48); 0: never."""
    terminal_tests_max: Annotated[int, Field(ge=1, le=10_000)] = 50
    """So many tests are asked for in a night."""

    configuration_trial_s: Annotated[int, Field(ge=0, le=3600)] = 30
    """So long the switch may be not ready after a change of the directory or of the nodes' file
    before that is taken back; 0: it never is."""

    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    nice: Annotated[int, Field(ge=-20, le=19)] = -10
    """The service's priority (see setpriority(2)); below 0 only with the right to."""
    realtime: bool = True
    """Whether calls go before everything else on the machine, where that is permitted: the loop of
    a service that serves, and Asterisk as it is configured here, in the kernel's real-time class
    (``priority``)."""

    inbox_events_max: Annotated[int, Field(ge=1000)] = 100_000
    """Events waiting for a decision before digits and the like are dropped."""
    dispatch_parallel_max: Annotated[int, Field(ge=1, le=4096)] = 256
    """Commands under way to Asterisk at once."""
    records_facts_max: Annotated[int, Field(ge=1000)] = 500_000
    """Facts waiting for PostgreSQL; about 1 KB each.  Older ones stay in the journal."""
    listening: bool = False
    """Whether what callers' legs give is judged, in a process of its own (E33); off until it has
    been run for long: see docs/listening.md."""
    listening_legs_max: Annotated[int, Field(ge=1, le=1000)] = 60
    """Legs listened to at once; each costs Asterisk about 1 % of a core."""
    journal_files_keep: Annotated[int, Field(ge=1)] = 20
    journal_bytes_max: Annotated[int, Field(ge=1_000_000)] = 2_000_000_000
    """Size of one start's journal, after which the switch goes on without one and says so."""

    @model_validator(mode="after")
    def _backup_places(self) -> Self:
        if self.backup_offsite_dir is not None and self.backup_dir is None:
            raise ValueError(
                "HULING_BACKUP_OFFSITE_DIR is set, but HULING_BACKUP_DIR is not: a backup is made "
                "there first"
            )
        return self

    @model_validator(mode="after")
    def _rtp_range(self) -> Self:
        if self.rtp_port_max < self.rtp_port_min + 99:
            raise ValueError(
                f"HULING_RTP_PORT_MAX is {self.rtp_port_max}, but should be at least "
                f"{self.rtp_port_min + 99}, 99 above HULING_RTP_PORT_MIN"
            )
        return self

    @model_validator(mode="after")
    def _certificate_and_key(self) -> Self:
        if (self.sip_tls_certificate is None) != (self.sip_tls_key is None):
            raise ValueError(
                "HULING_SIP_TLS_CERTIFICATE and HULING_SIP_TLS_KEY belong together: set both, or "
                "neither"
            )
        return self

    @model_validator(mode="after")
    def _one_place_for_keys(self) -> Self:
        if self.sealing_keys is not None and self.sealing_keys_file is not None:
            raise ValueError(
                "HULING_SEALING_KEYS and HULING_SEALING_KEYS_FILE are both set: which key seals "
                "must be said in one place"
            )
        return self

    @model_validator(mode="after")
    def _open_to_this_machine_alone(self) -> Self:
        if self.api_open and not is_loopback(self.bind):
            raise ValueError(
                f"HULING_API_OPEN is yes, but HULING_BIND is {self.bind}: without tokens the APIs "
                "may listen on 127.0.0.1 alone; unset it, and make tokens by `acd token create`"
            )
        return self

    @property
    def phones_are_secure(self) -> bool:
        """Whether phones speak TLS and SRTP."""
        return self.sip_tls_certificate is not None

    @property
    def api_is_open(self) -> bool:
        """Whether the HTTP APIs ask for no token."""
        if self.api_open is None:
            return is_loopback(self.bind) and self.api_token is None
        return self.api_open

    @property
    def time_zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def local_host(self) -> str:
        """Address by which this machine reaches what listens on ``bind``."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.bind, self.bind)

    @property
    def ari_address(self) -> str:
        """Base URL of Asterisk's HTTP server, without ``/ari``."""
        return self.ari_url or f"http://{_in_url(self.local_host)}:{self.ari_port}"

    @property
    def ami_address(self) -> tuple[str, int]:
        """Host and port of Asterisk's manager interface."""
        return self.ami_host or self.local_host, self.ami_port

    @property
    def http_address(self) -> str:
        """Base URL of our own control API as this machine reaches it."""
        return f"http://{_in_url(self.local_host)}:{self.http_port}"

    @property
    def public_address(self) -> str:
        """Base URL of our own control API as other machines reach it, if they can."""
        everywhere = self.bind in ("0.0.0.0", "::")
        host = socket.gethostname() if everywhere else self.bind
        return f"http://{_in_url(host)}:{self.http_port}"

    @property
    def desk_address(self) -> str:
        """Base URL of the desk as this machine reaches it."""
        return f"http://{_in_url(self.local_host)}:{self.desk_port}"

    @property
    def recordings_archive_dir(self) -> Path:
        return self.recordings_dir or self.run_dir / "recordings"

    @property
    def recordings_spool_dir(self) -> Path:
        return self.recordings_spool or self.run_dir / "asterisk" / "spool" / "monitor"

    @property
    def messages_spool_dir(self) -> Path:
        """Where Asterisk writes what callers say after the beep."""
        return self.recordings_spool_dir.parent / "recording"

    @property
    def backup_places(self) -> tuple[Path, ...]:
        """Folders that get the backups, the near one first; none when there are to be none."""
        places = (self.backup_dir, self.backup_offsite_dir)
        return tuple(place for place in places if place is not None)

    @property
    def secrets_path(self) -> Path:
        return self.run_dir / "secrets.json"

    @property
    def credentials_path(self) -> Path:
        """Where the phones' generated SIP passwords are: ``{"a8001": "…"}``."""
        return self.run_dir / "credentials.json"

    @property
    def trial_tokens_path(self) -> Path:
        """Where `make run` writes tokens when the APIs ask for them: ``{"supervisor": "…"}``."""
        return self.run_dir / "tokens.json"

    @property
    def journal_dir(self) -> Path:
        return self.run_dir / "journal"

    def secrets(self) -> Secrets:
        """Return passwords from the environment, else from ``secrets.json``.

        Raises ConfigurationError when a needed one is nowhere to be found.
        """
        given = {
            name: value.get_secret_value()
            for name, value in (
                ("ari_password", self.ari_password),
                ("ami_password", self.ami_password),
            )
            if value is not None
        }
        if self.database_url is not None:
            given["postgres_password"] = ""  # inside the URL, if there is one
        return read_secrets(self.secrets_path, given)

    @cached_property
    def keys(self) -> Keys:
        """The keys of what lies on the disk, none when nothing is to be sealed; read once, so that
        a file which goes away later ends nobody.

        Raises ConfigurationError when the file is not there, not ours alone, or no file of keys.
        """
        if self.sealing_keys_file is not None:
            return read_keys(self.sealing_keys_file)
        given = self.sealing_keys
        return parse_keys("" if given is None else given.get_secret_value())

    def database_dsn(self) -> str:
        """Return the PostgreSQL URL; holds the password, so never log it.

        Raises ConfigurationError when the embedded server's password is not there yet.
        """
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        given = {"ari_password": "", "ami_password": ""}
        password = read_secrets(self.secrets_path, given).postgres_password
        return (
            f"postgresql://{DATABASE_USER}:{quote(password, safe='')}@"
            f"{_in_url(self.local_host)}:{self.postgres_port}/{DATABASE_NAME}"
        )


def load_settings() -> Settings:
    """Read the environment.

    Raises ConfigurationError with one sentence that names the variable, its value and what it
    should be; a command line ends with it and exit code 2.
    """
    _refuse_misspelt(os.environ)
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigurationError(_sentence(error)) from None


_WANTED = {
    "int_parsing": "should be a whole number",
    "bool_parsing": "should be yes or no",
    "literal_error": "should be {expected}",
    "greater_than_equal": "should be at least {ge}",
    "less_than_equal": "should be at most {le}",
    "string_too_short": "should not be empty",
}
_SECRET = ("password", "token", "database_url", "sealing_keys")


def _sentence(error: ValidationError) -> str:
    first, *more = error.errors(include_url=False)
    context = first.get("ctx", {})
    if not first["loc"]:
        sentence = str(context.get("error", first["msg"]))
    else:
        name = str(first["loc"][0])
        if first["type"] == "value_error":
            wanted = str(context["error"])
        elif first["type"] in ("greater_than_equal", "less_than_equal") and "port" in name:
            wanted = "should be a port, 1 to 65535"
        else:
            wanted = _WANTED.get(first["type"], first["msg"]).format(**context)
        secret = any(word in name for word in _SECRET)
        shown = "set (not shown)" if secret else repr(str(first["input"]))
        sentence = f"{PREFIX}{name.upper()} is {shown}, but {wanted}"
    others = f" (and {len(more)} more)" if more else ""
    return sentence + others + "."


def _refuse_misspelt(environ: Mapping[str, str]) -> None:
    """A misspelt setting would silently leave the default in force."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    for name in environ:
        if name.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
            if close:
                raise ConfigurationError(f"{name} is not a setting; {close[0]} is meant, perhaps.")


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
