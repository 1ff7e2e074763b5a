"""Every write of exports."""

from exports.services.asking import (
    ExportOrder,
    TooManyExportsError,
    ask_export,
    cancel_export,
    erase_exports,
    revoke_link,
)
from exports.services.clearing import clear_exports
from exports.services.running import run_exports

__all__ = [
    "ExportOrder",
    "TooManyExportsError",
    "ask_export",
    "cancel_export",
    "clear_exports",
    "erase_exports",
    "revoke_link",
    "run_exports",
]
