"""Every write of a pass.

Locks are taken in this order: the lots of the pass in rising order, the pass, then its charges.
"""

from passes.services.buying import (
    buy_pass,
    conclude_purchase,
    lapse_unpaid,
    return_from_pass_page,
    waiting_page,
)
from passes.services.cancelling import Unused, cancel_pass, unused_of
from passes.services.companies import (
    CompanyWish,
    add_manager,
    archive_company,
    change_company,
    make_company,
    remove_manager,
)
from passes.services.ending import end_passes
from passes.services.erasure import erase_holder, forget_holders, forget_removed_plates
from passes.services.granting import grant_pass
from passes.services.holding import HeldBy, person_called
from passes.services.importing import clear_imports, run_imports, start_import
from passes.services.making import PassWish
from passes.services.offering import OfferWish, archive_offer, change_offer, make_offer
from passes.services.paying import begin_paid, conclude_paid
from passes.services.plates import add_plate, remove_plate, swap_plate, swaps_left
from passes.services.reminding import remind_holders
from passes.services.renewing import bill_renewals, change_renewal, offer_renewals, pay_period
from passes.services.states import change_pass, resume_pass, suspend_pass

__all__ = [
    "CompanyWish",
    "HeldBy",
    "OfferWish",
    "PassWish",
    "Unused",
    "add_manager",
    "add_plate",
    "archive_company",
    "archive_offer",
    "begin_paid",
    "bill_renewals",
    "buy_pass",
    "cancel_pass",
    "change_company",
    "change_offer",
    "change_pass",
    "change_renewal",
    "clear_imports",
    "conclude_paid",
    "conclude_purchase",
    "end_passes",
    "erase_holder",
    "forget_holders",
    "forget_removed_plates",
    "grant_pass",
    "lapse_unpaid",
    "make_company",
    "make_offer",
    "offer_renewals",
    "pay_period",
    "person_called",
    "remind_holders",
    "remove_manager",
    "remove_plate",
    "resume_pass",
    "return_from_pass_page",
    "run_imports",
    "start_import",
    "suspend_pass",
    "swap_plate",
    "swaps_left",
    "unused_of",
    "waiting_page",
]
