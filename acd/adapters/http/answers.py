"""How routes answer: the core's reply to a person as HTTP, and what /docs says of each status."""

from collections.abc import Container, Mapping
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as AnyHttpException

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


def answer_in_sentences(app: FastAPI) -> None:
    """Have the application say in one sentence what was wrong with a request."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(AnyHttpException, _plain)


def in_a_sentence(
    status: int, sentence: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return the answer to a request with which something was wrong."""
    return JSONResponse(ErrorAnswer(sentence=sentence).model_dump(), status, headers)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or "The body"
    message = str(first["msg"]).removeprefix("Value error, ")
    return in_a_sentence(422, f"{where}: {message[:1].lower()}{message[1:]}.")


async def _plain(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AnyHttpException)
    if error.status_code == 400:  # FastAPI's own, for bytes of which no JSON can be made
        return in_a_sentence(422, "The body is no JSON.")
    return in_a_sentence(error.status_code, str(error.detail), error.headers)
