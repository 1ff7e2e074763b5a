"""URLs of the pages of passes, under /manage/passes/."""

from django.urls import path

from office.passes import company_pages, import_pages, offer_pages, pass_acts, pass_file, pass_list

urlpatterns = [
    path("", pass_list.passes, name="passes"),
    path("new/", pass_acts.new_pass, name="new_pass"),
    path("offers/", offer_pages.offers, name="pass_offers"),
    path("offers/new/", offer_pages.new_offer, name="new_pass_offer"),
    path("offers/<int:pk>/", offer_pages.offer_page, name="pass_offer"),
    path("offers/<int:pk>/stop/", offer_pages.stop_offer, name="stop_pass_offer"),
    path("companies/", company_pages.companies, name="pass_companies"),
    path("companies/new/", company_pages.new_company, name="new_pass_company"),
    path("companies/<int:pk>/", company_pages.company_page, name="pass_company"),
    path("companies/<int:pk>/archive/", company_pages.archive, name="archive_pass_company"),
    path("companies/<int:pk>/people/add/", company_pages.add_person, name="add_company_person"),
    path(
        "companies/<int:pk>/people/<int:manager_id>/remove/", company_pages.remove_person, name="remove_company_person"
    ),
    path("imports/", import_pages.new_import, name="new_pass_import"),
    path("imports/<int:pk>/", import_pages.import_page, name="pass_import"),
    path("imports/<int:pk>/start/", import_pages.carry_out, name="carry_out_import"),
    path("<str:pass_code>/", pass_file.pass_page, name="pass"),
    path("<str:pass_code>/suspend/", pass_acts.suspend, name="suspend_pass"),
    path("<str:pass_code>/resume/", pass_acts.resume, name="resume_pass"),
    path("<str:pass_code>/change/", pass_acts.change, name="change_pass"),
    path("<str:pass_code>/cancel/", pass_acts.cancel, name="cancel_pass"),
    path("<str:pass_code>/plates/add/", pass_acts.add, name="add_pass_plate"),
    path("<str:pass_code>/plates/change/", pass_acts.alter, name="alter_pass_plate"),
]
