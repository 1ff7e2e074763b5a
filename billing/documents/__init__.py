"""Receipts, invoices and credit notes: issued once, numbered without gaps, never changed.

What caused a document points at it: `Payment.receipt`, `Refund.credit_note`, `Debt.invoice`. Documents are issued in
transactions of their own after the cause, by the page that shows them or by a worker.
"""
