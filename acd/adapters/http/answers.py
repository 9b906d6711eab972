"""How routes answer: the core's reply to a person as HTTP, and what /docs says of each status."""

from collections.abc import Container
from typing import Any

from fastapi import HTTPException
from fastapi.responses import JSONResponse

from acd.adapters.http.models import ErrorAnswer, RefusedAnswer, done
from acd.core.replies import Done, Refusal, Refused

Answers = dict[int | str, dict[str, Any]]

INVALID: Answers = {422: {"model": ErrorAnswer, "description": "What is wrong, in one sentence"}}
UNANSWERED: Answers = {503: {"model": ErrorAnswer, "description": "No answer now; try again"}}


def unknown(sentence: str) -> Answers:
    """Of a route that may find nobody or nothing of an id."""
    return {404: {"model": ErrorAnswer, "description": sentence}}


def of_records(nobody: str) -> Answers:
    """Of a route that reads the records; ``nobody`` is the sentence for 404."""
    return {**unknown(nobody), **INVALID, **UNANSWERED}


def of_request(nobody: str) -> Answers:
    """Of a route that asks the core for something; ``nobody`` is the sentence for 404."""
    refused = {"model": RefusedAnswer, "description": "Refused, and nothing has changed"}
    return {409: refused, **of_records(nobody)}


def answered(
    reply: Done | Refused, *, nobody: Container[Refusal] = (Refusal.UNKNOWN_AGENT,)
) -> Any:
    """Return what a person is told whose request was carried out; or else as ``not_done``."""
    return done(reply) if isinstance(reply, Done) else not_done(reply, nobody=nobody)


def not_done(
    refused: Refused, *, nobody: Container[Refusal] = (Refusal.UNKNOWN_AGENT,)
) -> JSONResponse:
    """Return 409 for what was refused, and why.  Raises HTTPException, 404, where the reason is in
    ``nobody``."""
    if refused.refusal in nobody:
        raise HTTPException(404, refused.sentence)
    answer = RefusedAnswer(refusal=refused.refusal, sentence=refused.sentence)
    return JSONResponse(answer.model_dump(), 409)
