"""Pages under /manage/ that join several apps."""

from django.urls import path

from parking.dashboard import views, views_debts, views_invitations, views_people, views_stays, views_waivers

app_name = "manage"
urlpatterns = [
    path("", views.home, name="home"),
    path("attention/", views.attention, name="attention"),
    path("events/", views_stays.events, name="events"),
    path("reviews/", views_stays.reviews, name="reviews"),
    path("stays/", views_stays.stays, name="stays"),
    path("stays/<str:number>/", views_stays.stay, name="stay"),
    path("stays/<str:number>/close/", views_stays.close_stay, name="close_stay"),
    path("stays/<str:number>/return/", views_stays.return_stay, name="return_stay"),
    path("stays/<str:number>/void/", views_stays.void_stay, name="void_stay"),
    path("people/", views_people.people, name="people"),
    path("people/invite/", views_people.invite, name="invite"),
    path("people/invitations/<int:pk>/resend/", views_invitations.resend, name="resend_invitation"),
    path("people/invitations/<int:pk>/withdraw/", views_invitations.withdraw, name="withdraw_invitation"),
    path("people/<int:pk>/role/", views_people.set_role, name="set_role"),
    path("people/<int:pk>/remove/", views_people.remove, name="remove"),
    path("blocked/", views_people.blocked, name="blocked"),
    path("blocked/add/", views_people.block, name="block"),
    path("blocked/<int:pk>/lift/", views_people.lift, name="lift"),
    path("permits/", views_people.permits, name="permits"),
    path("permits/add/", views_people.add_permit, name="add_permit"),
    path("permits/<int:pk>/end/", views_people.stop_permit, name="stop_permit"),
    path("debts/", views_debts.debts, name="debts"),
    path("debts/<int:pk>/", views_debts.debt, name="debt"),
    path("debts/<int:pk>/pay/", views_debts.pay_debt, name="pay_debt"),
    path("debts/<int:pk>/waive/", views_debts.waive_debt, name="waive_debt"),
    path("waivers/", views_waivers.waivers, name="waivers"),
    path("waivers/<slug:operator>/limits/", views_waivers.set_limits, name="waiver_limits"),
    path("messages/", views_debts.parked_messages, name="messages"),
    path("messages/<int:pk>/resend/", views_debts.resend, name="resend"),
]
