"""The OpenAPI document: what the framework writes from the code, and how callers prove who they are."""

from typing import Any

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
        "name": "sessionid",
        "description": "The session of a person logged in with the browser; writes also need the CSRF token in "
        "`X-CSRFToken`.",
    },
}


class DocumentedAPI(NinjaAPI):
    """An API whose document names every way to authenticate, also those that endpoints check themselves."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the OpenAPI document."""
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        components = document["components"]
        _hoist(document["paths"], components.setdefault("schemas", {}))
        components["securitySchemes"] = {**components.get("securitySchemes", {}), **SECURITY_SCHEMES}
        return document


def _hoist(node: Any, schemas: dict[str, Any]) -> None:
    """Move definitions that a schema carries inside itself to where the document's references find them."""
    if isinstance(node, dict):
        for name, definition in node.pop("$defs", {}).items():
            schemas[name] = definition
            _hoist(definition, schemas)
        if str(node.get("$ref", "")).startswith("#/$defs/"):
            node["$ref"] = node["$ref"].replace("#/$defs/", "#/components/schemas/", 1)
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _hoist(child, schemas)
