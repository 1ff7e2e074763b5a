"""What every page knows: the theme chosen, and the menu of who looks at it."""

from typing import Any

from django.http import HttpRequest

from common.menu import Role, menu_for
from common.theme import chosen_theme


def site(request: HttpRequest) -> dict[str, Any]:
    """Give templates `theme` (empty for the system's), `menu_role` and `menu`."""
    role = _role(request)
    return {"theme": chosen_theme(request), "menu_role": role, "menu": menu_for(role, request.path)}


def _role(request: HttpRequest) -> Role:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return "anonymous"
    # Accounts decides on roles; this layer may not import it and asks the user alone.
    role: Role = getattr(user, "menu_role", "driver")
    return role
