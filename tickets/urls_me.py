"""The driver's own pages."""

from django.urls import path

from tickets import views_me

urlpatterns = [
    path("me/", views_me.driver_home, name="me"),
    path("me/stays/", views_me.add_stay, name="add_my_stay"),
    path("me/vehicles/", views_me.vehicles, name="my_vehicles"),
    path("me/vehicles/<int:vehicle_id>/", views_me.vehicle, name="my_vehicle"),
    path("me/vehicles/<int:vehicle_id>/remove/", views_me.remove, name="remove_my_vehicle"),
]
