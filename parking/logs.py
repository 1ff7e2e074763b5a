"""How processes log: a line each, for people while developing, as JSON in production, without secrets."""

from typing import Any

import structlog

from common.web.privacy import without_secrets


def set_up_logging(*, production: bool, level: str) -> dict[str, Any]:
    """Let structlog write by `logging`, and return what configures that."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            name: {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    without_secrets,
                    renderer,
                ],
            }
            for name, renderer in {
                # Tracebacks by `rich`, where it is installed, would take longer than the requests.
                "plain": structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
                "json": structlog.processors.JSONRenderer(),
            }.items()
        },
        "filters": {"expected": {"()": "common.web.privacy.ExpectedOfClients"}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "json" if production else "plain",
                "filters": ["expected"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        # Django's own handlers would bypass ours.
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "django_structlog": {"level": "WARNING"},
            "stripe": {"level": "WARNING"},
        },
    }
