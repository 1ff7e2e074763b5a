"""Writes to saved views and batches."""

from lists.services.batches import (
    BatchStateError,
    BatchTooLargeError,
    clear_batches,
    erase_lists,
    run_batches,
    start_batch,
    undo_batch,
)
from lists.services.views import TooManyViewsError, remove_view, save_view

__all__ = [
    "BatchStateError",
    "BatchTooLargeError",
    "TooManyViewsError",
    "clear_batches",
    "erase_lists",
    "remove_view",
    "run_batches",
    "save_view",
    "start_batch",
    "undo_batch",
]
