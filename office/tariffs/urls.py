"""URLs of the tariff pages, under /manage/tariffs/."""

from django.urls import path

from office.tariffs import calendar_pages, comparison_pages, draft_pages, editing, views

urlpatterns = [
    path("", views.tariff_list, name="tariffs"),
    path("new/", editing.tariff_new, name="tariff_new"),
    path("<int:pk>/", views.tariff_page, name="tariff"),
    path("<int:pk>/edit/", editing.tariff_edit, name="tariff_edit"),
    path("<int:pk>/withdraw/", views.tariff_withdrawal, name="tariff_withdrawal"),
    path("<int:pk>/copy/", draft_pages.tariff_copy, name="tariff_copy"),
    path("drafts/new/", draft_pages.draft_new, name="tariff_draft_new"),
    path("drafts/<int:pk>/", draft_pages.draft_page, name="tariff_draft"),
    path("drafts/<int:pk>/edit/", editing.draft_edit, name="tariff_draft_edit"),
    path("drafts/<int:pk>/comparison/", comparison_pages.comparison_page, name="tariff_comparison"),
    path("drafts/<int:pk>/publish/", draft_pages.draft_publish, name="tariff_publish"),
    path("drafts/<int:pk>/take-back/", draft_pages.draft_take_back, name="tariff_take_back"),
    path("drafts/<int:pk>/copy/", draft_pages.draft_copy, name="tariff_draft_copy"),
    path("drafts/<int:pk>/discard/", draft_pages.draft_discard, name="tariff_draft_discard"),
    path("event-days/<slug:slug>/", calendar_pages.event_days, name="event_days"),
    path("event-days/<slug:slug>/remove/", calendar_pages.event_day_removal, name="event_day_removal"),
    path("history/<slug:slug>/", calendar_pages.tariff_history, name="tariff_history"),
]
