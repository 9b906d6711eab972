"""More than one Asterisk in a run folder, for whoever tries several nodes under one service."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from pathlib import Path

from servers.asterisk import Asterisk
from servers.settings import Settings
from servers.stack import Stack

APART = 100
"""Between the ports of two nodes."""

RTP_PORTS = 5000
"""Of each node."""


def another(stack: Stack, node: str, number: int) -> tuple[Asterisk, Settings]:
    """An Asterisk beside the stack's own, not started: the ``number``-th more, with ports and files
    of its own and the same passwords; and its settings."""
    own = stack.settings
    ports = ("sip_port", "sip_tls_port", "ari_port", "ami_port")
    moved = {name: getattr(own, name) + APART * number for name in ports}
    rtp = {
        "rtp_port_min": own.rtp_port_min + RTP_PORTS * number,
        "rtp_port_max": own.rtp_port_max + RTP_PORTS * number,
    }
    settings = own.model_copy(
        update={**moved, **rtp, "node": node, "run_dir": own.run_dir / f"node-{node}"}
    )
    root = None if own.asterisk is not None else stack.root
    return Asterisk(settings, stack.secrets, root=root), settings


def write_nodes(path: Path, nodes: Iterable[Settings], *, drained: Collection[str] = ()) -> None:
    """Write a file for HULING_NODES, whole at once."""
    entries = {
        one.node: {
            "ari_url": one.ari_address,
            "ami": f"{one.local_host}:{one.ami_port}",
            "sip": f"{one.local_host}:{one.sip_port}",
            "drained": one.node in drained,
        }
        for one in nodes
    }
    aside = path.with_suffix(".new")
    aside.touch(mode=0o600)
    aside.write_text(json.dumps(entries, indent=1), encoding="utf-8")  # JSON is YAML
    aside.replace(path)
