"""A user agent's cookie store, as RFC 6265bis describes it and browsers keep it.

Python's own `http.cookiejar` takes what every browser refuses (a `__Host-` cookie with a `Domain`,
`SameSite=None` without `Secure`, 5,000-byte values, ten-year lifetimes), so it cannot tell whether
a response works. This one can. Sources, cited by short names: "bis" is RFC 6265bis, "layered" its
successor draft, CHIPS the `Partitioned` attribute.

The jar has a clock of its own, moved only by its caller, and no other hidden input:

    jar = Jar(now=0)
    jar.receive("https://shop.example/", "sid=1; Path=/; Secure")
    jar.send("https://shop.example/cart")  # b"sid=1"
    jar.advance(days=1)

What it leaves out: percent-encoding and dot segments of request paths (give the URL as a browser
sends it), the two-minute "Lax + POST" allowance of some browsers (bis 5.6.7.2), the limit on all
cookies of a store, and the cross-site-ancestor bit of partition keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import quote, urlsplit

from oracles import set_cookie
from oracles.set_cookie import AGE_LIMIT, Moment, Reason, Rejected, SameSite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from oracles.set_cookie import SetCookie

__all__ = [
    "PUBLIC_SUFFIXES",
    "Cookie",
    "Jar",
    "Moment",
    "Reason",
    "Rejected",
    "SameSite",
    "default_path",
    "domain_matches",
    "path_matches",
]

PUBLIC_SUFFIXES: Final = frozenset(
    {"com", "org", "net", "example", "test", "co.uk", "github.io"},
)
"""Enough suffixes for tests. One-label names count as suffixes without being listed."""

Headers: TypeAlias = Iterable[tuple[bytes, bytes] | tuple[str, str]]

_SECURE_SCHEMES: Final = frozenset({"https", "wss"})
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110 9.2.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """A cookie as it lies in the jar (bis 5.7)."""

    name: bytes
    value: bytes
    domain: str
    host_only: bool
    path: str
    secure: bool
    http_only: bool
    same_site: SameSite
    partition: str | None
    """The top-level site of a `Partitioned` cookie, else `None` (CHIPS)."""
    expiry_time: float | None
    """Seconds since 1970; `None` for a session cookie."""
    creation_time: float
    last_access_time: float
    serial: int
    """Which arrival this was: the order of creation within one moment."""

    @property
    def identity(self) -> tuple[bytes, str, bool, str, str | None]:
        """What makes two cookies the same one (bis 5.7 step 23, CHIPS)."""
        return (self.name, self.domain, self.host_only, self.path, self.partition)

    @property
    def pair(self) -> bytes:
        """The cookie as it stands in a request (layered "Serialize Cookies")."""
        return self.name + b"=" + self.value if self.name else self.value

    def expired(self, now: Moment) -> bool:
        """Tell whether the cookie's time is over at `now`."""
        return self.expiry_time is not None and self.expiry_time <= set_cookie.seconds(now)


# --- hosts, paths, sites ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Target:
    """The parts of a URL that cookies look at."""

    scheme: str
    host: str
    path: str


def _target(url: str) -> _Target:
    parts = urlsplit(url)
    if not parts.scheme or not parts.hostname:
        msg = f"a URL needs a scheme and a host: {url!r}"
        raise ValueError(msg)
    # A browser percent-encodes what is not ASCII before any path is compared.
    path = quote(parts.path, safe="!$%&'()*+,-./:;=@_~[]|") or "/"
    return _Target(parts.scheme, _canonical(parts.hostname), path)


def _canonical(host: str) -> str:
    """Turn the labels of a host, which is in lower case, into A-labels (bis 5.1.2)."""
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    # The loopback names of the Secure Contexts specification, 3.1 steps 4 and 5.
    if _is_address(host):
        return ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def domain_matches(host: str, domain: str) -> bool:
    """Tell whether a host domain-matches a domain (bis 5.1.3)."""
    return host == domain or (host.endswith(f".{domain}") and not _is_address(host))


def path_matches(request_path: str, cookie_path: str) -> bool:
    """Tell whether a request path path-matches a cookie path (bis 5.1.4)."""
    if not request_path.startswith(cookie_path):
        return False
    rest = request_path[len(cookie_path) :]
    return not rest or cookie_path.endswith("/") or rest.startswith("/")


def default_path(request_path: str) -> str:
    """Give the directory of a request path (bis 5.1.4)."""
    if not request_path.startswith("/"):
        return "/"
    return request_path.rpartition("/")[0] or "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """One request or script: where to, on behalf of whom, by which door."""

    target: _Target
    secure: bool
    partition: str
    cross_site: bool
    navigation: bool
    """A navigation of the top-level page, not a subresource or a frame."""
    http_api: bool
    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    """A cookie on its way into the store, with what the rules need to judge it."""

    cookie: Cookie
    has_root_path: bool
    context: _Context
    others: list[Cookie]
    """All cookies of the jar."""
    old: Cookie | None
    """The one with the same identity."""


# --- the rules of bis 5.7, in its order; each says whether the cookie is to be ignored ----------


def _insecure_origin(new: _Arrival) -> bool:  # step 13
    return new.cookie.secure and not new.context.secure


def _script_http_only(new: _Arrival) -> bool:  # step 15
    return new.cookie.http_only and not new.context.http_api


def _secure_left_alone(new: _Arrival) -> bool:  # step 16, "leave secure cookies alone"
    if new.context.secure or new.cookie.secure:
        return False
    return any(_is_overlaid(old, new.cookie) for old in new.others if old.secure)


def _is_overlaid(old: Cookie, new: Cookie) -> bool:
    # The path comparison is one-sided on purpose: a cookie for /login is protected from one for
    # /login/en, not from one for /.
    return (
        old.name == new.name
        and old.partition == new.partition
        and (domain_matches(old.domain, new.domain) or domain_matches(new.domain, old.domain))
        and path_matches(new.path, old.path)
    )


def _cross_site(new: _Arrival) -> bool:  # step 18
    # A top-level navigation may set any cookie, even one it would not have sent.
    allowed = not new.context.cross_site or (new.context.navigation and new.context.http_api)
    return new.cookie.same_site is not SameSite.NONE and not allowed


def _none_without_secure(new: _Arrival) -> bool:  # step 19
    return new.cookie.same_site is SameSite.NONE and not new.cookie.secure


def _partitioned_without_secure(new: _Arrival) -> bool:  # CHIPS
    return new.cookie.partition is not None and not new.cookie.secure


def _secure_prefix(new: _Arrival) -> bool:  # step 20
    return new.cookie.name.lower().startswith(b"__secure-") and not new.cookie.secure


def _host_prefix(new: _Arrival) -> bool:  # step 21, layered "Host-prefix compatible"
    compatible = new.cookie.secure and new.cookie.host_only and new.has_root_path
    return new.cookie.name.lower().startswith(b"__host-") and not compatible


def _http_prefix(new: _Arrival) -> bool:  # layered "Http-prefix compatible"
    compatible = new.cookie.secure and new.cookie.http_only
    return new.cookie.name.lower().startswith((b"__http-", b"__host-http-")) and not compatible


def _nameless_prefix(new: _Arrival) -> bool:  # step 22
    # On the wire a nameless cookie "__Host-a=1" cannot be told from a cookie named __Host-a.
    prefixes = (b"__secure-", b"__host-", b"__http-")
    return not new.cookie.name and new.cookie.value.lower().startswith(prefixes)


def _script_overwrite(new: _Arrival) -> bool:  # step 23.2
    return new.old is not None and new.old.http_only and not new.context.http_api


_RULES: Final[tuple[tuple[Reason, Callable[[_Arrival], bool]], ...]] = (
    (Reason.INSECURE_ORIGIN, _insecure_origin),
    (Reason.SCRIPT_HTTP_ONLY, _script_http_only),
    (Reason.SECURE_LEFT_ALONE, _secure_left_alone),
    (Reason.CROSS_SITE, _cross_site),
    (Reason.NONE_WITHOUT_SECURE, _none_without_secure),
    (Reason.PARTITIONED_WITHOUT_SECURE, _partitioned_without_secure),
    (Reason.SECURE_PREFIX, _secure_prefix),
    (Reason.HOST_PREFIX, _host_prefix),
    (Reason.HTTP_PREFIX, _http_prefix),
    (Reason.NAMELESS_PREFIX, _nameless_prefix),
    (Reason.SCRIPT_OVERWRITE, _script_overwrite),
)


class Jar:
    """A cookie store with a clock.

    Every method that takes `now` moves the jar's clock there first (back too: clocks are set). What
    has expired by then is gone for good.

    The words about a request that several methods take:

    * `top_level_site`: a URL of the page in the address bar; `None` means the request's own site.
    * `same_site`: whether the request was started by the same site (a link on a foreign page: no).
    * `navigation`: whether it loads the page in the address bar; matters across sites only.
    * `http_api`: an HTTP request, as against a script's `document.cookie`.
    """

    def __init__(
        self,
        *,
        now: Moment = 0.0,
        public_suffixes: Iterable[str] = PUBLIC_SUFFIXES,
        trustworthy_loopback: bool = False,
        limit_per_domain: int | None = None,
        age_limit: float = AGE_LIMIT,
    ) -> None:
        """Make an empty jar.

        Args:
            now: The jar's first moment.
            public_suffixes: Names under which anybody may register, besides all one-label names.
            trustworthy_loopback: Whether `http://localhost` and `http://127.0.0.1` count as secure,
                as they do in Chromium and Firefox.
            limit_per_domain: How many cookies one domain may keep; `None` for no limit. The draft
                asks for at least 50, Chromium keeps 180.
            age_limit: The longest life of a cookie in seconds.
        """
        self.now: float = set_cookie.seconds(now)
        self._suffixes = frozenset(public_suffixes)
        self._trustworthy_loopback = trustworthy_loopback
        self._limit = limit_per_domain
        self._age_limit = age_limit
        self._store: dict[tuple[bytes, str, bool, str, str | None], Cookie] = {}
        self._arrivals = 0

    # --- listing --------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Cookie]:
        """Give all cookies that have not expired, in order of creation."""
        self._evict_expired()
        return iter(sorted(self._store.values(), key=_age))

    def __len__(self) -> int:
        """Count the cookies that have not expired."""
        self._evict_expired()
        return len(self._store)

    def names(self) -> set[bytes]:
        """Give the names of all cookies in the jar."""
        return {cookie.name for cookie in self}

    def find(self, name: bytes | str) -> list[Cookie]:
        """Give all cookies of one name, in order of creation."""
        wanted = name.encode() if isinstance(name, str) else name
        return [cookie for cookie in self if cookie.name == wanted]

    # --- time -----------------------------------------------------------------------------------

    def travel(self, now: Moment) -> None:
        """Set the clock; expired cookies go."""
        self.now = set_cookie.seconds(now)
        self._evict_expired()

    def advance(self, seconds: float = 0, *, days: float = 0) -> None:
        """Move the clock on; expired cookies go."""
        self.travel(self.now + seconds + timedelta(days=days).total_seconds())

    def end_session(self) -> None:
        """Close the browser: session cookies go (bis 5.7, last paragraph)."""
        self._keep(lambda cookie: cookie.expiry_time is not None)

    # --- receiving ------------------------------------------------------------------------------

    def receive(
        self,
        url: str,
        set_cookie_line: bytes | str,
        *,
        top_level_site: str | None = None,
        same_site: bool = True,
        navigation: bool = True,
        http_api: bool = True,
        now: Moment | None = None,
    ) -> Cookie | Rejected:
        """Take in the value of one `Set-Cookie` header; text stands for its Latin-1 bytes.

        Returns:
            The cookie as understood, even when it deletes and therefore is not kept, or the reason
            for ignoring it.
        """
        if now is not None:
            self.travel(now)
        line = set_cookie_line
        parsed = set_cookie.parse(line.encode("latin-1") if isinstance(line, str) else line)
        if isinstance(parsed, Rejected):
            return parsed
        context = self._context(
            url,
            top_level_site=top_level_site,
            same_site=same_site,
            navigation=navigation,
            http_api=http_api,
        )
        return self._receive(parsed, context)

    def receive_response(
        self,
        url: str,
        header_list: Headers,
        *,
        top_level_site: str | None = None,
        same_site: bool = True,
        navigation: bool = True,
        now: Moment | None = None,
    ) -> list[Cookie | Rejected]:
        """Take in a response's headers: each `Set-Cookie`, then `Clear-Site-Data`.

        `Clear-Site-Data` comes last and so takes the cookies of its own response with it (Clear
        Site Data: it is handled once the cookies are stored).
        """
        if now is not None:
            self.travel(now)
        headers = [_octet_pair(name, value) for name, value in header_list]
        results = [
            self.receive(
                url,
                value,
                top_level_site=top_level_site,
                same_site=same_site,
                navigation=navigation,
            )
            for name, value in headers
            if name == b"set-cookie"
        ]
        wishes = b",".join(value for name, value in headers if name == b"clear-site-data")
        if not {b'"cookies"', b'"*"'}.isdisjoint(wish.strip() for wish in wishes.split(b",")):
            self.clear_site_data(url, top_level_site=top_level_site)
        return results

    def script_set(
        self,
        url: str,
        text: str,
        *,
        top_level_site: str | None = None,
        now: Moment | None = None,
    ) -> Cookie | Rejected:
        """Do what `document.cookie = text` does on the page at `url`; text becomes UTF-8."""
        line = text.encode()
        return self.receive(url, line, top_level_site=top_level_site, http_api=False, now=now)

    def clear_site_data(self, url: str, *, top_level_site: str | None = None) -> list[Cookie]:
        """Do what a response from `url` with `Clear-Site-Data: "cookies"` does.

        All cookies of the whole registrable domain go, whichever host set them, but only the
        partition of the page in the address bar (Clear Site Data, "clear cookies for origin";
        CHIPS). An insecure response clears nothing.

        Returns:
            The cookies that went.
        """
        context = self._context(url, top_level_site=top_level_site)
        if not context.secure:
            return []
        root = self._registrable(context.target.host)

        def stays(cookie: Cookie) -> bool:
            here = cookie.partition in {None, context.partition}
            return not (here and domain_matches(cookie.domain, root))

        return self._keep(stays)

    # --- sending --------------------------------------------------------------------------------

    def send(
        self,
        url: str,
        *,
        same_site: bool = True,
        method: str = "GET",
        top_level_site: str | None = None,
        navigation: bool = True,
        now: Moment | None = None,
    ) -> bytes:
        """Give the `Cookie` header of a request; empty if the request carries none."""
        if now is not None:
            self.travel(now)
        context = self._context(
            url,
            top_level_site=top_level_site,
            same_site=same_site,
            navigation=navigation and method.upper() in _SAFE_METHODS,
        )
        return self._retrieve(context)

    def script_get(
        self,
        url: str,
        *,
        top_level_site: str | None = None,
        now: Moment | None = None,
    ) -> str:
        """Give `document.cookie` on the page at `url`."""
        if now is not None:
            self.travel(now)
        context = self._context(url, top_level_site=top_level_site, http_api=False)
        return self._retrieve(context).decode(errors="replace")

    # --- inside ---------------------------------------------------------------------------------

    def _context(
        self,
        url: str,
        *,
        top_level_site: str | None,
        same_site: bool = True,
        navigation: bool = True,
        http_api: bool = True,
    ) -> _Context:
        target = _target(url)
        own_site = self._site(target)
        partition = own_site if top_level_site is None else self._site(_target(top_level_site))
        # Inside a foreign page nothing is same-site, and nothing loads the page in the address bar.
        embedded = partition != own_site
        loopback = self._trustworthy_loopback and _is_loopback(target.host)
        return _Context(
            target=target,
            secure=target.scheme in _SECURE_SCHEMES or loopback,
            partition=partition,
            cross_site=embedded or not same_site,
            navigation=navigation and not embedded,
            http_api=http_api,
            now=self.now,
        )

    def _is_public_suffix(self, name: str) -> bool:
        # A name that no rule covers falls under the list's default rule "*": one label.
        name = name.removesuffix(".")
        return name in self._suffixes or ("." not in name and not _is_address(name))

    def _registrable(self, host: str) -> str:
        """Give the longest public suffix of a host and one label more."""
        if _is_address(host) or self._is_public_suffix(host):
            return host
        label, _, parent = host.partition(".")
        return f"{label}.{parent}" if self._is_public_suffix(parent) else self._registrable(parent)

    def _site(self, target: _Target) -> str:
        scheme = {"ws": "http", "wss": "https"}.get(target.scheme, target.scheme)
        return f"{scheme}://{self._registrable(target.host)}"

    def _receive(self, parsed: SetCookie, context: _Context) -> Cookie | Rejected:
        scope = self._scope(parsed.domain or "", context.target.host)
        if isinstance(scope, Reason):
            return Rejected(scope)
        arrival = self._arrival(parsed, context, *scope)
        for reason, ignores in _RULES:
            if ignores(arrival):
                return Rejected(reason)
        self._insert(arrival.cookie)
        return arrival.cookie

    def _scope(self, wish: str, host: str) -> tuple[str, bool] | Reason:
        """Turn a `Domain` attribute into domain and host-only flag (bis 5.7 steps 8 to 10)."""
        if not wish.isascii():
            return Reason.BAD_DOMAIN
        wish = wish.removeprefix("[").removesuffix("]") if ":" in wish else wish
        if self._is_public_suffix(wish) and wish:
            # A host that is itself a public suffix may set cookies, for itself alone.
            return (host, True) if wish == host else Reason.PUBLIC_SUFFIX
        if not wish:
            return host, True
        if not domain_matches(host, wish):
            return Reason.FOREIGN_DOMAIN
        # An address has no subdomains (layered "Store a Cookie": its host-only becomes true).
        return wish, _is_address(wish)

    def _arrival(
        self, parsed: SetCookie, context: _Context, domain: str, host_only: bool
    ) -> _Arrival:
        self._arrivals += 1
        path = default_path(context.target.path) if parsed.path is None else parsed.path
        cookie = Cookie(
            name=parsed.name,
            value=parsed.value,
            domain=domain,
            host_only=host_only,
            path=path,
            secure=parsed.secure,
            http_only=parsed.http_only,
            same_site=parsed.same_site,
            partition=context.partition if parsed.partitioned else None,
            expiry_time=parsed.expiry(context.now, self._age_limit),
            creation_time=context.now,
            last_access_time=context.now,
            serial=self._arrivals,
        )
        others = list(self)
        old = self._store.get(cookie.identity)
        if old is not None:
            # The newcomer inherits the place in the sending order (bis 5.7 step 23.3).
            cookie = replace(cookie, creation_time=old.creation_time, serial=old.serial)
        return _Arrival(
            cookie=cookie,
            has_root_path=parsed.path == "/",
            context=context,
            others=others,
            old=old,
        )

    def _insert(self, cookie: Cookie) -> None:
        self._store[cookie.identity] = cookie
        self._evict_expired()
        if self._limit is None:
            return
        shared = [other for other in self._store.values() if other.domain == cookie.domain]
        # Insecure cookies go first, then the one that was not used for longest (bis 5.7).
        shared.sort(key=lambda other: (other.secure, other.last_access_time, other.serial))
        for other in shared[: max(0, len(shared) - self._limit)]:
            del self._store[other.identity]

    def _retrieve(self, context: _Context) -> bytes:
        chosen = [cookie for cookie in self if self._fits(cookie, context)]
        # Longer paths first, then the older cookie (bis 5.8.3 step 2).
        chosen.sort(key=lambda cookie: (-len(cookie.path), *_age(cookie)))
        for cookie in chosen:
            self._store[cookie.identity] = replace(cookie, last_access_time=context.now)
        return b"; ".join(cookie.pair for cookie in chosen)

    def _fits(self, cookie: Cookie, context: _Context) -> bool:
        host = context.target.host
        same_host = host == cookie.domain
        return (
            (same_host if cookie.host_only else domain_matches(host, cookie.domain))
            and path_matches(context.target.path, cookie.path)
            and (context.secure or not cookie.secure)
            and (context.http_api or not cookie.http_only)
            and cookie.partition in {None, context.partition}
            and _may_cross(cookie, context)
        )

    def _evict_expired(self) -> None:
        self._keep(lambda cookie: not cookie.expired(self.now))

    def _keep(self, stays: Callable[[Cookie], bool]) -> list[Cookie]:
        gone = [cookie for cookie in self._store.values() if not stays(cookie)]
        for cookie in gone:
            del self._store[cookie.identity]
        return gone


def _age(cookie: Cookie) -> tuple[float, int]:
    return cookie.creation_time, cookie.serial


def _may_cross(cookie: Cookie, context: _Context) -> bool:
    """Apply the same-site-flag to a request (bis 5.8.3 step 1, last bullet)."""
    if not context.cross_site or cookie.same_site is SameSite.NONE:
        return True
    # "default" is enforced as Lax: top-level navigations by a safe method only.
    return cookie.same_site is not SameSite.STRICT and context.navigation


def _octet_pair(name: bytes | str, value: bytes | str) -> tuple[bytes, bytes]:
    """Give a header as bytes with a lower-case name; text stands for its Latin-1 bytes."""
    octets = [part.encode("latin-1") if isinstance(part, str) else part for part in (name, value)]
    return octets[0].lower(), octets[1]
