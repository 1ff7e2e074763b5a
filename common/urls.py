"""Routes that belong to no app."""

from django.urls import path

from common.theme import set_theme

urlpatterns = [path("theme/", set_theme, name="theme")]
