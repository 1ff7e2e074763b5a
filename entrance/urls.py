"""Routes of the landing page, the first run, invitations and applications."""

from django.urls import path

from entrance import application_list, applying, first_run, views

app_name = "entrance"
urlpatterns = [
    path("apply/", applying.apply_page, name="apply"),
    path("apply/sent/", applying.apply_sent, name="apply_sent"),
    path("apply/confirm/<str:token>/", applying.apply_confirm, name="apply_confirm"),
    path("first-run/", first_run.first_run, name="first_run"),
    path("home/", views.home, name="home"),
    path("installation/applications/", application_list.applications, name="applications"),
    path("installation/applications/<int:pk>/", application_list.application, name="application"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
]
