"""The menus of drivers and visitors."""

from django.utils.translation import gettext_lazy as _

from common.web.menu import MenuEntry

FIND = MenuEntry(_("Find parking"), "driver:find", frozenset({"driver:lot", "driver:board"}))
PAY = MenuEntry(_("Pay"), "driver:pay")
VISITOR_MENU = (FIND, PAY)
DRIVER_MENU = (MenuEntry(_("My parking"), "driver:me"), FIND, PAY)
