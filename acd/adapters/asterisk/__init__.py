"""Asterisk: commands go out by ARI, events come in by ARI and AMI.

``AsteriskNodes`` is all that the runtime sees: every Asterisk there is, an ``AsteriskNode`` each.
Inside: ``transport`` (HTTP and the websocket),
``ari_client`` (the only file that knows aioari), ``ami_client`` (the only one that knows
panoramisk), ``translate`` (Asterisk's events into the core's, pure), ``perform`` (the core's
commands into requests), ``accounts`` (trunks and phones as SIP accounts), ``gate`` (whether we may
change anything at all).  ``WatchedAsterisk`` is all that the watchdog sees.
"""

from acd.adapters.asterisk.accounts import Login, Phone, Trunk
from acd.adapters.asterisk.errors import AsteriskError, AsteriskRefused, AsteriskUnreachable
from acd.adapters.asterisk.gate import Gate, GateState
from acd.adapters.asterisk.node import AsteriskNode, NodeSettings
from acd.adapters.asterisk.nodes import AsteriskNodes
from acd.adapters.asterisk.watched import WatchedAsterisk

__all__ = [
    "AsteriskError",
    "AsteriskNode",
    "AsteriskNodes",
    "AsteriskRefused",
    "AsteriskUnreachable",
    "Gate",
    "GateState",
    "Login",
    "NodeSettings",
    "Phone",
    "Trunk",
    "WatchedAsterisk",
]
