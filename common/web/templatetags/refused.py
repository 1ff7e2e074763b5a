"""A summary of refused forms on top of the page."""

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
    """List the errors of the forms in this context, and focus the first wrong field.

    Must come before the forms, whose controls are drawn with that focus. `what` begins the sentence after a POST
    ("Not saved").
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
    """Yield the errors that belong to no visible field."""
    yield from map(str, form.non_field_errors())
    for field in form.hidden_fields():
        yield from map(str, field.errors)


def _control_id(field: BoundField) -> str:
    """Return the id of the control, or of the first of several."""
    return str(field.id_for_label or f"{field.auto_id}_0")
