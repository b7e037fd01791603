"""What visitors send: heads as browsers write them, and their cookies.

May not enter: how a server hands a request over (`asgi`, `wsgi`), what answers it (`sites`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Literal

from cookieconsent import Choice, Config, Cookie
from cookieconsent.core.codec import ChoiceCodec

HeaderList = tuple[tuple[bytes, bytes], ...]

SECRET = "the secret of a site that is never served"  # noqa: S105 - it guards nothing
_SECONDS_A_DAY = 86_400
_VALUE = b"GS1.1.1719871200.7.1.1719"  # 25 bytes, as analytics and sessions write them
_DISTINCT_DAYS = 64

CURL: HeaderList = (
    (b"host", b"shop.example"),
    (b"user-agent", b"curl/8.5.0"),
    (b"accept", b"*/*"),
)
_BROWSER: HeaderList = (
    (b"host", b"shop.example"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    (b"accept-language", b"de,en-US;q=0.7,en;q=0.3"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
    (b"referer", b"https://shop.example/shoes?page=2"),
    (b"dnt", b"1"),
    (b"connection", b"keep-alive"),
    (b"pragma", b"no-cache"),
    (b"cache-control", b"no-cache"),
)
NAVIGATION: HeaderList = (
    *_BROWSER,
    (b"accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    (b"upgrade-insecure-requests", b"1"),
    (b"sec-fetch-dest", b"document"),
    (b"sec-fetch-mode", b"navigate"),
    (b"sec-fetch-site", b"same-origin"),
    (b"sec-fetch-user", b"?1"),
)
FETCH: HeaderList = (
    *_BROWSER,
    (b"accept", b"application/json"),
    (b"content-type", b"application/json"),
    (b"x-request-id", b"0b5e3a51-7c1a-4f0f-a2f3-2f3f6d1f0a11"),
    (b"sec-fetch-dest", b"empty"),
    (b"sec-fetch-mode", b"cors"),
    (b"sec-fetch-site", b"same-origin"),
)
HANDSHAKE: HeaderList = (
    *_BROWSER,
    (b"upgrade", b"websocket"),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    (b"sec-fetch-dest", b"websocket"),
    (b"sec-fetch-mode", b"websocket"),
    (b"sec-fetch-site", b"same-origin"),
)

EXEMPT = (
    b"sessionid",
    b"csrftoken",
    b"AWSALB",
    b"AWSALBCORS",
    b"ARRAffinity",
    b"ASP.NET_SessionId",
    b"JSESSIONID",
)
"""Names that the shipped catalogue lets through always."""
ANALYTICS = (
    b"_ga",
    b"_ga_8QX2K1JZ5T",
    b"_gid",
    b"_clck",
    b"_clsk",
    b"_cs_id",
    b"_cs_s",
    b"_dd_s",
    b"__utma",
    b"__utmb",
    b"__utmz",
    b"_cb",
)
"""Names that the shipped catalogue knows to need a yes."""
UNDECLARED = tuple(b"zz_feature_%02d" % number for number in range(len(ANALYTICS)))
"""Names that nobody knows: removed from the request, never deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request without a body."""

    kind: Literal["http", "websocket"] = "http"
    """What a scope calls its type."""
    path: str = "/shoes"
    """The path."""
    headers: HeaderList = NAVIGATION
    """All headers but `Cookie`."""
    cookies: Sequence[bytes] = ()
    """The `Cookie` headers that one call after the other sends, in turn; none: no such header."""
    fresh: bool = False
    """Whether all other headers are new bytes at each call, too."""

    def first(self) -> Request:
        """Return the same request with the first of its `Cookie` headers alone."""
        return replace(self, cookies=self.cookies[:1])


def cookie_header(*names: bytes) -> bytes:
    """Return a `Cookie` header with a value of 25 bytes per name."""
    return b"; ".join(name + b"=" + _VALUE for name in names)


def with_choices(choices: Sequence[bytes], *names: bytes) -> list[bytes]:
    """Return a `Cookie` header for each of the given consent cookies, all with the same others."""
    return [choice + b"; " + cookie_header(*names) for choice in choices]


def denied(count: int = 1) -> list[bytes]:
    """Return different consent cookies of visitors who refused analytics."""
    return list(_answers("no", count))


def granted(count: int = 1) -> list[bytes]:
    """Return different consent cookies of visitors who allowed analytics."""
    return list(_answers("yes", count))


_SPOKEN = ("none", "no", "yes", "yes under signal")


def _answers(analytics: Literal["yes", "no"], count: int) -> Iterator[bytes]:
    """Yield so many different values of valid consent cookies, the plainest first.

    The installation of eight lines has one class to decide, so a yes is one of 183 values. Further
    values come from visitors who answered when the site had three more classes; those answers are
    valid, and ignored.
    """
    config = Config(secret_key=SECRET, cookies=_former_cookies())
    codec = ChoiceCodec(config.keys, config.switchable, config.cookies, config.site)
    former = [cls.name for cls in config.switchable if cls.name != "analytics"]
    today = int(time.time() // _SECONDS_A_DAY)
    said = product(range(_DISTINCT_DAYS), product(_SPOKEN, repeat=len(former)))
    for age, words in islice(said, count):
        answers = {**dict(zip(former, words, strict=True)), "analytics": analytics}
        choice = Choice(
            day=today - age,
            granted=frozenset(name for name, word in answers.items() if word.startswith("yes")),
            refused=frozenset(name for name, word in answers.items() if word == "no"),
            under_signal=frozenset(name for name, word in answers.items() if word == _SPOKEN[-1]),
        )
        yield config.cookie_name.encode() + b"=" + codec.write(choice)


def _former_cookies() -> list[Cookie]:
    return [
        Cookie(f"former_{cls}", cls, purpose="-", provider="-", lifetime="session")
        for cls in ("preferences", "media", "advertising")
    ]
