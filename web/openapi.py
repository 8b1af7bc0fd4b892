"""The OpenAPI document, made from the table of operations and the models of web/api_models.py."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from roles.permissions import Permission
from web.api_models import Problem
from web.door import Handler

NOTICE = "Demonstration software. Not a government website. Do not send real personal data."
_REF = "#/components/schemas/{model}"
_BINARY = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation: in the path, the query or a header."""

    name: str
    where: str
    about: str
    required: bool = False
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True)
class Operation:
    """One call of the API: how it is routed, what it needs, and what is said of it.

    `answers` maps a status to the model of its body, or to `bytes` for a file's content. `body` likewise.
    `open`: answered without a token as well, and not again to whoever has the answer (304).
    """

    method: str
    path: str
    handler: Handler
    needs: Permission | None
    summary: str
    answers: dict[int, type]
    parameters: tuple[Parameter, ...] = ()
    body: type | None = None
    refusals: tuple[int, ...] = ()
    open: bool = False


def document(operations: Iterable[Operation], server: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the operations."""
    listed = list(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in listed:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Child Support Exchange",
            "version": "1",
            "description": NOTICE,
        },
        "servers": [{"url": server}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(listed),
        },
    }


def _models(operations: Iterable[Operation]) -> set[type[BaseModel]]:
    named = {kind for operation in operations for kind in (*operation.answers.values(), operation.body)}
    return {kind for kind in named | {Problem} if isinstance(kind, type) and issubclass(kind, BaseModel)}


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    models = sorted(_models(operations), key=lambda model: model.__name__)
    made = models_json_schema([(model, "serialization") for model in models], ref_template=_REF)[1]
    return dict(sorted(made["$defs"].items()))


def _described(operation: Operation) -> dict[str, Any]:
    refusals = {*operation.refusals, 401, 429} | (set() if operation.open else {403})
    described: dict[str, Any] = {
        "operationId": operation.handler.__name__,
        "summary": operation.summary,
        "responses": {str(status): _answer(status, kind) for status, kind in operation.answers.items()}
        | {str(status): _problem(status) for status in sorted(refusals)},
    }
    if operation.open:
        described["security"] = [{}, {"token": []}]
        described["responses"]["304"] = {"description": "You have this answer: your If-None-Match names it."}
    if operation.parameters:
        described["parameters"] = [_parameter(parameter) for parameter in operation.parameters]
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _content(operation.body)}
    return described


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.about,
        "required": parameter.required,
        "schema": parameter.schema,
    }


def _answer(status: int, kind: type) -> dict[str, Any]:
    return {"description": HTTPStatus(status).phrase, "content": _content(kind)}


def _content(kind: type) -> dict[str, Any]:
    if kind is bytes:
        return _BINARY
    return {"application/json": {"schema": {"$ref": _REF.format(model=kind.__name__)}}}


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": _REF.format(model=Problem.__name__)}
    return {
        "description": HTTPStatus(status).phrase,
        "content": {"application/problem+json": {"schema": schema}},
    }
