"""Public API endpoint for the service's status."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from api.lot_examples import STATUS
from common.web.servers import problems

router = Router(tags=["Public"])


class StatusOut(Schema):
    """`ok`, or `down` with what is down and why."""

    status: str
    down: dict[str, str] | None = None


@router.get(
    "/status",
    response={200: StatusOut, 503: StatusOut},
    exclude_none=True,
    summary="Whether all works",
    openapi_extra=STATUS,
)
def get_status(request: HttpRequest) -> Any:  # noqa: ARG001  the framework passes it
    """Answer `ok`, or 503 with what is down."""
    down = problems()
    return Status(503, {"status": "down", "down": down}) if down else {"status": "ok"}
