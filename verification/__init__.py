"""Checks of the invariants on live data, each one query, all on one snapshot."""

from verification.proof import Invariant, Proof, prove, snapshot
from verification.register import INVARIANTS

__all__ = ["INVARIANTS", "Invariant", "Proof", "prove", "snapshot"]
