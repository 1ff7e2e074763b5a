"""Routes of the pages of API keys, under /manage/keys/."""

from django.urls import path

from office.keys import api_key_pages

urlpatterns = [
    path("", api_key_pages.key_list, name="keys"),
    path("new/", api_key_pages.key_new, name="new_key"),
    path("<int:pk>/", api_key_pages.key_page, name="key"),
    path("<int:pk>/roll/", api_key_pages.key_rolling, name="key_rolling"),
    path("<int:pk>/withdraw/", api_key_pages.key_withdrawal, name="key_withdrawal"),
]
