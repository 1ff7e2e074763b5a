"""The attendant's menu."""

from django.utils.translation import gettext_lazy as _

from common.web.menu import MenuEntry

DESK_MENU = (MenuEntry(_("Desk"), "desk:desk"),)
