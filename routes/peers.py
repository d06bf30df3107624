"""Which address a connection comes from, and not which one somebody says that it does."""

from __future__ import annotations

import gc

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware


class SchemeAlone:
    """In place of uvicorn's list of trusted proxies: they are believed the scheme and nothing else."""

    def __init__(self, trusted: object) -> None:
        self._trusted = trusted

    def __contains__(self, host: str | None) -> bool:
        return host in self._trusted  # type: ignore[operator]

    def get_trusted_client_address(self, _forwarded_for: str) -> tuple[str, int]:
        return "", 0


def keep() -> None:
    """The address of every request from now on is the socket's.

    To a request from this machine uvicorn gives the address that stands in X-Forwarded-For. Behind a proxy
    that would be the visitor's, or whatever the visitor has put there; but who signs in by a proxy is judged
    by the proxy's own. Streamlit makes the server and hands this setting out to nobody, so it is looked for.
    """
    for found in gc.get_objects():
        if type(found) is ProxyHeadersMiddleware:
            found.trusted_hosts = SchemeAlone(found.trusted_hosts)  # type: ignore[assignment]
