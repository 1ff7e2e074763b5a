"""Who acts in this thread: a request, a task or a command; nobody who is known, where none of them is.

Only remembered here. `audit.telling` says it to PostgreSQL when something is written that the triggers keep.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from structlog.contextvars import get_contextvars

from audit.how import How

_LONGEST = 200
_API = "api/"


@dataclass(frozen=True, slots=True)
class Acting:
    """How something is done and by whose account; `page` is its route, a task's or a command's name.

    `at` is when, where that is not now.
    """

    how: How
    by: int | None = None
    page: str = ""
    request: str = ""
    at: datetime | None = None


_acting: ContextVar[Callable[[], Acting] | None] = ContextVar("acting", default=None)
_task: ContextVar["Token[Callable[[], Acting] | None] | None"] = ContextVar("acting_task", default=None)


def acting_now() -> Acting | None:
    """Return who acts, None when nobody has said so."""
    said = _acting.get()
    return said() if said else None


@contextmanager
def acts(acting: Acting) -> Iterator[None]:
    """Let all that the block writes be done by `acting`; transactions begin and end inside."""
    before = _acting.set(lambda: acting)
    try:
        yield
    finally:
        _acting.reset(before)


def requests_act(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Let what a request writes be done by the person or program who made it, whom the writing asks for."""

    def answer(request: HttpRequest) -> HttpResponse:
        before = _acting.set(lambda: _of_request(request))
        try:
            return get_response(request)
        finally:
            _acting.reset(before)

    return answer


def begin_task(*, task: Any, **_sent: Any) -> None:
    """Let what a task writes be done by it."""
    acting = Acting(How.TASK, page=str(task.name)[:_LONGEST])
    _task.set(_acting.set(lambda: acting))


def end_task(**_sent: Any) -> None:
    """Forget the task."""
    before = _task.get()
    if before is not None:
        _acting.reset(before)
        _task.set(None)


def _of_request(request: HttpRequest) -> Acting:
    """Return who makes a request now: somebody may have signed in meanwhile.

    The page is its route, as addresses may hold secrets.
    """
    person = getattr(request, "user", None)
    is_known = person is not None and person.is_authenticated
    match = request.resolver_match
    route = match.route if match else ""
    if match and "admin" in match.app_names:
        how = How.BACK_OFFICE
    elif not route.startswith(_API):
        how = How.PAGE
    elif is_known and getattr(person, "program_of_id", None):
        how = How.PROGRAM
    else:
        how = How.API
    return Acting(
        how,
        person.pk if is_known and person else None,
        f"{request.method} /{route}"[:_LONGEST],
        str(get_contextvars().get("request_id", "")),
    )
