"""The attendant's menu."""

from common.web.menu import MenuEntry

DESK_MENU = (MenuEntry("Desk", "desk:desk"),)
