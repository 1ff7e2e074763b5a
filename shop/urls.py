"""Routes of the pages for the people of merchants, all under /validate/."""

from django.urls import path

from shop import validating

app_name = "shop"
urlpatterns = [
    path("", validating.validate, name="validate"),
    path("month/", validating.month, name="month"),
    path("code/<int:kind_id>/", validating.code, name="code"),
    path("<int:validation_id>/undo/", validating.undo, name="undo"),
]
