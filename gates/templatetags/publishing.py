"""What a lot needs before it is published, for its page."""

from django import template
from django.utils.timezone import now

from gates.services import SetupStep, setup_steps
from lots.models import Lot

register = template.Library()


@register.simple_tag
def steps_to_publish(lot: Lot) -> list[SetupStep]:
    """List what a lot needs, each with whether it is there."""
    return setup_steps(lot, at=now())
