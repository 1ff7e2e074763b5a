"""Which tables are kept, and what of them.

The triggers in `migrations/` say the same to PostgreSQL; a test compares. What devices and drivers write all day is
not among them, nor what is kept where it is done: the rules of tariffs, plates and stays corrected by people, passes,
bookings, waivers, refunds and counts of tills have histories of their own.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeptTable:
    """A table: how PostgreSQL finds its operator (`belongs`), the column with its name, and its columns.

    Of `masked` ones only the end is told, of `hosts` only the host, and of `hidden` ones only that they changed.
    Of `told_by_digest` ones the SHA-256 is kept, as another history has them whole. `left` ones are not kept: what
    people write freely and where they live is sealed or goes with its clock, and is not to outlast that here.
    """

    table: str
    belongs: str
    told: tuple[str, ...]
    masked: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    told_by_digest: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    named_by: str = ""
    when: tuple[str, str, str] = ("true", "true", "true")
    """The condition of its triggers for added, changed and removed rows; empty: there is none."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that are kept in some way."""
        return self.told + self.masked + self.hosts + self.hidden + self.told_by_digest


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


KEPT_TABLES = (
    KeptTable(
        "accounts_operator",
        "self",
        told=_words(
            "slug name currency waiver_limit waiver_day_limit refund_limit legal_name tax_id timezone"
            " till_tolerance debt_reminder_fee debt_fee_cap debt_consequence address"
        ),
        left=("id", "created_at"),
        named_by="name",
    ),
    KeptTable("accounts_operatorlogo", "operator", told=("media_type",), hidden=("image",), left=("operator_id",)),
    KeptTable(
        "accounts_membership",
        "operator",
        told=("user_id", "role", "merchant_id", "lot_ids"),
        left=("id", "operator_id", "since"),
    ),
    KeptTable(
        "accounts_invitation",
        "operator",
        told=("role", "merchant_id", "lot_ids", "accepted_at", "withdrawn_at"),
        masked=("email",),
        left=_words("id operator_id nonce invited_by_id invited_at expires_at"),
    ),
    KeptTable(
        "accounts_user",
        "person",
        told=_words("is_superuser is_staff is_active deleted_at"),
        masked=("email",),
        hidden=("password",),
        left=_words("id last_login name phone address postal_code locale timezone joined_at program_of_id"),
        when=("NEW.is_staff OR NEW.is_superuser", "NEW.program_of_id IS NULL", "OLD.program_of_id IS NULL"),
    ),
    KeptTable("accounts_user_groups", "person", told=("group_id",), left=("id", "user_id")),
    KeptTable("accounts_user_user_permissions", "person", told=("permission_id",), left=("id", "user_id")),
    KeptTable(
        "account_emailaddress",
        "person",
        told=("verified", "primary"),
        masked=("email",),
        left=("id", "user_id"),
    ),
    KeptTable(
        "mfa_authenticator",
        "person",
        told=("type",),
        left=_words("id user_id data created_at last_used_at"),
        when=("true", "", "true"),
    ),
    KeptTable(
        "accounts_apikey",
        "operator",
        told=_words("name scopes lot_ids old_ends_at ends_at withdrawn_at"),
        hidden=("key_hash", "old_hash"),
        left=_words("id operator_id acts_as_id public_id made_by_id made_at rolled_at last_used_at withdrawn_by_id"),
        named_by="name",
    ),
    KeptTable(
        "events_webhook",
        "operator",
        told=_words("name types lots state old_secret_until disabled_at"),
        hosts=("url",),
        left=_words("id operator_id after secret old_secret failing_since created_at created_by_id idempotency_key"),
        named_by="name",
    ),
    KeptTable(
        "accounts_permit",
        "operator",
        told=("kind", "valid_from", "valid_until"),
        masked=("plate", "number"),
        left=("id", "operator_id", "plate_normalised"),
        named_by="plate",
    ),
    KeptTable(
        "accounts_blockedplate",
        "operator",
        told=("region", "last_day", "lot_ids", "lifted_at"),
        masked=("plate",),
        left=_words("id operator_id reason plate_normalised blocked_at blocked_by_id for_debts"),
        named_by="plate",
        when=("NOT NEW.for_debts", "NOT NEW.for_debts", "NOT OLD.for_debts"),
    ),
    KeptTable(
        "lots_lot",
        "own_lot",
        told=_words(
            "slug name address postal_code city latitude longitude timezone currency language second_language holidays"
            " opening_hours amenities max_height_cm tracking allocation is_closed published archived_at low_confidence"
            " confidence_threshold dedupe_seconds passing_seconds oldest_record_days lane_fee_limit plates_by_region"
            " cash_rounding early_minutes protect_minutes reentry_minutes hold_minutes turnaround_minutes"
            " no_show_minutes cancel_minutes early_grace_minutes late_grace_minutes bookable asks_phone"
            " booking_share_percent prepay late_cancel_percent no_show_percent counts_reset_hour kept_days"
        ),
        left=("id", "operator_id", "created_at", "search_text"),
        named_by="name",
    ),
    KeptTable("lots_level", "lot", told=("number", "name"), left=("id", "lot_id"), named_by="name"),
    KeptTable(
        "lots_zone",
        "level",
        told=_words("name spot_type prefix start step count distance elevator_distance ordinal left top angle"),
        left=("id", "level_id"),
        named_by="name",
    ),
    KeptTable(
        "lots_gate",
        "lot",
        told=_words("code name direction level confirms_passage is_closed"),
        left=_words("id lot_id held_open_since held_open_by_id held_open_why closed_by_id closed_why"),
        named_by="code",
    ),
    KeptTable(
        "devices_device",
        "lot",
        told=_words("kind name gate_id revoked_at"),
        hidden=("key_hash",),
        left=_words("id lot_id key_prefix issued_at"),
        named_by="name",
    ),
    KeptTable(
        "billing_tariff",
        "lot",
        told=_words("name valid_from valid_until superseded_at"),
        told_by_digest=("rules",),
        left=_words("id lot_id revision created_at"),
        named_by="name",
    ),
    KeptTable(
        "billing_promocode",
        "operator",
        told=_words("shown discount valid_from valid_until max_uses max_uses_per_person stackable ended_at"),
        left=_words("id operator_id code created_at"),
        named_by="shown",
    ),
    KeptTable("billing_promocode_lots", "lot", told=("promocode_id",), left=("id", "lot_id")),
    KeptTable(
        "billing_refundrequest",
        "payment",
        told=_words("amount reason goodwill state decision_note"),
        left=_words("id payment_id idempotency_key requested_by_id requested_at decided_by_id decided_at refund_id"),
    ),
    KeptTable(
        "accounts_merchant",
        "operator",
        told=_words("name legal_name country tax_id ended_at"),
        masked=("email",),
        left=("id", "operator_id", "address", "created_at"),
        named_by="name",
    ),
    KeptTable("merchants_merchantlot", "lot", told=("merchant_id",), left=("id", "lot_id")),
    KeptTable(
        "merchants_validationtype",
        "merchant",
        told=_words(
            "name discount max_per_stay max_per_plate stackable budget_kind budget_limit share_percent by_code ended_at"
        ),
        left=("id", "merchant_id", "created_at"),
        named_by="name",
    ),
    KeptTable(
        "merchants_validationbudget",
        "validation_type",
        told=("limit",),
        left=("id", "type_id", "month", "used"),
        when=("", "true", "true"),
    ),
    KeptTable(
        "passes_passoffer",
        "operator",
        told=_words(
            "kind price_amount tax_percent period_months period_days days opens_minute closes_minute spot_types"
            " most_plates spaces entries per_day renewal grace_days swaps_per_month pool_full cancel_fee_amount"
            " name terms online archived_at"
        ),
        left=("id", "operator_id", "created_at"),
        named_by="name",
    ),
    KeptTable("passes_passoffer_lots", "lot", told=("passoffer_id",), left=("id", "lot_id")),
    KeptTable(
        "passes_company",
        "operator",
        told=_words("name tax_id archived_at"),
        masked=("email",),
        left=("id", "operator_id", "address", "created_at"),
        named_by="name",
    ),
    KeptTable("passes_companymanager", "company", told=("user_id",), left=_words("id company_id added_at added_by_id")),
    KeptTable(
        "reservations_blackout",
        "lot",
        told=_words("level_id spot_type bays places starts_at ends_at reason lifted_at"),
        left=_words("id lot_id first_place made_by_id made_at lifted_by_id"),
    ),
)

KEPT_BY_NAME = {subject.table: subject for subject in KEPT_TABLES}
