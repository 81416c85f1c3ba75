"""`$batch`: many requests in one, answered in whatever order."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from random import Random
from typing import Any

from emulator import faults
from emulator.errors import GraphError, bad_request
from emulator.graph import Graph
from emulator.messages import EncodedPage, Request, Response, failure

_MOST = 20
_CLIENT_ERROR = 400


def answer_batch(graph: Graph, body: bytes, headers: Mapping[str, str], base: str) -> Response:
    """Answer a batch: 200 with an answer each, unless the batch itself is at fault.

    Each inner request counts, can be refused by itself, and bears the outer request's token. Whoever asked waits for
    as long as the response says.
    """
    effect = graph.plan.strike(faults.BATCH)
    mishap = graph.spoil(headers, effect)
    if mishap is not None:
        return mishap
    try:
        graph.tokens.roles(headers.get("authorization"))
        steps = _steps(body)
    except GraphError as error:
        return failure(error, headers)
    answers: dict[str, Response] = {}
    for step in steps:
        failed = any(answers[other].status >= _CLIENT_ERROR for other in step.get("dependsOn", ()))
        answers[step["id"]] = _dependency_failed(headers) if failed else _answer(graph, step, headers, base)
    wait = max((answer.wait for answer in answers.values()), default=0)
    if graph.latency:
        wait += graph.latency.batch / graph.latency.speed
    shuffled = [_inner(number, answer) for number, answer in answers.items()]
    Random(len(body)).shuffle(shuffled)  # noqa: S311 (order, no secret)
    return Response(status=200, body={"responses": shuffled}, effect=effect, wait=wait)


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


def _answer(graph: Graph, step: Mapping[str, Any], outer: Mapping[str, str], base: str) -> Response:
    headers = {"authorization": outer["authorization"]} | {
        name.lower(): value for name, value in step.get("headers", {}).items()
    }
    if step.get("method", "").upper() != "GET":
        return failure(GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed."), outer)
    url = "/" + step["url"].lstrip("/")
    return graph.answer(Request(url=url, headers=headers, base=base), in_batch=True, at_once=True)


def _dependency_failed(headers: Mapping[str, str]) -> Response:
    return failure(GraphError(424, "FailedDependency", "A step that this one depends on has failed."), headers)


def _inner(number: str, response: Response) -> dict[str, Any]:
    """Write a step's answer; a body that is no JSON goes out in base64."""
    headers = {"Content-Type": "application/json"} | dict(response.headers)
    body = response.body
    if isinstance(body, str):
        body = base64.b64encode(response.content).decode()
    elif isinstance(body, EncodedPage):
        body = json.loads(response.content)
    return {"id": number, "status": response.status, "headers": headers, "body": body}
