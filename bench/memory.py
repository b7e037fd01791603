"""Memory: the most that a streamed page takes beyond its own chunks.

May not enter: time.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from bench import asgi, wsgi
from bench.requests import EXEMPT, UNDECLARED, Request, cookie_header
from bench.sites import PLAIN, stream
from bench.timing import Work
from cookieconsent.middleware.asgi import CookieConsentMiddleware as AsgiMiddleware
from cookieconsent.middleware.wsgi import CookieConsentMiddleware as WsgiMiddleware

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The most memory that Python allocated during one response."""

    name: str
    """What it is."""
    kib: float
    """KiB beyond what was there before."""


def peaks(mebibytes: tuple[int, ...]) -> Iterator[Peak]:
    """Yield the peaks of streams of so many MiB, with the banner put in, through both doors."""
    for size in mebibytes:
        for door, work in (("ASGI", _asgi_stream(size)), ("WSGI", _wsgi_stream(size))):
            yield Peak(name=f"d: {size:,} MiB in chunks of 64 KiB, {door}", kib=_peak(work))


_REQUEST = Request(cookies=[cookie_header(*EXEMPT, *UNDECLARED)])
_install_asgi: asgi.Install = partial(AsgiMiddleware, **PLAIN)
_install_wsgi: wsgi.Install = partial(WsgiMiddleware, **PLAIN)


def _asgi_stream(size: int) -> Work:
    app = asgi.application(stream(size * MIB))
    return asgi.work(_install_asgi(app), asgi.scopes(_REQUEST))


def _wsgi_stream(size: int) -> Work:
    app = wsgi.application(stream(size * MIB))
    return wsgi.work(_install_wsgi(app), wsgi.environs(_REQUEST))


def _peak(work: Work) -> float:
    work(1)  # what is kept for good is there already
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    work(1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (peak - before) / 1024
