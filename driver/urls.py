"""Routes of the pages for drivers and visitors."""

from django.urls import path

from driver import board, lots, me, pay

app_name = "driver"
urlpatterns = [
    path("", lots.find, name="find"),
    path("lots/<slug:slug>/", lots.lot_page, name="lot"),
    path("board/<slug:slug>/", board.board, name="board"),
    path("pay/", pay.find_stay, name="pay"),
    path("pay/<str:reference>/", pay.pay_stay, name="pay_ticket"),
    path("pay/<str:reference>/receipt/", pay.receipt, name="receipt"),
    path("t/<str:token>", pay.ticket_link, name="ticket_link"),
    path("me/", me.driver_home, name="me"),
    path("me/stays/", me.add_stay, name="add_stay"),
    path("me/vehicles/", me.vehicles, name="vehicles"),
    path("me/vehicles/<int:vehicle_id>/", me.vehicle, name="vehicle"),
    path("me/vehicles/<int:vehicle_id>/remove/", me.remove, name="remove_vehicle"),
]
