"""The OpenAPI document: what the framework generates, the ways to authenticate, scopes, and the usual problems."""

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from accounts.scopes import ALL_SCOPES, RESOURCE_LABELS, Resource
from api.call_limits import count_call
from api.call_scopes import calls
from api.described_calls import PROBLEM_SCHEMA
from api.usual_problems import add_usual_problems

SECURITY_SCHEMES: dict[str, dict[str, Any]] = {
    "device_key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A device's key, issued once: `manage.py issue_device_key GATE`. It serves its gate alone; "
        "an edge key serves its lot. Example: `Authorization: Bearer pk_0123456789ab_…`",
    },
    "access_token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A person's short-lived access token from `/_allauth/app/v1/auth/login`; refresh it there. "
        "Example: `Authorization: Bearer eyJhbGciOi…`",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": settings.SESSION_COOKIE_NAME,
        "description": "The session of a person logged in with the browser; writes also need the CSRF token in "
        "`X-CSRFToken`. Example: `Cookie: sessionid=…; csrftoken=…`",
    },
    "api_key": {
        "type": "http",
        "scheme": "bearer",
        "description": "The key of an operator's program, which an admin makes at `/manage/keys/`. It has scopes, is "
        "for all lots or chosen ones, and may end. Example: `Authorization: Bearer parkapi_0123456789ab_…`",
    },
    "client": {
        "type": "http",
        "scheme": "basic",
        "description": "The beginning of an API key as the client id and the whole key as the secret. "
        "Example: `curl -u parkapi_0123456789ab:$KEY -d grant_type=client_credentials …/oauth/token`",
    },
}
# As the framework names them, by their classes.
_NAMES = {"AccessToken": "access_token", "PageSession": "session", "ProgramCredential": "api_key"}
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


class DocumentedAPI(NinjaAPI):
    """An API that counts calls, and whose document lists every way to authenticate."""

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        """Count the call, whose credentials have been checked. Raises TooManyRequestsError."""
        count_call(request)
        return super().create_temporal_response(request)

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the OpenAPI document."""
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        components = document["components"]
        document["paths"] = _hoisted(document["paths"], components.setdefault("schemas", {}))
        components["schemas"]["Problem"] = PROBLEM_SCHEMA
        root = reverse("api:api-root")
        components["securitySchemes"] = SECURITY_SCHEMES | {"oauth": _oauth(f"{root}oauth/token")}
        needed = {(_ARGUMENT.sub(r"{\1}", root + route), method): scopes for (method, route), scopes in calls().items()}
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                _tell_security(operation, needed.get((path, method.upper())))
                add_usual_problems(operation, method)
        return document


def _oauth(token_url: str) -> dict[str, Any]:
    words = {scope: f"{RESOURCE_LABELS[_resource(scope)]!s}: {scope.partition(':')[2]}" for scope in sorted(ALL_SCOPES)}
    return {
        "type": "oauth2",
        "description": "A token for an API key, for ten minutes. Example: `Authorization: Bearer parktok_…`",
        "flows": {"clientCredentials": {"tokenUrl": token_url, "scopes": words}},
    }


def _resource(scope: str) -> Resource:
    return Resource(scope.partition(":")[0])


def _tell_security(operation: dict[str, Any], scopes: frozenset[str] | None) -> None:
    """Name the ways to authenticate as the document does, and the scopes that programs need."""
    ways: list[dict[str, list[str]]] = [
        {_NAMES.get(name, name): [] for name in way} for way in operation.get("security", [])
    ]
    if {"api_key": []} not in ways:
        return
    if not scopes:
        ways.remove({"api_key": []})
        said = "For people, not for programs."
    else:
        ways.append({"oauth": sorted(scopes)})
        said = f"Programs need {' and '.join(f'`{scope}`' for scope in sorted(scopes))}."
    operation["security"] = ways
    operation["description"] = f"{operation.get('description', '')}\n\n{said}".strip()


def _hoisted(node: Any, schemas: dict[str, Any]) -> Any:
    """Return a copy with nested definitions moved to `schemas`, where references resolve.

    The original must not change: requests share it.
    """
    if isinstance(node, list):
        return [_hoisted(child, schemas) for child in node]
    if not isinstance(node, dict):
        return node
    schemas.update({name: _hoisted(inner, schemas) for name, inner in node.get("$defs", {}).items()})
    copy = {key: _hoisted(child, schemas) for key, child in node.items() if key != "$defs"}
    if isinstance(copy.get("$ref"), str):
        copy["$ref"] = copy["$ref"].replace("#/$defs/", "#/components/schemas/", 1)
    return copy
