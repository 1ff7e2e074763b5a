"""The form for a tariff: its name, its days, and its rules as JSON."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.models import Tariff
from billing.pricing import parse_rules
from billing.pricing.errors import InvalidTariffError
from billing.pricing.serializing import rules_to_json
from billing.services.tariffs import TariffValues
from lots.models import Lot
from office.tariffs.problem_words import json_problem, rule_problems

LONGEST_RULES = 200_000
FIRST_RULES: dict[str, Any] = {
    "grace_minutes": 10,
    "exit_grace_minutes": 15,
    "lost_ticket_fee": 4000,
    "tax_percent": "8.1",
    "tax_included": True,
    "plans": [
        {
            "name": "Every day",
            "max_price": 2500,
            "bands": [{"from": "00:00", "to": "24:00", "price": 300, "increment_minutes": 60}],
        }
    ],
}


def day_field(**options: Any) -> forms.DateField:
    """Return a date field in the format that browsers send."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(widget=widget, input_formats=["%Y-%m-%d"], **options)


class TariffForm(forms.Form):
    """A tariff of one lot."""

    name = forms.CharField(label=_("Name"), max_length=80)
    valid_from = day_field(label=_("First day"))
    valid_until = day_field(
        label=_("Last day"), required=False, help_text=_("Leave empty to keep it in force until it is replaced")
    )
    rules = forms.CharField(
        label=_("Rules"),
        max_length=LONGEST_RULES,
        widget=forms.Textarea(attrs={"rows": 24, "class": "code", "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("JSON in the format of the site file. Amounts are in the smallest unit, such as 300 for 3.00."),
    )

    def __init__(self, *args: Any, tariff: Tariff | None = None, **options: Any) -> None:
        """Start with a tariff's current values, or with simple hourly rules."""
        initial = self.written(None if tariff is None else tariff.rules) | (options.pop("initial", None) or {})
        if tariff is not None:
            initial |= {name: getattr(tariff, name) for name in ("name", "valid_from", "valid_until")}
        options["initial"] = initial
        super().__init__(*args, **options)

    @staticmethod
    def written(stored: dict[str, Any] | None) -> dict[str, str]:
        """Return the initial value of the rules' field for stored rules, or for none."""
        rules = FIRST_RULES if stored is None else _in_order(stored, rules_to_json(parse_rules(stored)))
        return {"rules": json.dumps(rules, indent=2, ensure_ascii=False)}

    def clean_rules(self) -> dict[str, Any]:
        """Parse and check the rules."""
        try:
            rules = json.loads(self.cleaned_data["rules"])
            parse_rules(rules)
        except json.JSONDecodeError as error:
            raise forms.ValidationError(json_problem(error)) from error
        except InvalidTariffError as error:
            raise forms.ValidationError(rule_problems(error.errors, rules)) from error
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(gettext("These rules can't be read.")) from error
        return dict(rules)

    def values(self) -> TariffValues:
        """Return the cleaned values; call it after `is_valid`."""
        cleaned = self.cleaned_data
        return TariffValues(cleaned["name"], cleaned["valid_from"], cleaned["valid_until"], cleaned["rules"])


class NewTariffForm(TariffForm):
    """A new tariff for one of the lots that the person manages."""

    def __init__(self, *args: Any, lots: list[Lot], **options: Any) -> None:
        """Offer the lots as choices."""
        super().__init__(*args, **options)
        self.fields["lot"] = forms.ChoiceField(label=_("Lot"), choices=[(lot.slug, lot.name) for lot in lots])
        self.order_fields(["lot", "name", "valid_from", "valid_until", "rules"])


def _in_order(stored: Any, written_out: Any) -> Any:
    """Return stored rules with their fields in the usual order, which JSONB does not keep."""
    if isinstance(stored, Mapping) and isinstance(written_out, Mapping):
        names = [
            *(name for name in written_out if name in stored),
            *(name for name in stored if name not in written_out),
        ]
        return {name: _in_order(stored[name], written_out.get(name)) for name in names}
    if isinstance(stored, list) and isinstance(written_out, list) and len(stored) == len(written_out):
        return [_in_order(one, other) for one, other in zip(stored, written_out, strict=True)]
    return stored
