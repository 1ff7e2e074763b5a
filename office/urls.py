"""URLs of the office pages, all under /manage/."""

from django.urls import include, path

from office import exception_list, overview
from office.money import debts, tills, waivers
from office.people import invitation_views
from office.people import views as people
from office.stays import ending
from office.stays import views as stays

app_name = "office"
urlpatterns = [
    path("lots/", include("office.lots.urls")),
    path("tariffs/", include("office.tariffs.urls")),
    path("", include("office.gates.urls")),
    path("", overview.home, name="home"),
    path("attention/", overview.attention, name="attention"),
    path("events/", stays.events, name="events"),
    path("exceptions/", exception_list.exceptions, name="exceptions"),
    path("reviews/", stays.reviews, name="reviews"),
    path("stays/", stays.stays, name="stays"),
    path("stays/end/", ending.end_stays, name="end_stays"),
    path("stays/<str:number>/", stays.stay, name="stay"),
    path("stays/<str:number>/close/", stays.close_stay, name="close_stay"),
    path("stays/<str:number>/return/", stays.return_stay, name="return_stay"),
    path("stays/<str:number>/void/", stays.void_stay, name="void_stay"),
    path("stays/<str:number>/plate/", stays.correct_plate, name="correct_plate"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/invitations/<int:pk>/resend/", invitation_views.resend, name="resend_invitation"),
    path("people/invitations/<int:pk>/withdraw/", invitation_views.withdraw, name="withdraw_invitation"),
    path("people/<int:pk>/role/", people.set_role, name="set_role"),
    path("people/<int:pk>/remove/", people.remove, name="remove"),
    path("blocked/", people.blocked, name="blocked"),
    path("blocked/add/", people.block, name="block"),
    path("blocked/<int:pk>/lift/", people.lift, name="lift"),
    path("permits/", people.permits, name="permits"),
    path("permits/add/", people.add_permit, name="add_permit"),
    path("permits/<int:pk>/end/", people.stop_permit, name="stop_permit"),
    path("debts/", debts.debts, name="debts"),
    path("debts/<int:pk>/", debts.debt, name="debt"),
    path("debts/<int:pk>/pay/", debts.pay_debt, name="pay_debt"),
    path("debts/<int:pk>/waive/", debts.waive_debt, name="waive_debt"),
    path("waivers/", waivers.waivers, name="waivers"),
    path("waivers/<slug:operator>/limits/", waivers.set_limits, name="waiver_limits"),
    path("shifts/", tills.shifts, name="shifts"),
    path("shifts/<slug:operator>/tolerance/", tills.set_tolerance, name="till_tolerance"),
    path("shifts/<int:pk>/", tills.shift, name="shift"),
    path("shifts/<int:pk>/reopen/", tills.reopen, name="reopen_shift"),
    path("shifts/<int:pk>/end/", tills.end_forgotten, name="end_forgotten"),
    path("messages/", debts.parked_messages, name="messages"),
    path("messages/<int:pk>/resend/", debts.resend, name="resend"),
]
