"""What tasks and tokens of programs look like in the OpenAPI document."""

from api.described_calls import described
from reports.services.run_asking import TaskUnfinishedError

_WAITING = {"id": 19, "status": "waiting", "done": 0, "of": 0}
_ADMINS_ALONE = {403: {"forbidden": "You are no admin."}}

REMIND = described(answers={202: _WAITING}, refused=_ADMINS_ALONE)
SEND_REPORTS = described(
    sent={"month": "2026-02"}, answers={202: _WAITING}, refused=_ADMINS_ALONE, errors=[TaskUnfinishedError]
)
CLEAR_CACHE = described(answers={202: _WAITING}, refused=_ADMINS_ALONE)
TASK = described(answers={200: {"id": 19, "status": "running", "done": 120, "of": 480}})
TOKEN = described(
    answers={
        200: {"access_token": "parktok_…", "token_type": "Bearer", "expires_in": 600, "scope": "lots:read stays:read"},
        400: {"error": "invalid_scope", "error_description": "The key has these scopes: lots:read."},
        401: {
            "error": "invalid_client",
            "error_description": "The client id is the beginning of an API key, the secret the whole key.",
        },
    }
)
