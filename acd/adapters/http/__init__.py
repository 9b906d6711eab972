"""HTTP: the control API, health and metrics.

``create_app`` makes the application around a ``ControlPort``; ``HttpServer`` runs it inside the
loop that is there already.
"""

from acd.adapters.http.app import create_app
from acd.adapters.http.control import ControlPort, Unanswered
from acd.adapters.http.server import HttpServer

__all__ = ["ControlPort", "HttpServer", "Unanswered", "create_app"]
