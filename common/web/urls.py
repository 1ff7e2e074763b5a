"""Routes of the pages that belong to no face."""

from django.urls import path

from common.web.language import set_language
from common.web.site_addresses import favicon, robots, security_txt
from common.web.theme import set_theme

urlpatterns = [
    path("language/", set_language, name="language"),
    path("theme/", set_theme, name="theme"),
    path("favicon.ico", favicon),
    path("robots.txt", robots),
    path(".well-known/security.txt", security_txt),
]
