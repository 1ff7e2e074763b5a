"""The operator's menu."""

from django.utils.translation import gettext_lazy as _

from common.web.menu import MenuEntry

PEOPLE_PAGES = frozenset(
    {
        *("office:waivers", "office:debts", "office:debt", "office:blocked", "office:permits"),
        *("office:shifts", "office:shift"),
    }
)
OFFICE_MENU = (
    MenuEntry(_("Overview"), "office:home"),
    MenuEntry(_("Lots"), "office:lots"),
    MenuEntry(_("Tariffs"), "office:tariffs"),
    MenuEntry(_("Gates"), "office:gates"),
    MenuEntry(_("People"), "office:people", PEOPLE_PAGES),
)
