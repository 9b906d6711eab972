"""HTTP: the control API, health and metrics.

``create_app`` makes the application around a ``ControlPort``, ``create_waiting_app`` the one of a
service that does not serve; ``HttpServer`` runs it inside the loop that is there already.
"""

from acd.adapters.http.app import create_app
from acd.adapters.http.control import ControlPort, Unanswered
from acd.adapters.http.server import HttpServer, why_not
from acd.adapters.http.waiting import Front, create_waiting_app

__all__ = [
    "ControlPort",
    "Front",
    "HttpServer",
    "Unanswered",
    "create_app",
    "create_waiting_app",
    "why_not",
]
