"""Stays: tickets and their history."""

from tickets.models.comparison import TariffComparison
from tickets.models.stay import (
    OPEN,
    ProofKind,
    StayProof,
    Ticket,
    TicketQuerySet,
    TicketStatus,
    proven_halves,
)
from tickets.models.traces import PlateCorrection, StayAct, StayActKind, TicketChange

__all__ = [
    "OPEN",
    "PlateCorrection",
    "ProofKind",
    "StayAct",
    "StayActKind",
    "StayProof",
    "TariffComparison",
    "Ticket",
    "TicketChange",
    "TicketQuerySet",
    "TicketStatus",
    "proven_halves",
]
