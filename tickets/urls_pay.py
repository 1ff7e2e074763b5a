"""The pages on which anyone pays for a stay."""

from django.urls import path

from tickets import views_pay

urlpatterns = [
    path("pay/", views_pay.find_stay, name="pay"),
    path("pay/<str:reference>/", views_pay.pay_stay, name="pay_ticket"),
    path("pay/<str:reference>/receipt/", views_pay.receipt, name="pay_receipt"),
    path("t/<str:token>", views_pay.ticket_link, name="ticket_link"),
]
