"""When a question may be sent a second time: only where nothing of it was accepted."""

from __future__ import annotations

from services.dify.errors import DifyError, NotSent, RateLimited

WORTH_TELLING = 1.0
"""Seconds; shorter waits before a second attempt are nobody's business."""
LONGEST_WAIT = 30.0
"""Seconds of Retry-After that are waited for; beyond that the person decides."""


def pause_before(error: DifyError) -> float | None:
    """Seconds to wait where nothing was accepted and a second attempt is right; None where it is not."""
    if isinstance(error, NotSent):
        return 0.5
    if isinstance(error, RateLimited) or error.status == 503:
        wait = error.retry_after
        return wait if wait is not None and wait <= LONGEST_WAIT else None
    return None
