"""What exports look like in the OpenAPI document."""

from typing import Any

from api.described_calls import described, page_of
from common.time import InvalidInstantError
from exports.queries import ExportNotReadyError
from exports.services.asking import TooManyExportsError

_EXPORT: dict[str, Any] = {
    "id": 41,
    "kind": "stays",
    "whose": "lots",
    "format": "csv",
    "status": "ready",
    "rows": 5210,
    "total": 5210,
    "progress": 100,
    "size": 618240,
    "url": "https://parking.example/api/v1/exports/41/file",
    "failure": None,
    "created_at": "2026-03-02T11:20:00+01:00",
    "expires_at": "2026-03-09T11:20:04+01:00",
}
_QUEUED = _EXPORT | {"status": "queued", "rows": 0, "total": None, "progress": 0, "size": None, "url": None}
_GONE = {"url": None, "size": None, "expires_at": None}

ASK_EXPORT = described(
    sent={"kind": "stays", "format": "csv", "from": "2026-02-01", "to": "2026-02-28", "lot": "central", "filters": {}},
    answers={202: _QUEUED | {"expires_at": None}},
    refused={
        403: {"forbidden": "Your role does not allow this export."},
        404: {"not_found": "There is no such lot, or you may not see it."},
    },
    errors=[TooManyExportsError, InvalidInstantError],
)
EXPORTS = described(answers={200: page_of(_EXPORT)})
EXPORT = described(answers={200: _EXPORT})
CANCEL_EXPORT = described(answers={200: _EXPORT | {"status": "cancelled"} | _GONE})
_FILES = {
    media: {"schema": {"type": "string", "format": "binary"}}
    for media in ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
}
EXPORT_FILE = described(errors=[ExportNotReadyError])
EXPORT_FILE["responses"][200] = {"description": "The file", "content": _FILES}
