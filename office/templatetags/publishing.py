"""The setup steps of a lot, for its page."""

from django import template
from django.utils.timezone import now

from gates.services import SetupStep, setup_steps
from lots.models import Lot

register = template.Library()


@register.simple_tag
def setup_of(lot: Lot) -> dict[str, list[SetupStep] | bool]:
    """Return a lot's setup `steps` and whether it `is_ready` to be published."""
    steps = setup_steps(lot, at=now())
    return {"steps": steps, "is_ready": all(step.is_done for step in steps)}
