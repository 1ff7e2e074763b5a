"""Checks of the invariants on live data, each one query, all on one snapshot."""

from verification.proof import Finding, Invariant, prove, snapshot
from verification.register import INVARIANTS

__all__ = ["INVARIANTS", "Finding", "Invariant", "prove", "snapshot"]
