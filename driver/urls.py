"""Routes of the pages for drivers and visitors."""

from django.urls import path

from billing.documents.document_links import DOCUMENT_FOLDER
from driver import board, lot_pages, me, own_documents, pay
from tickets.numbers import FOLDER, PAYING_FOLDER

app_name = "driver"
urlpatterns = [
    path("", lot_pages.find, name="find"),
    path("lots/<slug:slug>/", lot_pages.lot_page, name="lot"),
    path("board/<slug:slug>/", board.board, name="board"),
    path("pay/", pay.find_stay, name="pay"),
    path(f"{PAYING_FOLDER}<str:reference>/", pay.pay_stay, name="pay_ticket"),
    path("pay/<str:reference>/receipt/", pay.receipt, name="receipt"),
    path(f"{FOLDER}<str:token>", pay.ticket_link, name="ticket_link"),
    path(f"{DOCUMENT_FOLDER}<str:token>/", own_documents.document, name="document"),
    path(f"{DOCUMENT_FOLDER}<str:token>/pdf/", own_documents.document_pdf, name="document_pdf"),
    path("me/documents/", own_documents.own_documents, name="documents"),
    path("me/", me.driver_home, name="me"),
    path("me/stays/", me.add_stay, name="add_stay"),
    path("me/vehicles/", me.vehicles, name="vehicles"),
    path("me/vehicles/<int:vehicle_id>/", me.vehicle, name="vehicle"),
    path("me/vehicles/<int:vehicle_id>/remove/", me.remove, name="remove_vehicle"),
]
