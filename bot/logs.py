"""Logs: ids only, never what somebody said, never the token. JSON in production, readable in the demo."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, TextIO

import structlog

_TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{10,}")


def redact(text: str) -> str:
    """Text without bot tokens, whatever put them there."""
    return _TOKEN.sub("***", text)


def _redacted(logger: Any, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {key: redact(value) if isinstance(value, str) else value for key, value in event.items()}


def _redacted_line(logger: Any, method: str, line: Any) -> str:
    return redact(line)


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to whatever stderr is at that moment: a command's own output, on stdout, stays clean for scripts."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # looked up anew, as logging's own last resort does
        return sys.stderr


def set_up_logs(*, readable: bool, lasting: bool = True) -> None:
    """`lasting`: loggers keep what they find at their first line; a command sets up anew what its desk then sets up for good."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Tracebacks without locals: a local may be somebody's words.
        structlog.processors.format_exc_info,
        _redacted,
    ]
    # Plain: rich's tracebacks would show the locals.
    console = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    renderer: Any = console if readable else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=lasting,
    )
    handler = _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            # Once more when it is one line: a list or an exception among the values is text only now.
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer, _redacted_line],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("aiogram", "aiohttp.access", "apscheduler", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
