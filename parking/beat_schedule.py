"""Which tasks run by themselves, and how often."""

from typing import Any

from celery.schedules import crontab

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "deliver-outbox": {"task": "notifications.tasks.deliver_outbox", "schedule": 5.0},
    "deliver-texts": {"task": "notifications.tasks.deliver_texts", "schedule": 5.0},
    "issue-documents": {"task": "billing.tasks.issue_documents", "schedule": 5.0},
    "keep-books": {"task": "billing.tasks.keep_books", "schedule": 5.0},
    "close-ended-days": {"task": "billing.tasks.close_ended_days", "schedule": 300.0},
    "conclude-payments": {"task": "billing.tasks.conclude_payments", "schedule": 15.0},
    "settle-holds": {"task": "billing.tasks.settle_holds", "schedule": 15.0},
    "apply-provider-events": {"task": "billing.tasks.apply_provider_events", "schedule": 15.0},
    "ask-about-pages": {"task": "billing.tasks.ask_about_pages", "schedule": 60.0},
    "confirm-silent-passages": {"task": "gates.tasks.confirm_silent_passages", "schedule": 30.0},
    "decide-not-parked": {"task": "gates.tasks.decide_not_parked", "schedule": 30.0},
    "invoice-debts": {"task": "tickets.tasks.invoice_debts", "schedule": 30.0},
    "end-exit-grace": {"task": "tickets.tasks.end_exit_graces", "schedule": 60.0},
    "hold-spots": {"task": "reservations.tasks.hold_spots", "schedule": 30.0},
    "apply-blackouts": {"task": "reservations.tasks.apply_blackouts", "schedule": 30.0},
    "mark-no-shows": {"task": "reservations.tasks.mark_no_shows", "schedule": 30.0},
    "reckon-validations": {"task": "merchants.tasks.reckon", "schedule": 60.0},
    "invoice-bookings": {"task": "reservations.tasks.invoice_bookings", "schedule": 30.0},
    "settle-bookings": {"task": "reservations.tasks.settle_bookings", "schedule": 15.0},
    "forget-phones": {"task": "reservations.tasks.forget_phones", "schedule": 3600.0},
    "lapse-bookings": {"task": "reservations.tasks.lapse_bookings", "schedule": 15.0},
    "compare-drafts": {"task": "tickets.tasks.compare_drafts", "schedule": 2.0},
    "begin-paid-passes": {"task": "passes.tasks.begin_paid_passes", "schedule": 15.0},
    "renew-passes": {"task": "passes.tasks.renew_passes", "schedule": 600.0},
    "end-passes": {"task": "passes.tasks.end_passes", "schedule": 60.0},
    "import-pass-holders": {"task": "passes.tasks.import_holders", "schedule": 5.0},
    "write-exports": {"task": "exports.tasks.write_exports", "schedule": 2.0},
    "clear-exports": {"task": "exports.tasks.clear_exports", "schedule": 600.0},
    "remind-bookers": {"task": "reservations.tasks.remind_bookers", "schedule": 60.0},
    "tell-of-stays": {"task": "tickets.tasks.tell_of_stays", "schedule": 60.0},
    "alert-admins": {"task": "parking.tasks.alert_admins", "schedule": 60.0},
    "notice-due-runs": {"task": "reports.tasks.notice_due_runs", "schedule": 60.0},
    "work-on-runs": {"task": "reports.tasks.work_on_runs", "schedule": 5.0},
    "verify-data": {"task": "parking.tasks.verify_data", "schedule": crontab(hour=3, minute=30)},
    "remind-debtors": {"task": "tickets.tasks.remind_debtors", "schedule": 3600.0},
}
