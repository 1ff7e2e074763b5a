"""Errors as RFC 9457 problem documents."""

from collections.abc import Iterable
from http import HTTPStatus

from django.http import JsonResponse

from common.errors import DomainError, FieldError
from common.translation import translated


def problem(
    status: int, code: str, detail: str, *, errors: Iterable[FieldError] = (), retry_after: int | None = None
) -> JsonResponse:
    """Answer with `application/problem+json`; `code` is stable, `detail` is what was wrong and what to do."""
    response = JsonResponse(
        {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": translated(detail),
            "code": code,
            "errors": [{"path": error.path, "message": translated(error.message)} for error in errors],
        },
        status=status,
        content_type="application/problem+json",
    )
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def domain_problem(error: DomainError) -> JsonResponse:
    """Answer with the code and texts of a refusal."""
    response = problem(
        error.status, error.code, error.message, errors=error.errors, retry_after=getattr(error, "retry_after", None)
    )
    if error.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response
