"""Routes of the desk."""

from django.urls import path

from desk import acts, corrections, lost_tickets, mixed, refunds, together, views, vouchers
from desk.till import views as till

app_name = "desk"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("lanes/", views.lanes, name="lanes"),
    path("today/", views.today, name="today"),
    path("lost/", lost_tickets.lost, name="lost"),
    path("lost/fee/", lost_tickets.charge_lost, name="charge_lost"),
    path("in/", acts.let_in, name="let_in"),
    path("open/", acts.open_gate, name="open_gate"),
    path("hold/", acts.hold_gate, name="hold_gate"),
    path("hold/end/", acts.end_hold, name="end_hold"),
    path("shift/", till.shift, name="shift"),
    path("shift/open/", till.open_own, name="open_shift"),
    path("shift/move/", till.move, name="move_cash"),
    path("shift/begin/", till.begin, name="begin_count"),
    path("shift/count/", till.count, name="count_shift"),
    path("shift/close/", till.close, name="close_shift"),
    path("shift/<int:pk>/", till.close_out, name="shift_report"),
    path("stays/<str:number>/", views.stay, name="stay"),
    path("stays/<str:number>/slip/", views.slip, name="slip"),
    path("stays/<str:number>/cash/", acts.take_cash, name="take_cash"),
    path("stays/<str:number>/card/", acts.take_card, name="take_card"),
    path("stays/<str:number>/mixed/", mixed.take_mixed, name="take_mixed"),
    path("stays/<str:number>/voucher/", vouchers.use_voucher, name="use_voucher"),
    path("stays/<str:number>/debt/cash/", acts.take_debt_cash, name="take_debt_cash"),
    path("stays/<str:number>/debt/card/", acts.take_debt_card, name="take_debt_card"),
    path("stays/<str:number>/back/", acts.take_back, name="take_back"),
    path("stays/<str:number>/end/", acts.end_stay, name="end_stay"),
    path("stays/<str:number>/out/", acts.let_out, name="let_out"),
    path("stays/<str:number>/plate/", corrections.correct_plate, name="correct_plate"),
    path("stays/<str:number>/refund/", refunds.refund, name="refund"),
    path("stays/<str:number>/refund/paid-out/", refunds.hand_over, name="hand_over"),
    path("stays/<str:number>/together/", together.together, name="together"),
    path("stays/<str:number>/undo/", corrections.undo, name="undo"),
]
