"""The operator's menu."""

from django.utils.translation import gettext_lazy as _

from common.web.menu import MenuEntry

PEOPLE_PAGES = frozenset(
    {
        *("office:waivers", "office:blocked", "office:permits", "office:member", "office:block_page"),
        *("office:new_block_import", "office:new_permit_import", "office:plate_import"),
    }
)
BOOKING_PAGES = frozenset(
    {
        *("office:bookings", "office:booking_timeline", "office:move_booking", "office:new_booking"),
        *("office:blackouts", "office:new_blackout", "office:blackout", "office:cancel_in_the_way", "office:booking"),
        *("office:change_booking", "office:cancel_booking", "office:forgive_no_show"),
    }
)
MONEY_PAGES = frozenset(
    {
        *("office:revenue_lines", "office:payments", "office:payment", "office:refunds", "office:debts", "office:debt"),
        *("office:write_off", "office:invoice_debt", "office:documents", "office:document", "office:company"),
        *("office:objections", "office:objection", "office:shifts", "office:shift", "office:reports"),
    }
)
GATES = MenuEntry(_("Gates"), "office:gates")
BOOKINGS = MenuEntry(_("Bookings"), "office:arrivals", BOOKING_PAGES)
PASSES = MenuEntry(_("Passes"), "office:passes")
DOCUMENTS = MenuEntry(_("Documents"), "office:documents", frozenset({"office:document", "office:company"}))
DISCOUNT_PAGES = frozenset(
    {
        *("office:merchant", "office:new_merchant", "office:merchant_settings", "office:new_validation_type"),
        *("office:invite_validator", "office:validation_budget", "office:promo_codes", "office:new_promo_code"),
        *("office:vouchers", "office:new_vouchers"),
    }
)
SYSTEM_PAGES = frozenset(
    {
        *("office:message", "office:message_templates", "office:message_template", "office:tasks", "office:webhooks"),
        *("office:webhook", "office:new_webhook", "office:webhook_settings", "office:webhook_secret"),
        *("office:webhook_delivery", "office:roll_webhook", "office:remove_webhook", "office:replay_webhook"),
        *("office:audit", "office:audit_entry", "entrance:applications", "entrance:application"),
        *("office:keys", "office:new_key", "office:key", "office:key_rolling", "office:key_withdrawal"),
    }
)
OFFICE_MENU = (
    MenuEntry(_("Overview"), "office:home"),
    BOOKINGS,
    PASSES,
    MenuEntry(_("Lots"), "office:lots"),
    MenuEntry(_("Tariffs"), "office:tariffs"),
    MenuEntry(_("Discounts"), "office:merchants", DISCOUNT_PAGES),
    GATES,
    MenuEntry(_("Money"), "office:revenue", MONEY_PAGES),
    MenuEntry(_("People"), "office:people", PEOPLE_PAGES),
    MenuEntry(_("System"), "office:messages", SYSTEM_PAGES),
)
WHOLE_PAGES = frozenset({"office:merchants", "office:people", "office:messages"})
"""First pages of what belongs to an operator as a whole, and to nobody who is an admin of some lots alone."""
LOTS_MENU = tuple(entry for entry in OFFICE_MENU if entry.page not in WHOLE_PAGES)
