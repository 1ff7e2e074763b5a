"""URLs of the tariff pages, under /manage/tariffs/."""

from django.urls import path

from office.tariffs import editing, views

urlpatterns = [
    path("", views.tariff_list, name="tariffs"),
    path("new/", editing.tariff_new, name="tariff_new"),
    path("<int:pk>/", views.tariff_page, name="tariff"),
    path("<int:pk>/edit/", editing.tariff_edit, name="tariff_edit"),
    path("<int:pk>/withdraw/", views.tariff_withdrawal, name="tariff_withdrawal"),
]
