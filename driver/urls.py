"""Routes of the pages for drivers and visitors."""

from django.urls import path

from billing.documents.document_links import DOCUMENT_FOLDER
from billing.objecting import AGREEMENTS_FOLDER
from billing.objecting import FOLDER as OBJECTION_FOLDER
from billing.providers.protocol import FORM
from driver import (
    account_pages,
    automatic_pages,
    board,
    book_page,
    booking_acts,
    booking_page,
    card_form,
    cards,
    find_page,
    lot_pages,
    me,
    not_parked,
    own_debts,
    own_documents,
    own_history,
    own_messages,
    own_place,
    pay,
    simulated_bank,
)
from notifications.unsubscribing import CHOICES_FOLDER
from notifications.unsubscribing import FOLDER as UNSUBSCRIBE_FOLDER
from reservations.booking_links import BOOKINGS_FOLDER, CONFIRM_FOLDER
from tickets.numbers import FOLDER, PAYING_FOLDER

app_name = "driver"
urlpatterns = [
    path("", find_page.find_lots, name="find"),
    path("map/", find_page.map_pins, name="map_pins"),
    path("lots/<slug:slug>/", lot_pages.lot_page, name="lot"),
    path("book/<slug:slug>/", book_page.book_page, name="book"),
    path(BOOKINGS_FOLDER, booking_page.find_booking_page, name="bookings"),
    path(f"{BOOKINGS_FOLDER}back/<str:key>/{FORM}", card_form.card_form, name="booked_form"),
    path(f"{BOOKINGS_FOLDER}back/<str:key>/", book_page.booked_back, name="booked_back"),
    path(f"{CONFIRM_FOLDER}<str:signed>/", booking_page.confirm_booking, name="confirm_booking"),
    path(f"{BOOKINGS_FOLDER}<str:reference>/", booking_page.booking_page, name="booking"),
    path(f"{BOOKINGS_FOLDER}<str:reference>/calendar/", booking_page.calendar, name="booking_calendar"),
    path(f"{BOOKINGS_FOLDER}<str:reference>/change/", booking_acts.change_page, name="change_booking"),
    path(f"{BOOKINGS_FOLDER}<str:reference>/changed/{FORM}", card_form.card_form, name="changed_form"),
    path(f"{BOOKINGS_FOLDER}<str:reference>/changed/", booking_acts.changed_back, name="changed_back"),
    path(f"{BOOKINGS_FOLDER}<str:reference>/cancel/", booking_acts.cancel_page, name="cancel_booking"),
    path(f"{BOOKINGS_FOLDER}<str:reference>/not-parked/", not_parked.not_parked, name="not_parked"),
    path(f"{BOOKINGS_FOLDER}<str:reference>/release/", booking_acts.release, name="release_booking"),
    path("board/<slug:slug>/", board.board, name="board"),
    path("pay/", pay.find_stay, name="pay"),
    path(f"{PAYING_FOLDER}<str:reference>/", pay.pay_stay, name="pay_ticket"),
    path(f"{PAYING_FOLDER}<str:reference>/back/<path:key>/{FORM}", card_form.card_form, name="pay_form"),
    path(f"{PAYING_FOLDER}<str:reference>/back/<path:key>/", pay.pay_back, name="pay_back"),
    path("simulated-bank/<str:bank_reference>/", simulated_bank.answer, name="simulated_bank"),
    path("pay/<str:reference>/receipt/", pay.receipt, name="receipt"),
    path("pay/<str:reference>/appeal/", own_debts.appeal, name="appeal"),
    path(f"{FOLDER}<str:token>", pay.ticket_link, name="ticket_link"),
    path(f"{DOCUMENT_FOLDER}<str:token>/", own_documents.document, name="document"),
    path(f"{DOCUMENT_FOLDER}<str:token>/pdf/", own_documents.document_pdf, name="document_pdf"),
    path("me/documents/", own_documents.own_documents, name="documents"),
    path("me/", me.driver_home, name="me"),
    path("me/account/", account_pages.account, name="account"),
    path("me/account/data/", account_pages.account_data, name="account_data"),
    path("me/account/delete/", account_pages.account_deletion, name="delete_account"),
    path("me/bookings/", me.own_bookings_page, name="own_bookings"),
    path("me/stays/", me.add_stay, name="add_stay"),
    path("me/stays/<str:number>/plan/", own_place.own_place, name="own_place"),
    path("me/history/", own_history.history, name="history"),
    path("me/spending/", own_history.spending, name="spending"),
    path("me/cards/", cards.saved_cards, name="cards"),
    path(f"me/cards/back/<slug:setup_reference>/{FORM}", card_form.card_form, name="save_form"),
    path("me/cards/back/<slug:setup_reference>/", cards.card_back, name="card_back"),
    path("me/cards/<int:card_id>/remove/", cards.remove_card, name="remove_card"),
    path(CHOICES_FOLDER, own_messages.own_messages, name="own_messages"),
    path(f"{CHOICES_FOLDER}reachable/", own_messages.address_works, name="address_works"),
    path(f"{UNSUBSCRIBE_FOLDER}<str:signed>/", own_messages.unsubscribe, name="unsubscribe"),
    path("me/vehicles/", me.vehicles, name="vehicles"),
    path("me/vehicles/<int:vehicle_id>/", me.vehicle, name="vehicle"),
    path("me/vehicles/<int:vehicle_id>/remove/", me.remove, name="remove_vehicle"),
    path(AGREEMENTS_FOLDER, automatic_pages.automatic, name="automatic"),
    path(f"{AGREEMENTS_FOLDER}<int:vehicle_id>/", automatic_pages.automatic_vehicle, name="automatic_vehicle"),
    path(f"{AGREEMENTS_FOLDER}<int:vehicle_id>/stop/", automatic_pages.stop_automatic, name="stop_automatic"),
    path(f"{OBJECTION_FOLDER}<str:token>/", automatic_pages.not_me, name="not_me"),
]
