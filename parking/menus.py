"""The context of every page: the menu for the person's role, the theme, and the languages to choose from."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.languages import LANGUAGES
from common.web.menu import MenuEntry, menu_items
from common.web.theme import chosen_theme
from desk.menu import DESK_MENU
from driver.menu import DRIVER_MENU, FIND, VISITOR_MENU
from office.menu import BOOKINGS, DOCUMENTS, OFFICE_MENU, PASSES
from shop.menu import SHOP_MENU

MENUS: dict[str, tuple[MenuEntry, ...]] = {
    "anonymous": VISITOR_MENU,
    "driver": DRIVER_MENU,
    "attendant": (*DESK_MENU, BOOKINGS, PASSES, DOCUMENTS, replace(FIND, label=_("Lots"))),
    "admin": (*OFFICE_MENU, *DESK_MENU),
    "validator": SHOP_MENU,
}


def site(request: HttpRequest) -> dict[str, Any]:
    """Add `theme` (empty for the system's), `menu_role`, `menu` and `languages` (for strangers) to templates."""
    user = getattr(request, "user", None)
    role = user.menu_role if isinstance(user, User) else "anonymous"
    languages = LANGUAGES.items() if role == "anonymous" else ()
    menu = menu_items(MENUS[role], request)
    return {"theme": chosen_theme(request), "menu_role": role, "menu": menu, "languages": languages}
