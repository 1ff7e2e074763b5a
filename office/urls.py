"""URLs of the office pages, all under /manage/."""

from django.urls import include, path

from office import exception_list, overview
from office.money import company_invoices, debts, documents, dunning, objections, payment_pages, refund_pages, waivers
from office.people import invitation_views
from office.people import views as people
from office.revenue import pages as revenue
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
    path("debts/write-off/", dunning.write_off, name="write_off"),
    path("debts/<int:pk>/answer/", dunning.answer, name="answer_appeal"),
    path("debts/<slug:operator>/fees/", dunning.set_fees, name="dunning_fees"),
    path("debts/<int:pk>/", debts.debt, name="debt"),
    path("debts/<int:pk>/pay/", debts.pay_debt, name="pay_debt"),
    path("debts/<int:pk>/invoice/", company_invoices.invoice_debt, name="invoice_debt"),
    path("debts/<int:pk>/waive/", debts.waive_debt, name="waive_debt"),
    path("payments/", payment_pages.payments, name="payments"),
    path("payments/<int:pk>/", payment_pages.payment, name="payment"),
    path("payments/<int:pk>/refund/", payment_pages.refund_payment, name="refund_payment"),
    path("refunds/", refund_pages.refunds, name="refunds"),
    path("refunds/requests/<int:pk>/approve/", refund_pages.approve, name="approve_refund"),
    path("refunds/requests/<int:pk>/reject/", refund_pages.reject, name="reject_refund"),
    path("refunds/<int:pk>/retry/", refund_pages.retry, name="retry_refund"),
    path("refunds/<int:pk>/paid-out/", refund_pages.pay_out, name="pay_out_refund"),
    path("refunds/<int:pk>/otherwise/", refund_pages.otherwise, name="return_otherwise"),
    path("refunds/<int:pk>/take-back/", refund_pages.take_back, name="reverse_refund"),
    path("refunds/<slug:operator>/limit/", refund_pages.set_limit, name="refund_limit"),
    path("documents/", documents.documents, name="documents"),
    path("documents/<int:pk>/", documents.document, name="document"),
    path("documents/<int:pk>/pdf/", documents.document_pdf, name="document_pdf"),
    path("documents/<int:pk>/send/", documents.send, name="send_document"),
    path("company/", documents.company, name="company"),
    path("waivers/", waivers.waivers, name="waivers"),
    path("waivers/<slug:operator>/limits/", waivers.set_limits, name="waiver_limits"),
    path("objections/", objections.objections, name="objections"),
    path("objections/<int:pk>/", objections.objection, name="objection"),
    path("revenue/", revenue.revenue, name="revenue"),
    path("revenue/csv/", revenue.revenue_csv, name="revenue_csv"),
    path("revenue/lines/", revenue.lines, name="revenue_lines"),
    path("revenue/lines/csv/", revenue.lines_as_csv, name="revenue_lines_csv"),
    path("messages/", debts.parked_messages, name="messages"),
    path("messages/<int:pk>/resend/", debts.resend, name="resend"),
]
