"""The forms of a tariff beside its rules: its name and days, the rules as JSON, and what to begin from."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.models import Tariff, TariffDraft
from billing.pricing import parse_rules
from billing.pricing.errors import InvalidTariffError
from billing.services.tariff_drafts import DraftValues
from billing.services.tariffs import TariffValues
from lots.models import Lot
from office.tariffs.first_rules import FIRST_RULES
from office.tariffs.problem_words import json_problem, rule_problems

LONGEST_RULES = 200_000
LATER = "in-force"
"""To begin from the rules in force instead of a template."""


def day_field(**options: Any) -> forms.DateField:
    """Return a date field in the format that browsers send."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(widget=widget, input_formats=["%Y-%m-%d"], **options)


class DraftForm(forms.Form):
    """The name of a draft, which has no days before it is published."""

    name = forms.CharField(label=_("Name"), max_length=80)

    @classmethod
    def showing(cls, values: Mapping[str, Any] | Tariff | TariffDraft) -> Self:
        """Return the form with values that are not judged: those of a tariff or draft, or what was typed so far."""
        given = values if isinstance(values, Mapping) else vars(values)
        return cls(initial={name: given.get(name) for name in cls.base_fields})

    def values(self, rules: Mapping[str, Any]) -> Any:
        """Return the cleaned values with the rules, as they are saved; call it after `is_valid`."""
        return DraftValues(self.cleaned_data["name"], rules)


class TariffForm(DraftForm):
    """A tariff's name and the days on which it holds."""

    valid_from = day_field(label=_("First day"))
    valid_until = day_field(
        label=_("Last day"), required=False, help_text=_("Leave empty to keep it in force until it is replaced")
    )

    def values(self, rules: Mapping[str, Any]) -> TariffValues:
        """Return the cleaned values with the rules; call it after `is_valid`."""
        cleaned = self.cleaned_data
        return TariffValues(cleaned["name"], cleaned["valid_from"], cleaned["valid_until"], rules)


class JsonRulesForm(forms.Form):
    """A tariff's rules as JSON. `read` is what was parsed, right or wrong; None while it is no JSON."""

    rules = forms.CharField(
        label=_("Rules"),
        max_length=LONGEST_RULES,
        widget=forms.Textarea(attrs={"rows": 24, "class": "code", "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("JSON in the format of the site file. Amounts are in the smallest unit, such as 300 for 3.00."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Start with nothing read."""
        super().__init__(*args, **options)
        self.read: Any = None

    @classmethod
    def showing(cls, rules: Any) -> "JsonRulesForm":
        """Return the form with rules that are not judged."""
        return cls({"rules": json.dumps(rules, indent=2, ensure_ascii=False)})

    def clean_rules(self) -> dict[str, Any]:
        """Parse and check the rules."""
        try:
            self.read = json.loads(self.cleaned_data["rules"])
            parse_rules(self.read)
        except json.JSONDecodeError as error:
            raise forms.ValidationError(json_problem(error)) from error
        except InvalidTariffError as error:
            raise forms.ValidationError(rule_problems(error.errors, self.read)) from error
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(gettext("These rules can't be read.")) from error
        return dict(self.read)


class FirstRulesForm(forms.Form):
    """Which lot a tariff is for, and what it begins from."""

    def __init__(self, *args: Any, lots: Sequence[Lot], **options: Any) -> None:
        """Offer the lots that the person manages."""
        super().__init__(*args, **options)
        self.fields["lot"] = forms.ChoiceField(label=_("Lot"), choices=[(lot.slug, lot.name) for lot in lots])
        choices = [(one.key, f"{one.name}: {one.text}") for one in FIRST_RULES]
        in_force = _("The prices in force: change what is there.")
        self.fields["start"] = forms.ChoiceField(
            label=_("Begin from"),
            choices=[(LATER, in_force), *choices],
            widget=forms.RadioSelect,
            initial=FIRST_RULES[0].key,
            required=False,
        )
