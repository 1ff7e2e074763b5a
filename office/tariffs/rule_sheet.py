"""The rules on the page that edits them: as fields or as JSON, and what a button does to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from billing.pricing import TariffRules, parse_rules, rules_to_json
from lots.models import Lot
from office.tariffs.forms import JsonRulesForm
from office.tariffs.rule_acts import Changed, change_rows
from office.tariffs.rule_forms import RuleRow, rows_of
from office.tariffs.rule_marks import CheckedRules, check_typed
from office.tariffs.typed_rules import (
    MOST_PARTS,
    NotForFieldsError,
    TypedPart,
    fits_page,
    posted_rules,
    rules_as_json,
    shown_rules,
)


@dataclass(slots=True)
class RuleSheet:
    """Rules as fields (`typed` and `checked`), or else as JSON (`json_form`)."""

    typed: TypedPart | None = None
    checked: CheckedRules | None = None
    json_form: JsonRulesForm | None = None
    changed: Changed | None = None

    @property
    def rules(self) -> TariffRules | None:
        """Return the rules, if nothing is wrong with them."""
        if self.checked is not None:
            return self.checked.rules
        form = self.json_form
        return parse_rules(form.cleaned_data["rules"]) if form is not None and form.is_valid() else None

    @property
    def data(self) -> Mapping[str, Any]:
        """Return the rules as JSON; call it where nothing is wrong."""
        if self.checked is not None:
            return self.checked.data
        return {} if self.json_form is None else self.json_form.cleaned_data["rules"]

    def rows(self, *, told: bool) -> RuleRow | None:
        """Return the rules as rows of fields; `told` shows at the fields what is wrong."""
        if self.typed is None or self.checked is None:
            return None
        return rows_of(self.typed, self.checked, told=told, changed=self.changed)


def sheet_of(rules: Mapping[str, Any], lot: Lot) -> RuleSheet:
    """Return stored rules to be edited."""
    written_out = rules_to_json(parse_rules(rules))
    try:
        return _as_fields(shown_rules(written_out, lot.currency), lot)
    except NotForFieldsError:
        return RuleSheet(json_form=JsonRulesForm.showing(written_out))


def posted_sheet(data: QueryDict, lot: Lot) -> RuleSheet:
    """Return the rules of a submitted form, changed as its button tells."""
    act = data.get("act", "")
    if "rules" in data:
        form = JsonRulesForm(data)
        form.full_clean()
        return _from_json(form, lot) if act == "fields" else RuleSheet(json_form=form)
    typed = posted_rules(data)
    if act == "json" or not fits_page(typed):
        return RuleSheet(json_form=JsonRulesForm.showing(rules_as_json(typed, lot.currency)[0]))
    return _as_fields(typed, lot, change_rows(typed, act))


def _from_json(form: JsonRulesForm, lot: Lot) -> RuleSheet:
    """Return rules as fields where fields can show them, else as the JSON that they were."""
    try:
        return _as_fields(shown_rules(form.read, lot.currency), lot)
    except NotForFieldsError:
        if not form.errors:
            form.add_error(
                "rules", _("These rules have more than %(most)s parts: too many for fields.") % {"most": MOST_PARTS}
            )
        return RuleSheet(json_form=form)


def _as_fields(typed: TypedPart, lot: Lot, changed: Changed | None = None) -> RuleSheet:
    return RuleSheet(typed=typed, checked=check_typed(typed, lot.currency), changed=changed)
