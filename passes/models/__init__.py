"""Passes: what is sold, who has which, for which plates, and what it has cost."""

from passes.models.companies import Company, CompanyManager
from passes.models.held import Pass, PassChange, PassQuerySet, PassStatus
from passes.models.imports import PassImport
from passes.models.offers import PassOffer
from passes.models.periods import PassPeriod
from passes.models.plates import PassPlate, PassPlateQuerySet, PassUse

__all__ = [
    "Company",
    "CompanyManager",
    "Pass",
    "PassChange",
    "PassImport",
    "PassOffer",
    "PassPeriod",
    "PassPlate",
    "PassPlateQuerySet",
    "PassQuerySet",
    "PassStatus",
    "PassUse",
]
