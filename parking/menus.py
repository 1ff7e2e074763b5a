"""The context of every page: the menu for the person's role, the theme, and the languages to choose from."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from common.languages import LANGUAGES
from common.web.menu import MenuEntry, menu_items
from common.web.theme import chosen_theme
from desk.menu import DESK_MENU
from driver.menu import DRIVER_MENU, FIND, VISITOR_MENU
from manual.pages_of_chapters import help_path
from office.menu import BOOKINGS, DOCUMENTS, GATES, LOTS_MENU, OFFICE_MENU, PASSES
from shop.menu import SHOP_MENU

APPLICATIONS = MenuEntry(_("Applications"), "entrance:applications", frozenset({"entrance:application"}))
"""For superusers, where companies may apply as operators."""
MENUS: dict[str, tuple[MenuEntry, ...]] = {
    "anonymous": VISITOR_MENU,
    "driver": DRIVER_MENU,
    "attendant": (*DESK_MENU, BOOKINGS, PASSES, DOCUMENTS, replace(FIND, label=_("Lots"))),
    "guard": (GATES, replace(FIND, label=_("Lots"))),
    "admin": (*OFFICE_MENU, *DESK_MENU),
    "validator": SHOP_MENU,
}
OF_LOTS = (*LOTS_MENU, *DESK_MENU)
"""The menu of an admin of some lots alone."""


def site(request: HttpRequest) -> dict[str, Any]:
    """Add to templates: `theme` (empty for the system's), menu, `help_path`; for strangers `languages`, `may_apply`."""
    user = getattr(request, "user", None)
    role = user.menu_role if isinstance(user, User) else "anonymous"
    languages = LANGUAGES.items() if role == "anonymous" else ()
    is_of_lots = role == Role.ADMIN and isinstance(user, User) and user.is_limited_to_lots
    may_apply: bool = settings.OPERATORS_MAY_APPLY
    own = (APPLICATIONS,) if may_apply and getattr(user, "is_superuser", False) else ()
    menu = menu_items((*(OF_LOTS if is_of_lots else MENUS[role]), *own), request)
    match = request.resolver_match
    return {
        "theme": chosen_theme(request),
        "menu_role": role,
        "menu": menu,
        "help_path": help_path(match.view_name if match else ""),
        "languages": languages,
        "may_apply": may_apply and role == "anonymous",
    }
