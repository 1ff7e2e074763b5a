"""Refused forms, told on top of the page wherever on it they stand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.forms.forms import BaseForm
from django.template.context import RequestContext

register = template.Library()


@dataclass(frozen=True, slots=True)
class WrongField:
    """A field to correct: its label, and the id of its control."""

    label: str
    control_id: str


@register.inclusion_tag("components/refused.html", takes_context=True)
def refused(context: RequestContext, what: str = "") -> dict[str, Any]:
    """Name what is wrong in the forms of this context, and give the first wrong field the focus.

    Stands before the forms it is about, since their controls are drawn with that focus. `what` opens the sentence
    when something was sent ("Not saved").
    """
    known: Iterable[object] = context.flatten().values()
    several = (value if isinstance(value, (list, tuple)) else (value,) for value in known)
    forms = [one for values in several for one in values if isinstance(one, BaseForm)]
    wrong = [form for form in {id(form): form for form in forms}.values() if form.is_bound and form.errors]
    if not wrong:
        return {}
    fields = [field for form in wrong for field in form.visible_fields() if field.errors]
    for form in forms:
        for field in form.fields.values():
            field.widget.attrs.pop("autofocus", None)
    if fields:
        fields[0].field.widget.attrs["autofocus"] = True
    return {
        "what": what if context["request"].method == "POST" else "",
        "fields": [WrongField(str(field.label), _control_id(field)) for field in fields],
        "sentences": [text for form in wrong for text in _sentences(form)],
    }


def _sentences(form: BaseForm) -> Iterator[str]:
    """List what belongs to no field that can be seen."""
    yield from map(str, form.non_field_errors())
    for field in form.hidden_fields():
        yield from map(str, field.errors)


def _control_id(field: BoundField) -> str:
    """Return the id of the control, or of the first where there are several."""
    return str(field.id_for_label or f"{field.auto_id}_0")
