"""Calls made up from the OpenAPI document of a caller, each answer held against it."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from requests import Request
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.web import Web

BASE = "http://127.0.0.1:8000"
CHECKS: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
NAMED = 5
"""Ids from 1 to this are worth a try."""
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


def call_everything(web: Web, headers: dict[str, str], *, examples: int) -> dict[str, int]:
    """Call each operation of the caller's document, with fitting and with broken input.

    Args:
        web: what is called.
        headers: of the caller.
        examples: how many calls of each operation, of either sort of input.

    Returns:
        Status, as a class such as 2xx -> how many calls were answered so.

    Raises:
        Failure: an answer is a server error or not what the document says.
    """
    document = web.client.get("/api/v1/openapi.json", headers=headers).json()
    schema = schemathesis.openapi.from_dict(document)
    seen: dict[str, int] = {}
    for found in schema.get_all_operations():
        for mode in MODES:
            strategy = _operation(found).as_strategy(generation_mode=mode)

            @settings(
                max_examples=examples,
                phases=[Phase.generate],
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=strategy)
            def one(case: Any) -> None:
                _point(case)
                answer = _send(web, case, headers)
                kind = f"{answer.status_code // 100}xx"
                seen[kind] = seen.get(kind, 0) + 1
                case.validate_response(answer, checks=CHECKS)

            one()
    return seen


def _operation(found: Any) -> Any:
    """Give an operation that was read; one that cannot be is a fault of the document."""
    return found.ok()


def _point(case: Any) -> None:
    """Let most calls name something that there is: a number made up names nothing."""
    number = case.path_parameters.get("id")
    if type(number) is int and number % 4:
        case.path_parameters["id"] = number % NAMED + 1


def _send(web: Web, case: Any, headers: dict[str, str]) -> Any:
    """Send a case as a client library would write it, by our client."""
    wanted = case.as_transport_kwargs(base_url=BASE)
    wanted.pop("timeout", None)
    made: Any = Request(
        **{key: value for key, value in wanted.items() if value is not None}
    ).prepare()
    sent = {name.lower(): value for name, value in made.headers.items()}
    whole: Any = {
        name: str(value).encode("latin-1") for name, value in {**sent, **headers}.items()
    }
    return web.client.request(
        made.method or "GET",
        made.url or BASE,
        content=made.body,
        headers=whole,
        follow_redirects=False,
    )
