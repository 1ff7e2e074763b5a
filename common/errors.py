"""Errors that a person or device caused and can correct."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong value: its place (`path`, a JSON path or field name) and what to do about it."""

    path: str
    message: str


class DomainError(Exception):
    """A rule refused.

    `message` is safe to show to anyone, and translated or a `common.words.Text` of a pure core. `code` is stable for
    programs, `status` is the HTTP status that fits.
    """

    code = "invalid"
    status = 422

    def __init__(self, message: str, *, code: str | None = None, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.errors = tuple(errors)


class NotFoundError(DomainError):
    """There is no such row, or the caller may not see it."""

    code = "not_found"
    status = 404


class ForbiddenError(DomainError):
    """The caller is known but may not do this."""

    code = "forbidden"
    status = 403


class ConflictError(DomainError):
    """The request conflicts with the current state."""

    code = "conflict"
    status = 409


class InvalidValueError(DomainError):
    """One value does not fit; `path` names it."""

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message, errors=[FieldError(path, message)])
