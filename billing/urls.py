"""Routes of the pages that show lots with their prices."""

from django.urls import path

from billing import views_lots

urlpatterns = [
    path("", views_lots.find, name="find"),
    path("lots/<slug:slug>/", views_lots.lot_page, name="lot"),
]
