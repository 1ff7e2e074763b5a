"""The OpenAPI document: what the framework generates, plus the ways to authenticate."""

from typing import Any

from django.conf import settings
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

SECURITY_SCHEMES: dict[str, dict[str, Any]] = {
    "device_key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A device's key, issued once: `manage.py issue_device_key GATE`. It serves its gate alone; "
        "an edge key serves its lot.",
    },
    "access_token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A person's short-lived access token from `/_allauth/app/v1/auth/login`; refresh it there.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": settings.SESSION_COOKIE_NAME,
        "description": "The session of a person logged in with the browser; writes also need the CSRF token in "
        "`X-CSRFToken`.",
    },
}


class DocumentedAPI(NinjaAPI):
    """An API whose document lists every way to authenticate, also those that endpoints check themselves."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the OpenAPI document."""
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        components = document["components"]
        document["paths"] = _hoisted(document["paths"], components.setdefault("schemas", {}))
        components["securitySchemes"] = {**components.get("securitySchemes", {}), **SECURITY_SCHEMES}
        return document


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
