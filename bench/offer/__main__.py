"""See the package."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import uvloop

from acd.adapters.asterisk import AsteriskNode, NodeSettings, Phone, Trunk
from acd.adapters.asterisk.accounts import MODULE, phone_objects
from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.transport import Transport
from acd.core.ids import Node, PhoneId, TrunkId
from bench.offer.capture import Capture
from bench.offer.figures import Figures, Spread, figures
from bench.offer.pooled import Pool
from servers.asterisk import TEMPLATES
from servers.settings import load
from servers.stack import Stack

SCENARIOS = Path(__file__).with_name("scenarios")
CALLER_PORT = 6060
AGENT_PORT = 7070
PREFIX = {"queue": "94", "pooled": "95"}
"""What is dialled decides who distributes the call."""
RATIO_MAX = 1.15

# The caller's number as the far end gave it, as our side shows it to the agent.
QUEUE_EXTENSION = """exten => _94.,1,Ringing()
 same => n,Set(CALLERID(num)=0${EXTEN:2})
 same => n,Queue(bench,r)
"""

Round = tuple[str, Figures, float]


def main() -> int:
    """Run the rounds, print a table and one line of JSON; exit code 1 when the ratio is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.offer", description=__doc__)
    parser.add_argument("--rate", type=int, default=50, help="calls per second")
    parser.add_argument("--seconds", type=int, default=20, help="length of one round")
    parser.add_argument("--rounds", type=int, default=2, help="rounds of each kind, in turn")
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--prompts", type=Path, help="a folder of prompts (default: prompts/built)")
    given = parser.parse_args()
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory(prefix="huling-bench-") as folder:
        extra = Path(folder) / "conf"
        extra.mkdir()
        phones = [
            Phone(name=PhoneId(f"a{9000 + n}"), password="bench", display=f"agent {n}")
            for n in range(given.agents)
        ]
        _write_queue(extra, phones)
        settings = load().model_copy(update={"run_dir": Path(folder) / "run"})
        with Stack(
            settings,
            {"asterisk"},
            asterisk_templates=[*TEMPLATES, extra],
            prompts=given.prompts,
            quiet=True,
        ) as stack:
            asyncio.run(_prepare(stack, phones))
            with _sipp(stack, "agent", folder, "-p", str(AGENT_PORT)):
                for _ in range(given.rounds):
                    for kind in PREFIX:
                        rounds.append(_round(kind, stack, phones, folder, given))
                        _print(rounds[-1])
    return _verdict(rounds)


def _write_queue(folder: Path, phones: list[Phone]) -> None:
    """Asterisk's own queue, as fast as it can be made: no announcements, round robin, no pause."""
    modules = (TEMPLATES[0] / "modules.conf").read_text(encoding="utf-8")
    (folder / "modules.conf").write_text(modules + "load = app_queue.so\n", encoding="utf-8")
    dialplan = (TEMPLATES[1] / "extensions.conf").read_text(encoding="utf-8")
    (folder / "extensions.conf").write_text(
        dialplan.replace("[from-trunk]\n", f"[from-trunk]\n{QUEUE_EXTENSION}"), encoding="utf-8"
    )
    members = "\n".join(f"member = PJSIP/{phone.name}" for phone in phones)
    (folder / "queues.conf").write_text(
        "[general]\npersistentmembers = no\nautofill = yes\nshared_lastcall = no\n"
        "[bench]\nstrategy = rrmemory\nringinuse = no\ntimeout = 15\nretry = 1\nwrapuptime = 0\n"
        f"joinempty = yes\nleavewhenempty = no\nautopause = no\n{members}\n",
        encoding="utf-8",
    )


async def _prepare(stack: Stack, phones: list[Phone]) -> None:
    """Accounts with fixed contacts: nobody registers here."""
    node = _node_settings(stack)
    pool = Pool(node.node, [])
    switch = AsteriskNode(node, pool)
    await switch.start()
    await asyncio.wait_for(pool.connected.wait(), 10)
    trunk = Trunk(name=TrunkId("carrier-a"), addresses=("127.0.0.0/8",))
    await switch.sync_accounts([trunk], phones)
    await switch.stop()
    transport = Transport(url=node.ari_url, user=node.user, password=node.ari_password)
    ari = AriClient(transport, app=node.app)
    try:
        await ari.load()
        for phone in phones:
            contact = f"sip:{phone.name}@127.0.0.1:{AGENT_PORT}"
            await ari.put_object(
                MODULE,
                "aor",
                phone.name,
                {**phone_objects(phone)["aor"], "contact": contact, "qualify_frequency": "0"},
            )
    finally:
        await transport.close()


def _node_settings(stack: Stack) -> NodeSettings:
    settings, secrets = stack.settings, stack.secrets
    host, port = settings.ami_address
    return NodeSettings(
        node=Node(settings.node),
        ari_url=settings.ari_address,
        ari_password=secrets.ari_password,
        ami_host=host,
        ami_port=port,
        ami_password=secrets.ami_password,
    )


def _round(
    kind: str, stack: Stack, phones: list[Phone], folder: str, given: argparse.Namespace
) -> Round:
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    with runner:
        return runner.run(_round_of(kind, stack, phones, folder, given))


async def _round_of(
    kind: str, stack: Stack, phones: list[Phone], folder: str, given: argparse.Namespace
) -> Round:
    pool = Pool(Node(stack.settings.node), [phone.name for phone in phones])
    switch = AsteriskNode(_node_settings(stack), pool)
    pool.switch = switch
    if kind == "pooled":
        await switch.start()
        await asyncio.wait_for(pool.connected.wait(), 10)
        await pool.open_rooms()
    capture = Capture(stack.settings.sip_port)
    capture.start()
    cpu_ms = stack.cpu_ms("asterisk")
    own_ms = sum(os.times()[:2]) * 1000
    arguments = [
        "-s", PREFIX[kind], "-p", str(CALLER_PORT), "-r", str(given.rate),
        "-m", str(given.rate * given.seconds), "-l", "4000",
        f"{stack.settings.local_host}:{stack.settings.sip_port}",
    ]  # fmt: skip
    with _sipp(stack, "caller", folder, *arguments) as callers:
        await asyncio.to_thread(callers.wait)
    found = figures(capture.stop())
    cpu = stack.cpu_ms("asterisk") - cpu_ms + sum(os.times()[:2]) * 1000 - own_ms
    if kind == "pooled":
        await pool.until_idle()
        await switch.stop()
    if pool.failures:
        print(f"  {len(pool.failures)} commands failed, the first: {pool.failures[0]}")
    return kind, found, cpu / max(1, found.calls)


@contextmanager
def _sipp(
    stack: Stack, scenario: str, folder: str, *arguments: str
) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen(
        stack.tool_argv(
            ["/usr/bin/sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", "127.0.0.1",
             "-nostdin", "-trace_err", *arguments],
            share=[Path(folder)],
        ),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _print(done: Round) -> None:
    kind, found, cpu_ms = done
    print(
        f"{kind:8} {found.offered}/{found.calls} calls | offer {_show(found.offer)} | answer "
        f"{_show(found.answer)} | release {_show(found.release)} | CPU {cpu_ms:.1f} ms/call | "
        f"load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def _show(values: Spread) -> str:
    return f"p50 {values.p50:.2f} p99 {values.p99:.2f} ms"


def _verdict(rounds: list[Round]) -> int:
    """Compare the medians over the rounds: one bad second on a shared machine is not a finding."""

    def median(kind: str, name: str) -> float:
        values = [getattr(found.offer, name) for which, found, _ in rounds if which == kind]
        middle = len(values) // 2
        return float(
            values[middle] if len(values) % 2 else sum(values[middle - 1 : middle + 1]) / 2
        )

    ratio = {name: round(median("pooled", name) / median("queue", name), 3) for name in
             ("p50", "p99")}  # fmt: skip
    complete = all(found.offered == found.calls for _, found, _ in rounds)
    ok = complete and all(value <= RATIO_MAX for value in ratio.values())
    result = {
        "ok": ok,
        "ratio_to_queue": ratio,
        "rounds": [
            {"kind": kind, "cpu_ms_per_call": round(cpu_ms, 2), **msgspec.to_builtins(found)}
            for kind, found, cpu_ms in rounds
        ],
    }
    print(json.dumps(result))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
