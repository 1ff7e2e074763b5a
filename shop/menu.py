"""The menu of the people of merchants."""

from django.utils.translation import gettext_lazy as _

from common.web.menu import MenuEntry

SHOP_MENU = (
    MenuEntry(_("Validate"), "shop:validate", frozenset({"shop:code"})),
    MenuEntry(_("This month"), "shop:month"),
)
