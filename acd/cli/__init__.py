"""The command ``acd``: small commands, each a door to one part of the service."""

from acd.cli.app import main

__all__ = ["main"]
