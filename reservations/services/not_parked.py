"""Bookings whose driver could not park: reported by who booked, then given back whole, or rejected by a person."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import PaymentState, RefundRequest
from billing.services import ask_refund, credit_locked, lock_charge, refund_payment
from common.errors import ConflictError, DomainError, FieldError
from lots.booking_rules import Prepay
from lots.services import lock_lot
from reservations.booking_mails import NOT_REFUNDED, REFUNDED, mail_booker
from reservations.models import NotParkedReport, ReportOutcome, Reservation, ReservationStatus
from reservations.services.changing import BookingStateError
from reservations.services.giving_places import let_go
from reservations.services.settling import settle_locked

REPORTED_WITHIN = timedelta(days=2)
"""For how long after its end a driver may say of a booking that there was no place."""
NOT_IN = (ReservationStatus.CONFIRMED, ReservationStatus.NO_SHOW)
"""Bookings of which no car has come in."""
WAS_IN = (ReservationStatus.ACTIVE, ReservationStatus.COMPLETED)


class ReportDecidedError(ConflictError):
    """The report was decided otherwise before."""

    code = "report_decided"


class ReportWordMissingError(DomainError):
    """A person must say why."""

    code = "word_missing"


def may_report(booking: Reservation, at: datetime) -> bool:
    """Return whether who booked may say now that the car found no place.

    That is from when the lane lets it in until two days after the end; of a car that was inside only where the booking
    was prepaid, as the rest is a matter of its stay.
    """
    opens = booking.starts_at - timedelta(minutes=booking.lot.early_minutes)
    in_time = opens <= at <= booking.ends_at + REPORTED_WITHIN
    of_booking = booking.status in NOT_IN or (booking.status in WAS_IN and booking.prepay != Prepay.NONE)
    return in_time and of_booking


@transaction.atomic
def record_report(*, booking: Reservation, turned_away_at: datetime | None, at: datetime) -> NotParkedReport:
    """Record that who booked says the car found no place; once, then the first report is returned.

    Raises BookingStateError (409).
    """
    lock_lot(booking.lot_id)
    booking = _loaded(booking)
    known = NotParkedReport.objects.filter(booking=booking).first()
    if known is not None:
        return known
    if not may_report(booking, at):
        raise BookingStateError(_("This can't be said of the booking now."))
    seen = turned_away_at if booking.status in NOT_IN else None
    return NotParkedReport.objects.create(booking=booking, reported_at=at, turned_away_at=seen)


@transaction.atomic
def refund_report(
    *, report: NotParkedReport, at: datetime, by: User | None = None, word: str = ""
) -> tuple[NotParkedReport, RefundRequest | None]:
    """Give all of a reported booking back and mail that: `by` a person, who says why, or by itself.

    Its place is free then, and it counts as no no-show. What a person gives back above the operator's limit waits for a
    second one, and the report with it: decide again once they have. Call `carry_out` after the commit. Idempotent.
    Raises ReportDecidedError (409), ReportWordMissingError and what `ask_refund` raises.
    """
    report, is_done = _to_decide(report, ReportOutcome.REFUNDED, by, word)
    booking = report.booking
    if is_done:
        return report, None
    if by is None and booking.status in WAS_IN:  # it came in just now
        return _decided(report, ReportOutcome.PARKED, None, "", at), None
    asked = _give_back_all(booking, by, word.strip() or _("No place was free"), at)
    if asked is not None:
        return report, asked
    asked_for_fee = booking.status in {ReservationStatus.NO_SHOW, ReservationStatus.CANCELLED}
    if booking.status in NOT_IN:
        let_go(booking)
        booking.status, booking.cancelled_at = ReservationStatus.CANCELLED, at
    booking.fee_amount = 0
    booking.sequence += 1
    if not asked_for_fee:  # else the fee is credited
        settle_locked(booking, at=at)
    booking.save(update_fields=["status", "cancelled_at", "fee_amount", "sequence", "charge"])
    mail_booker(booking, REFUNDED, at=at, word=word.strip())
    return _decided(report, ReportOutcome.REFUNDED, by, word, at), None


@transaction.atomic
def reject_report(*, report: NotParkedReport, by: User, word: str, at: datetime) -> NotParkedReport:
    """Leave a reported booking as it is, with a word to who booked. Idempotent; raises as `refund_report`."""
    report, is_done = _to_decide(report, ReportOutcome.REJECTED, by, word)
    if is_done:
        return report
    mail_booker(report.booking, NOT_REFUNDED, at=at, word=word.strip())
    return _decided(report, ReportOutcome.REJECTED, by, word, at)


@transaction.atomic
def drop_report(*, report: NotParkedReport, at: datetime) -> NotParkedReport:
    """Close a report whose car came in after all. Idempotent; raises ReportDecidedError (409)."""
    report, is_done = _to_decide(report, ReportOutcome.PARKED, None, "")
    return report if is_done else _decided(report, ReportOutcome.PARKED, None, "", at)


def _give_back_all(booking: Reservation, by: User | None, reason: str, at: datetime) -> RefundRequest | None:
    """Give back what was captured, and credit what is owed; return what a second person has to approve first."""
    if booking.charge is None:
        return None
    charge = booking.charge = lock_charge(booking.charge)
    for payment in charge.payments.filter(state=PaymentState.CAPTURED).order_by("-pk"):
        left = payment.captured_amount - payment.refunded_amount
        if left <= 0:
            continue
        key = f"not-parked-{payment.pk}"
        if by is None:
            refund_payment(payment=payment, amount=left, reason=reason, idempotency_key=key, at=at, goodwill=True)
            continue
        given = ask_refund(
            payment=payment, amount=left, reason=reason, idempotency_key=key, by=by, at=at, goodwill=True
        )
        if isinstance(given, RefundRequest):
            return given
    charge = booking.charge = lock_charge(charge)
    if booking.status != ReservationStatus.CONFIRMED and charge.balance_amount > 0:
        amount = int(charge.balance_amount)
        credit_locked(charge, amount=amount, reason=reason, at=at, granted_by=by)
    return None


def _to_decide(
    report: NotParkedReport, outcome: ReportOutcome, by: User | None, word: str
) -> tuple[NotParkedReport, bool]:
    """Lock the lot, and return the report as it is with whether it was decided so before."""
    if by is not None and not word.strip():
        message = _("Say in a few words why.")
        raise ReportWordMissingError(message, errors=[FieldError("word", message)])
    lock_lot(report.booking.lot_id)
    report = NotParkedReport.objects.get(pk=report.pk)
    report.booking = _loaded(report.booking)
    if report.decided_at is not None and report.outcome != outcome:
        raise ReportDecidedError(_("Somebody else has decided this already."))
    return report, report.decided_at is not None


def _decided(
    report: NotParkedReport, outcome: ReportOutcome, by: User | None, word: str, at: datetime
) -> NotParkedReport:
    report.outcome, report.decided_at, report.decided_by, report.word = outcome, at, by, word.strip()
    report.save(update_fields=["outcome", "decided_at", "decided_by", "word"])
    return report


def _loaded(booking: Reservation) -> Reservation:
    return Reservation.objects.select_related("lot", "tariff", "spot", "charge", "driver").get(pk=booking.pk)
