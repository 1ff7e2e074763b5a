"""Parts of the bodies that programs send: objects, and texts that PostgreSQL and UTF-8 can hold."""

from typing import Annotated, Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import AfterValidator, ModelWrapValidatorHandler, StringConstraints, model_validator

from common.plates import is_text


def _plain(text: str) -> str:
    if not is_text(text):
        raise ValueError(_("This can't hold control characters."))
    return text


def _address(text: str) -> str:
    if text:
        try:
            validate_email(text)
        except ValidationError as error:
            raise ValueError(_("This is not an email address.")) from error
    return text


PlainText = Annotated[str, AfterValidator(_plain)]
SaidText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_plain)]
"""A text that says something."""
EmailText = Annotated[str, AfterValidator(_address)]
"""An address, or nothing."""


class ObjectIn(Schema):
    """A JSON object; the framework alone takes anything else for an object without fields."""

    @model_validator(mode="wrap")
    @classmethod
    def _is_object(cls, sent: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(sent, dict):
            raise ValueError(_("Send a JSON object here."))  # noqa: TRY004 - pydantic reports it by its path
        return read(sent)
