"""The process that judges what callers' legs give: started, watched and asked from here.

What it is and how it judges is ``acd.listening``; the service knows only this side of the pipe.
"""

from acd.adapters.listening.listener import Listener

__all__ = ["Listener"]
