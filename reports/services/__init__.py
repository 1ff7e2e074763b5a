"""Every write of runs, of what is asked to be done now, and of the task log."""

from reports.services.asked_tasks import clear_cache_step
from reports.services.run_asking import CACHE_CLEAR, TaskUnfinishedError, ask_task, months_to_ask
from reports.services.run_noticing import notice_due
from reports.services.run_working import work_batch, work_runs
from reports.services.task_notes import TaskNotes, TaskOutcome

__all__ = [
    "CACHE_CLEAR",
    "TaskNotes",
    "TaskOutcome",
    "TaskUnfinishedError",
    "ask_task",
    "clear_cache_step",
    "months_to_ask",
    "notice_due",
    "work_batch",
    "work_runs",
]
