"""Routes of the record of changes, under /manage/audit/."""

from django.urls import path

from office.audit import audit_pages

urlpatterns = [
    path("", audit_pages.audit, name="audit"),
    path("<int:pk>/", audit_pages.audit_entry, name="audit_entry"),
]
