"""Choices of model fields, made from enumerations that know no Django."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from django.utils.functional import Promise


def choices_of(labels: Mapping[Any, str | Promise]) -> list[tuple[Any, str | Promise]]:
    """Return a field's choices from the label of each member, as plain values so that migrations name no class."""
    return [(member.value, label) for member, label in labels.items()]


def values_of(enumeration: type[Enum]) -> list[Any]:
    """Return the plain values of an enumeration, for a constraint or a check of outside input."""
    return [member.value for member in enumeration]
