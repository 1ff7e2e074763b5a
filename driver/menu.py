"""The menus of drivers and of those who are not signed in."""

from common.web.menu import MenuEntry

FIND = MenuEntry("Find parking", "driver:find", frozenset({"driver:lot", "driver:board"}))
PAY = MenuEntry("Pay", "driver:pay")
VISITOR_MENU = (FIND, PAY)
DRIVER_MENU = (MenuEntry("My parking", "driver:me"), FIND, PAY)
