"""`$batch`: many requests in one, answered in whatever order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from emulator.errors import GraphError, bad_request
from emulator.graph import Graph, Request, Response, failure

_MOST = 20
_CLIENT_ERROR = 400


def answer_batch(graph: Graph, body: bytes, headers: Mapping[str, str], base: str) -> Response:
    """Answer a batch: 200 with an answer each, unless the batch itself is at fault.

    Each inner request counts, can be refused by itself, and bears the outer request's token.
    """
    try:
        graph.tokens.roles(headers.get("authorization"))
        steps = _steps(body)
    except GraphError as error:
        return failure(error, headers)
    answers: dict[str, dict[str, Any]] = {}
    for step in steps:
        failed = [other for other in step.get("dependsOn", ()) if answers[other]["status"] >= _CLIENT_ERROR]
        answers[step["id"]] = _dependency_failed(step, headers) if failed else _answer(graph, step, headers, base)
    shuffled = list(answers.values())
    Random(len(body)).shuffle(shuffled)  # noqa: S311 (order, no secret)
    return Response(status=200, body={"responses": shuffled})


def _steps(body: bytes) -> list[dict[str, Any]]:
    try:
        steps: list[dict[str, Any]] = json.loads(body)["requests"]
    except (ValueError, KeyError, TypeError):
        raise bad_request("Invalid batch payload format.") from None
    if len(steps) > _MOST:
        raise bad_request(
            f"Number of batch request steps exceeds the maximum value of {_MOST}.", "MaximumValueExceeded"
        )
    ids = [step.get("id") for step in steps]
    if not all(ids) or len(set(ids)) != len(ids):
        raise bad_request("Batch request steps must each have an id of their own.")
    for position, step in enumerate(steps):
        if not set(step.get("dependsOn", ())) <= set(ids[:position]):
            raise bad_request(f"Step '{step['id']}' depends on a step that does not come before it.")
    return steps


def _answer(graph: Graph, step: Mapping[str, Any], outer: Mapping[str, str], base: str) -> dict[str, Any]:
    headers = {"authorization": outer["authorization"]} | {
        name.lower(): value for name, value in step.get("headers", {}).items()
    }
    if step.get("method", "").upper() != "GET":
        return _inner(
            step, failure(GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed."), outer)
        )
    url = "/" + step["url"].lstrip("/")
    return _inner(step, graph.answer(Request(url=url, headers=headers, base=base), in_batch=True))


def _dependency_failed(step: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    error = GraphError(424, "FailedDependency", "A step that this one depends on has failed.")
    return _inner(step, failure(error, headers))


def _inner(step: Mapping[str, Any], response: Response) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"} | dict(response.headers)
    return {"id": step["id"], "status": response.status, "headers": headers, "body": response.body}
