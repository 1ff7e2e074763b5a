"""What kept tables and their columns are called on pages."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from office.lots.lot_form import LotForm

Words = Mapping[str, str | Promise]

TABLE_WORDS: Words = {
    "accounts_operator": _("Operator"),
    "accounts_operatorlogo": _("Logo"),
    "accounts_membership": _("Role"),
    "accounts_invitation": _("Invitation"),
    "accounts_user": _("Account"),
    "accounts_user_groups": _("Group of the back office"),
    "accounts_user_user_permissions": _("Right in the back office"),
    "account_emailaddress": _("Email address"),
    "mfa_authenticator": _("Second factor"),
    "accounts_apikey": _("API key"),
    "events_webhook": _("Webhook"),
    "accounts_permit": _("Permit"),
    "accounts_blockedplate": _("Blocked plate"),
    "lots_lot": _("Lot"),
    "lots_level": _("Level"),
    "lots_zone": _("Zone"),
    "lots_gate": _("Gate"),
    "devices_device": _("Device"),
    "billing_tariff": _("Tariff"),
    "billing_promocode": _("Promo code"),
    "billing_promocode_lots": _("Lot of a promo code"),
    "billing_refundrequest": _("Refund request"),
    "accounts_merchant": _("Merchant"),
    "merchants_merchantlot": _("Lot of a merchant"),
    "merchants_validationtype": _("Validation"),
    "merchants_validationbudget": _("Budget of a month"),
    "passes_passoffer": _("Pass on sale"),
    "passes_passoffer_lots": _("Lot of a pass"),
    "passes_company": _("Company"),
    "passes_companymanager": _("Company’s manager"),
    "reservations_blackout": _("Closed places"),
}

KINDS: Mapping[str, tuple[str | Promise, tuple[str, ...]]] = {
    "places": (_("Lots and places"), ("lots_lot", "lots_level", "lots_zone", "reservations_blackout")),
    "gates": (_("Gates and devices"), ("lots_gate", "devices_device")),
    "prices": (_("Tariffs and passes"), ("billing_tariff", "passes_passoffer", "passes_passoffer_lots")),
    "discounts": (
        _("Discounts"),
        (
            *("billing_promocode", "billing_promocode_lots", "accounts_merchant", "merchants_merchantlot"),
            *("merchants_validationtype", "merchants_validationbudget"),
        ),
    ),
    "money": (_("Refunds and limits"), ("billing_refundrequest", "accounts_operator", "accounts_operatorlogo")),
    "people": (
        _("People and roles"),
        (
            *("accounts_membership", "accounts_invitation", "accounts_user", "accounts_user_groups"),
            *("accounts_user_user_permissions", "account_emailaddress", "mfa_authenticator"),
            *("passes_company", "passes_companymanager"),
        ),
    ),
    "plates": (_("Permits and blocked plates"), ("accounts_permit", "accounts_blockedplate")),
    "programs": (_("Keys and webhooks"), ("accounts_apikey", "events_webhook")),
}

_ANY: Words = {
    "name": _("Name"),
    "legal_name": _("Legal name"),
    "tax_id": _("Tax number"),
    "address": _("Address"),
    "email": _("Email"),
    "role": _("Role"),
    "user_id": _("Person"),
    "merchant_id": _("Merchant"),
    "level_id": _("Level"),
    "gate_id": _("Gate"),
    "group_id": _("Group"),
    "permission_id": _("Right"),
    "promocode_id": _("Promo code"),
    "passoffer_id": _("Pass"),
    "plate": _("Plate"),
    "region": _("Region"),
    "valid_from": _("First day"),
    "valid_until": _("Last day"),
    "last_day": _("Last day"),
    "ended_at": _("Ended"),
    "ends_at": _("Ends"),
    "starts_at": _("Starts"),
    "withdrawn_at": _("Withdrawn"),
    "archived_at": _("Archived"),
    "lifted_at": _("Lifted"),
    "discount": _("Gives"),
    "stackable": _("Can be combined with other discounts"),
    "spot_type": _("Kind of spots"),
    "kind": _("Kind"),
    "type": _("Kind"),
    "state": _("State"),
    "reason": _("Reason"),
    "number": _("Number"),
    "lot_ids": _("Lots"),
}

_OF_TABLES: Mapping[str, Words] = {
    "accounts_operator": {
        "slug": _("Short name"),
        "currency": _("Currency"),
        "waiver_limit": _("Largest waiver"),
        "waiver_day_limit": _("Waivers per day and attendant"),
        "refund_limit": _("Largest refund without a second person"),
        "timezone": _("Timezone"),
        "till_tolerance": _("Difference in a till that needs no reason"),
        "debt_reminder_fee": _("Fee for a reminder"),
        "debt_fee_cap": _("Reminder fees at most"),
        "debt_consequence": _("What follows unpaid debts"),
    },
    "accounts_operatorlogo": {"image": _("Picture"), "media_type": _("File type")},
    "accounts_invitation": {"accepted_at": _("Accepted")},
    "accounts_user": {
        "is_superuser": _("May do everything in the back office"),
        "is_staff": _("Enters the back office"),
        "is_active": _("Can sign in"),
        "deleted_at": _("Deleted"),
        "password": _("Password"),
    },
    "account_emailaddress": {"verified": _("Verified"), "primary": _("The account’s address")},
    "accounts_apikey": {
        "scopes": _("What it may do"),
        "old_ends_at": _("Earlier key works until"),
        "key_hash": _("Key"),
        "old_hash": _("Earlier key"),
    },
    "events_webhook": {
        "url": _("Address"),
        "types": _("Events"),
        "lots": _("Lots"),
        "old_secret_until": _("Earlier secret signs until"),
        "disabled_at": _("Switched off"),
    },
    "lots_lot": {
        **LotForm.Meta.labels,
        "timezone": _("Timezone"),
        "latitude": _("Latitude"),
        "longitude": _("Longitude"),
        "amenities": _("Amenities"),
        "opening_hours": _("Opening hours"),
        "holidays": _("Holidays"),
        "lane_fee_limit": _("Largest fee shown at a lane"),
        "is_closed": _("Closed by hand"),
        "published": _("Shown to drivers"),
        "booking_share_percent": _("Percent of spots that can be booked"),
        "kept_days": _("For how many days data is kept"),
    },
    "lots_zone": {
        "prefix": _("Prefix"),
        "start": _("First number"),
        "step": _("Numbers rise by"),
        "left": _("From the left (dm)"),
        "top": _("From the top (dm)"),
        "angle": _("Angle"),
        "count": _("Spots"),
        "distance": _("Metres to the entrance"),
        "elevator_distance": _("Metres to the lift"),
        "ordinal": _("Order"),
    },
    "lots_gate": {
        "code": _("Code"),
        "direction": _("Direction"),
        "level": _("Level"),
        "confirms_passage": _("Confirms each passage"),
        "is_closed": _("Closed"),
    },
    "devices_device": {"revoked_at": _("Key ended"), "key_hash": _("Key")},
    "billing_tariff": {"superseded_at": _("Followed by another version"), "rules": _("Prices and rules")},
    "billing_promocode": {
        "shown": _("Code"),
        "max_uses": _("Uses in all"),
        "max_uses_per_person": _("Uses per person"),
    },
    "billing_refundrequest": {
        "amount": _("Amount"),
        "goodwill": _("Goodwill"),
        "decision_note": _("Note of who decided"),
    },
    "accounts_merchant": {"country": _("Country")},
    "merchants_validationtype": {
        "max_per_stay": _("Times per stay"),
        "max_per_plate": _("Times per car and month"),
        "budget_kind": _("Monthly budget"),
        "budget_limit": _("How much"),
        "share_percent": _("Merchant pays (percent)"),
        "by_code": _("Customers may take it with the shop’s code of the day"),
    },
    "merchants_validationbudget": {"limit": _("How much")},
    "passes_passoffer": {
        "price_amount": _("Price of a period, tax included"),
        "tax_percent": _("Tax, in percent"),
        "period_months": _("Months of a period"),
        "period_days": _("Days of a period"),
        "days": _("Days"),
        "opens_minute": _("From"),
        "closes_minute": _("Until"),
        "spot_types": _("Kinds of spots"),
        "most_plates": _("Plates at most"),
        "spaces": _("Cars inside at once"),
        "entries": _("Entries in a period"),
        "per_day": _("Each day of a stay takes an entry"),
        "renewal": _("After the last day"),
        "grace_days": _("Days of grace when it is not paid"),
        "swaps_per_month": _("Plates that its holder may swap in a month"),
        "pool_full": _("When one more car comes"),
        "cancel_fee_amount": _("Fee for cancelling"),
        "terms": _("Terms"),
        "online": _("Sold online"),
    },
    "reservations_blackout": {"bays": _("Spots"), "places": _("Places")},
}


def table_words(table: str) -> str:
    """Return what a row of a table is called."""
    return str(TABLE_WORDS.get(table, table))


def column_words(table: str, column: str) -> str:
    """Return what a column is called."""
    return str(_OF_TABLES.get(table, {}).get(column) or _ANY.get(column, column))
