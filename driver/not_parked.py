"""Saying of a booking, in one tap, that the car found no place."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from common.errors import DomainError
from common.time import truncate
from driver.own_bookings import get_booking
from gates.services import report_not_parked


@require_POST
def not_parked(request: HttpRequest, reference: str) -> HttpResponse:
    """Take down that there was no place, and show what comes of it."""
    booking = get_booking(request, reference)
    try:
        report_not_parked(booking=booking, at=truncate(now()))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("driver:booking", reference)
