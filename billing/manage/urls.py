"""Routes of the pages of tariffs, under /manage/tariffs/."""

from django.urls import path

from billing.manage import views

urlpatterns = [
    path("", views.tariff_list, name="manage_tariffs"),
    path("new/", views.tariff_new, name="manage_tariff_new"),
    path("<int:pk>/", views.tariff_page, name="manage_tariff"),
    path("<int:pk>/withdraw/", views.tariff_withdrawal, name="manage_tariff_withdrawal"),
]
