"""Every write of runs, of what is asked to be done now, and of the task log."""

from reports.services.run_noticing import notice_due
from reports.services.run_working import work_batch, work_runs

__all__ = ["notice_due", "work_batch", "work_runs"]
