"""The operator's menu."""

from common.web.menu import MenuEntry

PEOPLE_PAGES = frozenset({"office:debts", "office:debt", "office:blocked", "office:permits"})
OFFICE_MENU = (
    MenuEntry("Overview", "office:home"),
    MenuEntry("Lots", "office:lots"),
    MenuEntry("Tariffs", "office:tariffs"),
    MenuEntry("Gates", "office:gates"),
    MenuEntry("People", "office:people", PEOPLE_PAGES),
)
