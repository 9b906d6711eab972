"""The core's reply to a person as an HTTP answer: done, nobody of that id, or refused."""

from typing import Any

from fastapi import HTTPException
from fastapi.responses import JSONResponse

from acd.adapters.http.models import RefusedAnswer, done
from acd.core.replies import Done, Refusal, Refused


def answered(reply: Done | Refused) -> Any:
    """Return the answer of a route whose only other person is the agent who asks; 404 when there is
    no such agent, 409 when it was refused."""
    if isinstance(reply, Done):
        return done(reply)
    if reply.refusal is Refusal.UNKNOWN_AGENT:
        raise HTTPException(404, reply.sentence)
    refused = RefusedAnswer(refusal=reply.refusal, sentence=reply.sentence)
    return JSONResponse(refused.model_dump(), 409)
