"""Attachments of a message, made from its context when it is sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a mail."""

    name: str
    content: bytes
    mime_type: str


Maker = Callable[[Mapping[str, Any]], Attachment]

_makers: dict[str, Maker] = {}


def register_attachment(template: str, make: Maker) -> None:
    """Attach what `make` returns for the context to every message of a template; call it at start-up."""
    _makers[template] = make


def attachments_of(template: str, context: Mapping[str, Any]) -> list[Attachment]:
    """Return the attachments of a message."""
    make = _makers.get(template)
    return [make(context)] if make else []
