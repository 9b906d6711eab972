"""Asterisk: its configuration rendered from the templates, started, watched, asked.

All it writes lies under run/asterisk: `etc` (rendered anew at each start), `lib` (with the astdb,
which holds the agents' SIP accounts and survives restarts), `spool` (recordings), `log`, `run`
(control socket) and `data` (sounds). Nothing of the host's own Asterisk is read or changed.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from servers import namespaces
from servers.asterisk_trial import LastGood, complaints, missing
from servers.daemon import Daemon
from servers.namespaces import Server
from servers.settings import REPO, Secrets, Settings
from servers.steps import Failure, Refusal, say

TEMPLATES = (REPO / "asterisk-conf", REPO / "dialplan")
PROMPTS = REPO / "prompts" / "built"
_TEMPLATE_SUFFIXES = frozenset({".conf", ".lua", ".ael"})

# Only these names are ours to fill in; every other ${…} belongs to the dialplan.
VARIABLES = (
    "BIND", "SIP_PORT", "SIP_NAT", "SIP_TLS", "ARI_PORT", "AMI_PORT", "HTTP_PORT",
    "RTP_PORT_MIN", "RTP_PORT_MAX", "NODE", "RECORDING_DEFAULT", "ARI_PASSWORD", "AMI_PASSWORD",
    "RUN_DIR", "PROMPTS_DIR", "HIGH_PRIORITY",
)  # fmt: skip
_PLACEHOLDER = re.compile(r"\$\{(" + "|".join(VARIABLES) + r")\}")

# Where Asterisk looks for data that came with the package (Debian, then a source build).
_DATA_DIRS = ("usr/share/asterisk", "var/lib/asterisk", "usr/local/var/lib/asterisk")

BOOT_SECONDS = 120.0


def render(text: str, values: Mapping[str, str]) -> str:
    """Fill our placeholders in; leave the dialplan's `${EXTEN}`, `$[…]` and `$$` alone."""
    return _PLACEHOLDER.sub(lambda match: values[match[1]], text)


def without_section(text: str, section: str) -> str:
    """The configuration text without one `[section]` (up to the next one)."""
    pattern = rf"^\[{re.escape(section)}\][^\n]*\n(?:(?!\[)[^\n]*\n?)*"
    return re.sub(pattern, "", text, flags=re.MULTILINE)


def _since(log: Path, begun: int) -> str:
    """What a log holds from a byte on; all of it when it has been begun anew since."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(begun if begun <= log.stat().st_size else 0)
        return file.read().decode(errors="replace")


class Asterisk(Daemon):
    """One Asterisk with its files under run/asterisk.

    Ended in order it hangs its channels up and closes the astdb.
    """

    name = "asterisk"
    title = "Asterisk"
    start_seconds = BOOT_SECONDS
    stop_seconds = 10.0

    def __init__(
        self,
        settings: Settings,
        secrets: Secrets,
        *,
        root: Path | None,
        templates: Iterable[Path] = TEMPLATES,
        prompts: Path | None = None,
    ) -> None:
        """`root` is the private root, or None when HULING_ASTERISK names the binary.

        `templates` are folders copied over each other, later ones winning; `prompts` is the folder
        that becomes the language `zh` of the sounds (default: prompts/built).
        """
        super().__init__()
        self._settings = settings
        self._secrets = secrets
        self._root = root
        self._templates = tuple(templates)
        self._prompts = prompts
        self.home = settings.run_dir / "asterisk"
        self.etc = self.home / "etc"
        self.version = ""
        self.refused = ""
        """What was wrong with the configuration that was taken back at the start, if one was."""
        self._complaints: frozenset[str] = frozenset()

    @property
    def binary(self) -> Path:
        """The program, as seen from inside."""
        return self._settings.asterisk or Path("/usr/sbin/asterisk")

    @property
    def log(self) -> Path:
        """What it printed while starting."""
        return self.home / "log" / "console"

    def prompts_dir(self) -> Path:
        """The folder with the Mandarin prompts."""
        return self._prompts or PROMPTS

    def configure(self) -> None:
        """Write run/asterisk/etc and the folders it names. Raises Refusal without templates."""
        self._write_templates()
        self._write_directories(data=self.home / "data")
        self._lay_out_sounds()

    def configure_for_container(self) -> None:
        """The same for an Asterisk in a container of its own, which has its package's sounds."""
        self._write_templates()
        self._write_directories(data=None)

    def _write_templates(self) -> None:
        for part in ("lib", "spool/recording", "spool/monitor", "spool/tmp", "log", "run", "cache"):
            (self.home / part).mkdir(parents=True, exist_ok=True)
        if self.etc.exists():
            shutil.rmtree(self.etc)
        self.etc.mkdir()
        values = self._values()
        found = 0
        for folder in self._templates:
            for source in sorted(folder.rglob("*")):
                if source.suffix in _TEMPLATE_SUFFIXES:
                    target = self.etc / source.relative_to(folder)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_text(render(source.read_text(encoding="utf-8"), values),
                                      encoding="utf-8")  # fmt: skip
                    target.chmod(0o600)  # some hold passwords
                    found += 1
        if not found:
            raise Refusal(f"No Asterisk configuration in {' or '.join(map(str, self._templates))}.")

    def _values(self) -> dict[str, str]:
        settings = self._settings
        return {
            "BIND": settings.bind,
            "SIP_PORT": str(settings.sip_port),
            "SIP_NAT": self._seen_from_outside(settings.sip_port),
            "SIP_TLS": self._tls_transport(),
            "ARI_PORT": str(settings.ari_port),
            "AMI_PORT": str(settings.ami_port),
            "HTTP_PORT": str(settings.http_port),
            "RTP_PORT_MIN": str(settings.rtp_port_min),
            "RTP_PORT_MAX": str(settings.rtp_port_max),
            "NODE": settings.node,
            "HIGH_PRIORITY": "yes" if settings.realtime else "no",
            "RECORDING_DEFAULT": "yes" if settings.recording else "no",
            "ARI_PASSWORD": self._secrets.ari_password,
            "AMI_PASSWORD": self._secrets.ami_password,
            "RUN_DIR": str(settings.run_dir),
            "PROMPTS_DIR": str(self.prompts_dir()),
        }

    def _seen_from_outside(self, port: int) -> str:
        """What a transport says of us to whoever is beyond NAT, in SIP and for the sound."""
        settings = self._settings
        if settings.external_address is None:
            return ""
        return "\n".join(
            [
                f"external_signaling_address = {settings.external_address}",
                f"external_signaling_port = {port}",
                f"external_media_address = {settings.external_address}",
                *(f"local_net = {one}" for one in settings.local_networks.split(",")),
            ]
        )

    def _tls_transport(self) -> str:
        """The transport of phones that speak TLS, with a copy of the certificate and the key where
        Asterisk can see them. Raises Refusal."""
        settings = self._settings
        if settings.sip_tls_certificate is None or settings.sip_tls_key is None:
            return ""
        folder = self.home / "tls"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            if settings.sip_tls_key.stat().st_mode & 0o077:
                raise Refusal(f"{settings.sip_tls_key} may be read by others: `chmod 600` it.")
            for source, name in (
                (settings.sip_tls_certificate, "certificate.pem"),
                (settings.sip_tls_key, "key.pem"),
            ):
                (folder / name).touch(mode=0o600)
                (folder / name).write_bytes(source.read_bytes())
        except OSError as error:
            raise Refusal(f"HULING_SIP_TLS_…: {error.filename}: {error.strerror}.") from None
        return (
            "[tls]\ntype = transport\nprotocol = tls\n"
            f"bind = {settings.bind}:{settings.sip_tls_port}\n"
            f"cert_file = {folder}/certificate.pem\npriv_key_file = {folder}/key.pem\n"
            "; TLS 1.2 and newer.\nmethod = tlsv1_2\n"
            + self._seen_from_outside(settings.sip_tls_port)
        )

    def _write_directories(self, *, data: Path | None) -> None:
        """Our folders into asterisk.conf, whatever the template says of them."""
        path = self.etc / "asterisk.conf"
        rest = path.read_text(encoding="utf-8") if path.exists() else ""
        home = self.home
        path.write_text(
            "[directories]\n"
            f"astetcdir => {self.etc}\n"
            f"astvarlibdir => {home}/lib\n"
            f"astdbdir => {home}/lib\n"
            f"astkeydir => {home}/lib\n"
            + (f"astdatadir => {data}\nastagidir => {data}/agi-bin\n" if data else "")
            + f"astspooldir => {home}/spool\n"
            f"astcachedir => {home}/cache\n"
            f"astrundir => {home}/run\n"
            f"astlogdir => {home}/log\n\n" + without_section(rest, "directories"),
            encoding="utf-8",
        )

    def _lay_out_sounds(self) -> None:
        """A data folder that is the package's own, with our prompts as the language `zh`."""
        data = self.home / "data"
        if data.exists():
            shutil.rmtree(data)
        (data / "sounds").mkdir(parents=True)
        outside = self._root or Path("/")
        known = [outside / folder for folder in _DATA_DIRS]
        package = next((folder for folder in known if (folder / "rest-api").is_dir()), known[0])
        for source, target in ((package, data), (package / "sounds", data / "sounds")):
            for entry in sorted(source.iterdir()) if source.is_dir() else ():
                if not (target / entry.name).exists():
                    (target / entry.name).symlink_to("/" / entry.relative_to(outside))
        (data / "sounds" / "zh").unlink(missing_ok=True)
        (data / "sounds" / "zh").symlink_to(self.prompts_dir())

    def start(self) -> None:
        """Start it with the configuration of now; with the last good one when that one fails.

        Raises Failure when there is none to go back to, or it fails too.
        """
        self.configure()
        good = LastGood(self.etc)
        is_trial = good.exists() and good.is_new()
        self.refused = ""
        wrong = self._try_out(good) if is_trial else self._boot()
        if not wrong:
            if is_trial or not good.exists():
                good.keep(self._complaints)
            return
        if not is_trial:
            raise Failure(wrong)
        self.refused = wrong
        self.stop()
        good.put_back()
        say(
            f"The new configuration of Asterisk does not work: {wrong}. It stands in "
            f"{self.etc}.refused; the one before is used again.",
            out=sys.stderr,
        )
        if wrong := self._boot():
            raise Failure(wrong)

    def _boot(self) -> str:
        """Start it on what is in `etc`; what is wrong, nothing when it is ready."""
        log = self.home / "log" / "messages.log"
        begun = log.stat().st_size if log.exists() else 0
        try:
            super().start()
        except Failure as failure:
            return str(failure)
        self._complaints = complaints(_since(log, begun))
        return ""

    def _try_out(self, good: LastGood) -> str:
        if wrong := self._boot():
            return wrong
        new = sorted(self._complaints - good.complaints())
        # One fault may cost everything behind it, and the log's line says which.
        return "; ".join([*missing(self.etc, self.cli)[:2], *new][:5])

    def shares(self) -> list[Path]:
        """Host folders it needs to see."""
        prompts = self.prompts_dir()
        return [self.home, *([prompts] if prompts.is_dir() else [])]

    def launch(self) -> Server:
        """Start it on what is in `etc`."""
        return Server(
            self.name,
            # -f: stay in the foreground; -n: no colours in the log; -U/-G unset: root in its room.
            [str(self.binary), "-f", "-n", "-C", str(self.etc / "asterisk.conf")],
            root=self._root,
            share=self.shares(),
            log=self.log,
            cwd=self.home,
        )

    def ready(self) -> bool:
        """Whether ARI answers and the last module is in."""
        try:
            info = self.ari_get("/asterisk/info")
        except (OSError, ValueError):
            return False
        self.version = str(info["system"]["version"])
        # ARI answers before the last module is in; calls are taken from here on.
        return "fully booted" in self.cli("core waitfullybooted", seconds=BOOT_SECONDS)

    def ari_get(self, path: str, *, seconds: float = 5.0) -> dict[str, dict[str, str]]:
        """GET one ARI resource as the user `acd`. Raises OSError while it does not answer."""
        request = urllib.request.Request(f"{self._settings.ari_address}/ari{path}")
        token = base64.b64encode(f"acd:{self._secrets.ari_password}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            result: dict[str, dict[str, str]] = json.load(answer)
        return result

    def why(self) -> str:
        """The end of its log, for a message."""
        lines: list[str] = []
        for path in (self.log, self.home / "log" / "messages", self.home / "log" / "messages.log"):
            if path.exists():
                lines += path.read_text(encoding="utf-8", errors="replace").splitlines()[-8:]
        return f"Its log ({self.home / 'log'}) ends with:\n" + "\n".join(lines)

    def cli(self, command: str, *, seconds: float = 60.0) -> str:
        """Run one command of Asterisk's command line and return what it prints."""
        done = subprocess.run(
            namespaces.tool_argv(
                [str(self.binary), "-n", "-C", str(self.etc / "asterisk.conf"), "-rx", command],
                root=self._root,
                share=[self.home],
            ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
        # Inside a network namespace it may begin with a remark about the machine's identity.
        lines = done.stdout.splitlines(keepends=True)
        return "".join(line for line in lines if "seeding global EID" not in line)

    def tool(self, argv: Sequence[str], *, share: Iterable[Path] = ()) -> list[str]:
        """The command line that runs a tool with this Asterisk's files in sight."""
        return namespaces.tool_argv(argv, root=self._root, share=[*self.shares(), *share])
