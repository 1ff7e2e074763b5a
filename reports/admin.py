"""Runs, what was asked for, and the task log in the back office."""

from django.contrib import admin

from common.web.admin import ReadOnlyAdmin
from reports.models import AskedTask, Run, TaskRecord


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ["name", "day", "zone", "state", "done", "of", "told", "begun_at", "ended_at", "error"]
    list_filter = ["name", "state", "zone"]
    date_hierarchy = "due_at"


@admin.register(AskedTask)
class AskedTaskAdmin(ReadOnlyAdmin):
    list_display = ["name", "day", "by", "state", "done", "of", "created_at", "ended_at", "error"]
    list_filter = ["name", "state"]
    list_select_related = ["by"]


@admin.register(TaskRecord)
class TaskRecordAdmin(ReadOnlyAdmin):
    list_display = ["name", "runs", "handled", "failures", "last_began_at", "last_seconds", "last_error"]
