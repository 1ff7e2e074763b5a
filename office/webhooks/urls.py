"""Routes of the pages of webhooks, under /manage/webhooks/."""

from django.urls import path

from office.webhooks import webhook_acts, webhook_pages

urlpatterns = [
    path("", webhook_pages.webhooks, name="webhooks"),
    path("new/", webhook_pages.new_webhook, name="new_webhook"),
    path("<int:pk>/", webhook_pages.webhook, name="webhook"),
    path("<int:pk>/settings/", webhook_pages.webhook_settings, name="webhook_settings"),
    path("<int:pk>/secret/", webhook_pages.webhook_secret, name="webhook_secret"),
    path("<int:pk>/roll/", webhook_acts.roll, name="roll_webhook"),
    path("<int:pk>/pause/", webhook_acts.pause, name="pause_webhook"),
    path("<int:pk>/resume/", webhook_acts.resume, name="resume_webhook"),
    path("<int:pk>/replay/", webhook_acts.replay, name="replay_webhook"),
    path("<int:pk>/remove/", webhook_acts.remove, name="remove_webhook"),
    path("<int:pk>/deliveries/<int:delivery_pk>/", webhook_pages.delivery, name="webhook_delivery"),
    path("<int:pk>/deliveries/<int:delivery_pk>/again/", webhook_acts.again, name="send_delivery_again"),
]
