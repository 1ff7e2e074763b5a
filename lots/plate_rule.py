"""A signal to higher apps: a lot tells the cars of one plate by another rule, which their rows depend on."""

from django.dispatch import Signal

plate_rule_changed = Signal()
"""Sent with `lot` when it has begun or ceased to tell cars of one plate by their region, under the lot's lock.

A receiver brings the cars inside to that, or raises to refuse the change.
"""
