"""How each kind of value in a tariff's rules is typed: from JSON to the text of a field, and back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from billing.pricing.values import LARGEST_PRICE
from common.money import InvalidAmountError, format_amount, parse_money
from common.translation import translated

Typed = str | list[str]
OMITTED = object()
"""What an empty field stands for: the rules don't name it."""

LONGEST_TYPED = 200
MINUTES_OF = {"": 1, "min": 1, "m": 1, "h": 60, "d": 1440}
_CLOCK = re.compile(r"(\d{1,2})(?::?(\d{2}))?", re.ASCII)
_MINUTES = re.compile(r"(\d{1,9}) ?(min|m|h|d|)", re.ASCII)
_NUMBER = re.compile(r"[\d.,' ]+", re.ASCII)
_DATE = re.compile(r"[^\s,;]{1,20}")
_BETWEEN_DATES = re.compile(r"[\s,;]+")
_PERCENT = re.compile(r"\d{1,3}(\.\d{1,4})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class TextKind:
    """A text; the base of all that is typed in one line."""

    blank: str = ""

    def shown(self, value: Any, currency: str) -> Typed:  # noqa: ARG002
        """Return what the field shows for a JSON value; None where the rules name none."""
        return self.blank if value is None else str(value)

    def can_show(self, value: Any) -> bool:
        """Return whether the field can show a JSON value, right or wrong, without losing any of it."""
        return not isinstance(value, list | dict | bool) and len(str(value)) <= LONGEST_TYPED

    def read(self, typed: Typed, currency: str) -> Any:
        """Return the JSON value of what was typed. Raises ValidationError for what no value can be made of."""
        text = str(typed).strip()
        return self._value(text, currency) if text else OMITTED

    def field(self, **options: Any) -> forms.Field:
        """Return the field of a form; what is wrong is told by the rules as a whole."""
        attrs = {"autocomplete": "off", **self._attrs()}
        return forms.CharField(required=False, strip=False, widget=forms.TextInput(attrs=attrs), **options)

    def _value(self, text: str, currency: str) -> Any:  # noqa: ARG002
        return text

    def _attrs(self) -> dict[str, str]:
        return {}


@dataclass(frozen=True, slots=True)
class NumberKind(TextKind):
    """A number in JSON, too."""

    def can_show(self, value: Any) -> bool:
        """Return whether the value is a number, or a text that is not taken for one."""
        if isinstance(value, str):
            return TextKind.can_show(self, value) and not _NUMBER.fullmatch(value)
        return isinstance(value, int) and not isinstance(value, bool)

    def _attrs(self) -> dict[str, str]:
        return {"inputmode": "numeric", "class": "typed-number"}


@dataclass(frozen=True, slots=True)
class MoneyKind(NumberKind):
    """An amount, typed in the currency's major unit and stored in its minor one."""

    def shown(self, value: Any, currency: str) -> Typed:
        """Return an amount as it is typed, and what is none as it is."""
        return format_amount(value, currency) if isinstance(value, int) else TextKind.shown(self, value, currency)

    def _value(self, text: str, currency: str) -> Any:
        try:
            amount = parse_money(text, currency)
        except InvalidAmountError as error:
            raise forms.ValidationError(translated(error.message)) from error
        if amount > LARGEST_PRICE:
            most = format_amount(LARGEST_PRICE, currency)
            raise forms.ValidationError(_("Enter an amount of at most %(most)s.") % {"most": most})
        return amount

    def _attrs(self) -> dict[str, str]:
        return {"inputmode": "decimal", "class": "typed-number"}


@dataclass(frozen=True, slots=True)
class WholeKind(NumberKind):
    """A whole number."""

    def _value(self, text: str, currency: str) -> Any:  # noqa: ARG002
        if not re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
            raise forms.ValidationError(_("Enter a whole number."))
        return int(text)


@dataclass(frozen=True, slots=True)
class MinutesKind(WholeKind):
    """A length in minutes; `2 h` and `1 d` are understood."""

    def _value(self, text: str, currency: str) -> Any:  # noqa: ARG002
        found = _MINUTES.fullmatch(text.lower())
        if found is None:
            raise forms.ValidationError(_("Enter a number of minutes, or a length such as 2 h or 1 d."))
        return int(found[1]) * MINUTES_OF[found[2]]


@dataclass(frozen=True, slots=True)
class ClockKind(TextKind):
    """A time of day; `7` and `0700` are understood. The rules themselves refuse what is none."""

    def shown(self, value: Any, currency: str) -> Typed:
        """Return the time; a day that starts with the entry has none."""
        return TextKind.shown(self, None if value == "entry" else value, currency)

    def _value(self, text: str, currency: str) -> Any:  # noqa: ARG002
        found = _CLOCK.fullmatch(text)
        return f"{int(found[1]):02}:{found[2] or '00'}" if found else text

    def _attrs(self) -> dict[str, str]:
        return {"placeholder": "00:00", "maxlength": "5", "class": "typed-clock"}


@dataclass(frozen=True, slots=True)
class PercentKind(TextKind):
    """An exact percentage."""

    def _value(self, text: str, currency: str) -> Any:  # noqa: ARG002
        percent = text.replace(",", ".").removesuffix("%").strip()
        if not _PERCENT.fullmatch(percent) or Decimal(percent) > 100:  # noqa: PLR2004
            raise forms.ValidationError(_("Enter a percentage from 0 to 100, such as 8.1."))
        return percent

    def _attrs(self) -> dict[str, str]:
        return {"inputmode": "decimal", "class": "typed-number"}


@dataclass(frozen=True, slots=True)
class FlagKind(TextKind):
    """Yes or no; `usual` is what the rules mean when they don't name it, which those that are `rare` then don't."""

    usual: bool = False
    rare: bool = False

    def shown(self, value: Any, currency: str) -> Typed:  # noqa: ARG002
        """Return `on` for yes."""
        return "on" if (self.usual if value is None else value) else ""

    def can_show(self, value: Any) -> bool:
        """Return whether the value is yes or no."""
        return isinstance(value, bool)

    def read(self, typed: Typed, currency: str) -> Any:  # noqa: ARG002
        """Return yes or no."""
        return OMITTED if self.rare and bool(typed) == self.usual else bool(typed)

    def field(self, **options: Any) -> forms.Field:
        """Return a box to tick."""
        return forms.BooleanField(required=False, **options)


@dataclass(frozen=True, slots=True)
class ChoiceKind(TextKind):
    """One of several words."""

    choices: Sequence[tuple[str, str | Promise]] = ()

    def can_show(self, value: Any) -> bool:
        """Return whether the value is one of the words."""
        return isinstance(value, str) and value in dict(self.choices)

    def field(self, **options: Any) -> forms.Field:
        """Return a list to choose from."""
        return forms.ChoiceField(required=False, choices=self.choices, **options)


@dataclass(frozen=True, slots=True)
class DatesKind(TextKind):
    """Dates one after the other. The rules themselves refuse what is none."""

    def shown(self, value: Any, currency: str) -> Typed:  # noqa: ARG002
        """Return the dates in one line."""
        return ", ".join(map(str, value or ()))

    def can_show(self, value: Any) -> bool:
        """Return whether the value is a list of texts that are read as they are."""
        return isinstance(value, list) and all(isinstance(one, str) and _DATE.fullmatch(one) for one in value)

    def read(self, typed: Typed, currency: str) -> Any:  # noqa: ARG002
        """Return the dates, of which there may be none."""
        return _BETWEEN_DATES.split(str(typed).strip()) if str(typed).strip() else []

    def field(self, **options: Any) -> forms.Field:
        """Return a field of a few lines."""
        return forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}), **options)


@dataclass(frozen=True, slots=True)
class ChoicesKind(ChoiceKind):
    """Any of several words; none of them means all."""

    def shown(self, value: Any, currency: str) -> Typed:  # noqa: ARG002
        """Return the words."""
        return list(value or [])

    def can_show(self, value: Any) -> bool:
        """Return whether the value is a list of the words, each once."""
        known = dict(self.choices)
        return isinstance(value, list) and all(isinstance(one, str) and one in known for one in value)

    def read(self, typed: Typed, currency: str) -> Any:  # noqa: ARG002
        """Return the words that were ticked."""
        return list(typed) or OMITTED

    def field(self, **options: Any) -> forms.Field:
        """Return boxes to tick."""
        return forms.MultipleChoiceField(
            required=False, choices=self.choices, widget=forms.CheckboxSelectMultiple, **options
        )


@dataclass(frozen=True, slots=True)
class DaysKind(ChoicesKind):
    """Kinds of day: weekdays, and the names of special dates, which each tariff has of its own."""

    def can_show(self, value: Any) -> bool:
        """Return whether the value is a list of names."""
        return isinstance(value, list) and all(isinstance(one, str) and TextKind.can_show(self, one) for one in value)

    def field(self, *, day_names: Sequence[str] = (), **options: Any) -> forms.Field:
        """Return boxes to tick, also for the special dates with these names."""
        choices = [*self.choices, *((name, name) for name in day_names)]
        return forms.MultipleChoiceField(
            required=False, choices=choices, widget=forms.CheckboxSelectMultiple, **options
        )
