"""Routes of the pages for drivers and visitors."""

from django.urls import path

from driver import board, cards, lot_pages, me, pay, simulated_bank
from tickets.numbers import FOLDER, PAYING_FOLDER

app_name = "driver"
urlpatterns = [
    path("", lot_pages.find, name="find"),
    path("lots/<slug:slug>/", lot_pages.lot_page, name="lot"),
    path("board/<slug:slug>/", board.board, name="board"),
    path("pay/", pay.find_stay, name="pay"),
    path(f"{PAYING_FOLDER}<str:reference>/", pay.pay_stay, name="pay_ticket"),
    path(f"{PAYING_FOLDER}<str:reference>/back/<path:key>/", pay.pay_back, name="pay_back"),
    path("simulated-bank/<str:bank_reference>/", simulated_bank.answer, name="simulated_bank"),
    path("pay/<str:reference>/receipt/", pay.receipt, name="receipt"),
    path(f"{FOLDER}<str:token>", pay.ticket_link, name="ticket_link"),
    path("me/", me.driver_home, name="me"),
    path("me/stays/", me.add_stay, name="add_stay"),
    path("me/cards/", cards.saved_cards, name="cards"),
    path("me/cards/back/<slug:setup_reference>/", cards.card_back, name="card_back"),
    path("me/cards/<int:card_id>/remove/", cards.remove_card, name="remove_card"),
    path("me/vehicles/", me.vehicles, name="vehicles"),
    path("me/vehicles/<int:vehicle_id>/", me.vehicle, name="vehicle"),
    path("me/vehicles/<int:vehicle_id>/remove/", me.remove, name="remove_vehicle"),
]
