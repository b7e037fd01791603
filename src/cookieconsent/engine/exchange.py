"""One exchange: a request head and its response taken through the rules, without I/O.

Adapters build an `Exchange` per request, hand the application what `request_changes` says, pass the
response head through `start` and, where `inserting`, the body through `feed`. Everything else about
consent happens here or below.

A failure of our own code never reaches a visitor or the application: cookies fail closed (only exact
exempt names pass), pages fail open (served without our markup), and the log has it once.
May not enter: sockets, scopes, environs, words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from cookieconsent.core.choice import Choice
from cookieconsent.core.closed import request_left, response_left
from cookieconsent.core.cookies import CookieHeader, is_folded, join_lines, read_set_cookie
from cookieconsent.core.filter import Filtered
from cookieconsent.core.headers import (
    Fields,
    Head,
    HeaderList,
    make_no_store,
    make_private,
    merge_vary,
)
from cookieconsent.core.inject import BodyFinder
from cookieconsent.core.policy import PagePolicy
from cookieconsent.core.signals import (
    is_navigation,
    privacy_control,
    wants_fragment,
)
from cookieconsent.core.validators import VALIDATORS
from cookieconsent.engine import routes
from cookieconsent.engine.copies import ask_of_own, confirm_copy, mark_copy
from cookieconsent.engine.events import Outcome, escape_name
from cookieconsent.engine.leftovers import deletion_lines
from cookieconsent.engine.page import (
    NOT_MODIFIED,
    Insertion,
    can_carry,
    forget_bytes,
    is_document,
    is_html,
    is_indifferent,
    remove_digests,
)
from cookieconsent.engine.placement import (
    markup_at,
    policy_for_markup,
    warn_homeless,
)
from cookieconsent.engine.template import Template
from cookieconsent.engine.use import NOTHING, Use
from cookieconsent.errors import ResponseStartedError, UnknownClassError

if TYPE_CHECKING:
    from cookieconsent.engine.consent import Consent, Kind, Ruling, Standing

# The methods by which browsers load pages; deletions ride on nothing else either.
_PAGE_METHODS = frozenset({"GET", "HEAD", "POST"})
# What asks for a part of a page, or for none if it is the same.
_PARTIAL_FIELDS = (b"range", b"if-range", b"if-modified-since")


class Exchange:
    """A request and its response.

    Args:
        consent: The site's rules.
        method: The request method, in capitals as it came.
        scheme: `http`, `https`, `ws` or `wss`, as the server sees it.
        root: The mount prefix, decoded, empty for none.
        path: The path, decoded, with or without the mount prefix.
        query: The query string as it came.
        fields: Request fields by lower-case name (`REQUEST_FIELDS`).
        cookie_lines: The `Cookie` field lines as they came.
        upgrade: Whether this is a websocket handshake, which shows no page.
    """

    # One is made per request, so it begins with as little as possible: what most exchanges never
    # change stands here, once for all.
    standing: Standing
    """What the visitor's choice means."""
    ruling: Ruling
    """What of it holds for this request."""
    signal: bool = False
    """Whether Global Privacy Control is on."""
    insertion: Insertion | None = None
    """Set by `start` where the body must pass through `feed`."""
    due: bool = False
    """Whether a banner is due on this request, so that files must come as bytes."""
    route: str | None = None
    """What follows our path if this request is for one of our pages."""
    _cookies: CookieHeader | None = None
    _filtered: Filtered | None = None
    _denied: Sequence[bytes] = ()
    _expired: Sequence[bytes] = ()
    _used: Use | None = None
    _changed: bool = False
    started: bool = False
    """Whether the response head has been taken: nothing more can be said in it."""
    _ended: bool = False
    failed: bool = False
    """Whether our own code has failed for this request."""
    _act: str | None = None
    _restored: bytes | None = None
    _is_settled: bool = False  # a head with validators went out, not marked for what comes later
    _locale: str | None = None
    _navigates: bool | None = None
    _today: int | None = None
    _status: int = 0

    def __init__(  # noqa: PLR0913, PLR0917 - a request head has these parts
        self,
        consent: Consent,
        method: str,
        scheme: str,
        root: str,
        path: str,
        query: bytes,
        fields: Fields,
        cookie_lines: list[bytes],
        upgrade: bool = False,  # noqa: FBT001, FBT002 - calls by keyword cost a fifth of a request
    ) -> None:
        self.consent: Consent = consent
        self.method: str = method
        self.scheme: str = scheme
        self.root: str = root
        self.path: str = path
        self.query: bytes = query
        self.fields: Fields = fields
        self.request_changes: dict[bytes, bytes | None] = {}
        """Request fields the application gets otherwise; `None` removes one."""
        self._blocked: list[bytes] = []
        self._cookie_lines = cookie_lines
        self._upgrade = upgrade
        try:
            self._read_request()
        except Exception:  # noqa: BLE001 - a visitor's bytes must never raise
            self._fail("request")

    # --- the request ------------------------------------------------------------------------------

    def _read_request(self) -> None:
        consent, lines = self.consent, self._cookie_lines
        if b"sec-gpc" in self.fields:
            self.signal = privacy_control(self.fields)
        standing = consent.undecided
        if lines:
            self._cookies = CookieHeader(join_lines(lines))
            tokens = self._cookies.values(consent.cookie_name)
            if tokens:
                standing = consent.read(tokens, self.today)
        self.standing = standing
        self.ruling = standing.ruling(signal=self.signal)
        if self._cookies is not None:
            filtered = self._filter(self._cookies)
            if filtered.changed and consent.enforces:
                self.request_changes[b"cookie"] = filtered.header
        if not self._upgrade:
            if consent.path in self.path or self.path == routes.GPC_PATH:
                self.route = routes.route_of(self)
            if self.ruling.kind == "banner" and self.navigates:
                self._ask_for_whole()
            self._restored = ask_of_own(self)

    def _filter(self, cookies: CookieHeader) -> Filtered:
        filtered = self.ruling.filter.request(self._cookie_lines, cookies)
        self._filtered, self._denied = filtered, filtered.denied
        if self.standing is self.consent.unknown:
            self._denied = ()
        paused = self.ruling.decision.paused
        if paused and self._denied:  # what rests is kept from the application, and kept
            class_of = self.consent.registry.classify
            self._denied = [name for name in self._denied if class_of(name).cls not in paused]
        return filtered

    def _ask_for_whole(self) -> None:
        """Ask the application for an answer that the banner can go into."""
        self.due = True
        if b"accept-encoding" in self.fields:
            self.request_changes[b"accept-encoding"] = b"identity"
        for name in _PARTIAL_FIELDS:
            if name in self.fields:
                self.request_changes[name] = None

    def _fail(self, where: str) -> None:
        """Close up after a failure of our own code."""
        consent = self.consent
        consent.reporter.failure(where)
        self.failed = True
        self.signal = False
        self.standing = consent.undecided
        self.ruling = consent.undecided.plain
        self.insertion = None
        self.due = False
        self.request_changes = {}
        if self._cookie_lines and consent.enforces:
            kept = request_left(self._cookie_lines, consent.exact_exempt)
            self.request_changes[b"cookie"] = kept

    @property
    def navigates(self) -> bool:
        """Whether the answer will be shown as a page."""
        if self._navigates is None:
            if self.method not in _PAGE_METHODS:
                self._navigates = False
            elif self.consent.config.shared_cache:
                # Everybody gets the same page, so the visitor's request may not matter.
                self._navigates = not wants_fragment(self.fields)
            else:
                self._navigates = is_navigation(self.fields)
        return self._navigates

    @property
    def today(self) -> int:
        """Today, in days since 1970-01-01 UTC; the same for the whole exchange."""
        if self._today is None:
            self._today = self.consent.today(self.consent.clock())
        return self._today

    @property
    def is_secure(self) -> bool:
        """Whether visitors see https: here, or at a proxy whose origin the site has named."""
        public = self.consent.config.public_origin
        return self.scheme in {"https", "wss"} or (
            public is not None and public.lower().startswith("https:")
        )

    @property
    def action(self) -> str:
        """The address of our pages: a path with the mount prefix, percent-encoded."""
        root = self.root.strip("/")
        prefix = "/" + quote(root, safe="/~-._!$&'()*+,;=:@") if root else ""
        return prefix + self.consent.path

    def warn_of_outer_session(self) -> None:
        """Tell the operator that a session is kept further out, where its cookies pass us by."""
        self.consent.reporter.once(
            "session outside",
            "a session middleware is wrapped around CookieConsentMiddleware, so the cookies it sets "
            "are not seen; wrap them the other way round",
        )

    # --- what applications ask --------------------------------------------------------------------

    @property
    def used(self) -> Use:
        """What the application has used so far, to be read."""
        return self._used or NOTHING

    @property
    def use(self) -> Use:
        """What the application has used so far, to be added to."""
        if self._used is None:
            self._used = Use()
        return self._used

    def mark_asked(self) -> None:
        """Note that the response may depend on the visitor's answer."""
        self.use.answer = True
        if self._is_settled:
            self.consent.reporter.once(
                "asked late",
                "the application asked for consent after it had sent a response head with an ETag or "
                "Last-Modified, so a browser may keep that page after another answer",
            )
        if self.consent.config.shared_cache and self.navigates and not self.started:
            self.consent.reporter.once(
                "shared cache",
                "the application asked for consent while making a page that is cached for everybody",
            )

    def allows(self, cls: str) -> bool:
        """Tell whether a class may be used now."""
        self.mark_asked()
        if not isinstance(cls, str):
            raise TypeError(f"a class is asked for by its name, and {cls!r} is none")
        if cls in self.ruling.decision.allowed:
            return True
        if cls not in self.consent.class_names:
            self.consent.reporter.unknown_class(cls, self.consent.class_names)
        return False

    @property
    def is_decided(self) -> bool:
        """Whether nothing is left to ask."""
        return not self.ruling.decision.ask

    def grant(self, classes: Iterable[str]) -> None:
        """Record a yes given to the application."""
        names = frozenset(map(str, classes))
        switchable = self.consent.switchable_names
        for name in sorted(names - switchable):
            raise UnknownClassError(name, tuple(sorted(switchable)))
        self._refuse_late("grant")
        self.mark_asked()
        choice = self.standing.choice
        granted = frozenset[str]() if choice is None else choice.granted
        if names <= granted & self.ruling.decision.allowed:
            return
        self.stand_on(self.choice_with(names))
        self._changed, self._act = True, "grant"

    def withdraw(self) -> None:
        """Record a no to everything given to the application."""
        self._refuse_late("withdraw")
        self.mark_asked()
        names = self.consent.switchable_names
        choice = self.standing.choice
        # A yes that the signal outranks is still there for the day on which the signal is off.
        granted = frozenset[str]() if choice is None else choice.granted
        used = self.ruling.decision.allowed | self.ruling.decision.paused | granted
        if not names & used and self.standing is not self.consent.unknown:
            return
        self.stand_on(Choice(day=self.today, refused=names))
        self._changed, self._act = True, "withdraw"

    def _refuse_late(self, verb: str) -> None:
        if self.started:
            message = f"{verb}() after the response head was sent: no cookie can follow it"
            raise ResponseStartedError(message)

    def choice_with(self, classes: Iterable[str]) -> Choice:
        """Return the standing choice with further classes granted.

        The day of a standing choice stays: a yes to one class does not prolong the others.
        """
        names = self.consent.switchable_names & frozenset(classes)
        choice = self.standing.choice or Choice(day=self.today)
        return choice.merge(names, day=self.today, signal=self.signal)

    def stand_on(self, choice: Choice | None) -> None:
        """Let a new choice hold from here on, in this very exchange."""
        self.standing = self.consent.standing(choice)
        # The visitor has just spoken, so the signal is heard through `under_signal` alone.
        self.ruling = self.standing.ruling(signal=self.signal)
        if self._cookies is not None:
            self._filter(self._cookies)  # the application has its request already

    @property
    def locale(self) -> str:
        """The language for this visitor: the application's word, the site's, the browser's wishes."""
        if self._locale is not None:
            return self._locale
        wishes = self.fields.get(b"accept-language")
        return self.consent.locale or self.consent.languages.negotiate(wishes)

    def set_locale(self, tag: str | None) -> None:
        """Take the application's word for the language, if it is one the site has.

        `None` takes it back.
        """
        found = None if tag is None else self.consent.languages.find(str(tag)[:64])
        self._locale = found or (None if tag is None else self._locale)

    def is_placed(self, kind: Kind) -> bool:
        """Tell whether the application's template has taken care of this markup."""
        return self.used.banner if kind == "banner" else self.used.settings

    @property
    def cookies(self) -> CookieHeader | None:
        """The cookies of the request, `None` where it has none."""
        return self._cookies

    @property
    def template(self) -> Template:
        """What the application's template may take from us."""
        return Template(self)

    # --- the response -----------------------------------------------------------------------------

    def start(self, status: int, headers: Iterable[Sequence[object]]) -> HeaderList:
        """Take the response head; return what goes out, the very list given if nothing changes.

        Where `insertion` is set afterwards, the head must wait for the first `feed`; it is what
        `settled_head` returns then.
        """
        self.started = True
        self._status = status
        self.insertion = None  # this head may replace another one
        if (
            not (self._denied or self._used or self._changed)
            and is_indifferent(headers, status)
            and self.ruling.gate is None
        ):
            self._end()
            return headers
        head = Head(headers)
        before = head.lines
        if not self.failed:
            try:
                self._start(status, head)
            except Exception:  # noqa: BLE001 - the page goes out, its cookies do not
                self._fail("response")
            else:
                if self.insertion is None:
                    self._end()
                return head.lines
        self._end()
        head.write(self._exact_only(before))
        if status != NOT_MODIFIED and not self._upgrade and self.consent.enforces:
            self._gate(head)
        return head.lines

    def restart(self) -> None:
        """Forget a response head that was replaced before it was sent (PEP 3333, `exc_info`)."""
        self.started = self._ended = False
        self._blocked = []
        self._expired = []

    def feed(self, chunk: bytes, *, last: bool) -> bytes:
        """Pass a chunk of a body that markup goes into."""
        insertion = self.insertion
        if insertion is None or not insertion.open:
            return chunk
        held = insertion.held
        try:
            data = insertion.feed(chunk, self._insert, last=last)
        except Exception:  # noqa: BLE001 - the page goes out without markup rather than not at all
            self.consent.reporter.failure("page")
            insertion.fail()
            data = held + chunk
        if not self.inserting:
            if insertion.homeless:
                warn_homeless(self)
            self._end()
        return data

    @property
    def inserting(self) -> bool:
        """Whether the body must still pass through `feed`."""
        return self.insertion is not None and self.insertion.open

    def settled_head(self) -> HeaderList:
        """Return the head that may go out now, where `insertion` is set."""
        if self.insertion is None:
            return []
        try:
            return self.insertion.settle(self._mark)
        except Exception:  # noqa: BLE001 - the page goes out; nothing is said of its bytes
            self.consent.reporter.failure("page")
            return self.insertion.bare_head()

    def abandon(self) -> bytes:
        """Insert nothing, since a server sends the body itself; return the bytes that waited."""
        if self.insertion is None or not self.insertion.open:
            return b""
        waited = self.insertion.abandon()
        self._end()
        return waited

    def trailers(self, headers: Iterable[Sequence[object]]) -> HeaderList:
        """Filter cookies in trailers, where no browser reads them but a proxy may."""
        head = Head(headers)
        if self.insertion is not None and self.insertion.inserted:
            remove_digests(head)
        before = head.lines
        if not self.failed:
            try:
                self._filter_response(head)
            except Exception:  # noqa: BLE001 - as in `start`
                self._fail("response")
            else:
                return head.lines
        return self._exact_only(before)

    def pushed(self, headers: Iterable[Sequence[object]]) -> HeaderList:
        """Filter the request cookies of a server push."""
        head = Head(headers)
        lines = head.values(b"cookie")
        if not lines or not self.consent.enforces:
            return head.lines
        head.remove(b"cookie")
        try:
            kept = self.ruling.filter.request(lines, CookieHeader(join_lines(lines))).header
        except Exception:  # noqa: BLE001 - a push without cookies is still a push
            self.consent.reporter.failure("push")
            return head.lines
        if kept is not None:
            head.append(b"cookie", kept)
        return head.lines

    def expiry_headers(self) -> HeaderList:
        """Return the deletions of cookies that may not stay."""
        if not self._denied or self.failed or self.method not in _PAGE_METHODS:
            return []
        lines = deletion_lines(self, self._denied)
        self._expired = list(dict.fromkeys(line.partition(b"=")[0] for line in lines))
        return [(b"set-cookie", line) for line in lines]

    def _start(self, status: int, head: Head) -> None:
        consent, fields = self.consent, head.fields
        if b"set-cookie" in fields:
            self._filter_response(head)
        if not consent.enforces:
            return
        policy = self._describe(status, head)
        if self._used is not None:
            self._tell_of_use(head, self._used)
        # Pages for everybody carry nobody's deletions; those ride on `state.css` and on forms.
        if self._denied and not self._upgrade and not consent.config.shared_cache:
            self._add_expiries(head)
        if self._changed:
            self._add_choice(head)
        if policy is not None:
            self._open(head, policy)

    def _describe(self, status: int, head: Head) -> PagePolicy | None:
        """Let the head say what kind of copy it is; return the policy if markup goes in."""
        policy: PagePolicy | None = None
        if status == NOT_MODIFIED:
            self._revalidate(head)
        elif not self._upgrade:
            kind = head.fields.get(b"content-type")
            if kind is not None and is_html(kind):
                policy = self._page_head(status, head)
            self._gate(head)
            if policy is None:
                self._mark(head, altered=False)
        return policy

    def _mark(self, head: Head, altered: bool) -> None:  # noqa: FBT001 - as `Insertion.settle` calls it
        mark_copy(self, head, altered=altered)
        # What is asked from here on is not in the validators.
        self._is_settled = not altered and not head.fields.keys().isdisjoint(VALIDATORS)

    def _filter_response(self, head: Head) -> None:
        """Drop the cookies that may not be set."""
        now = self.consent.clock()
        kept: HeaderList = []
        for pair in head.lines:
            if pair[0].lower() != b"set-cookie":
                kept.append(pair)
                continue
            line = self.ruling.filter.response(pair[1], now)
            if line is None:
                self._block(pair[1])
            else:
                self._warn_folded(line)
                kept.append(pair if line is pair[1] else (pair[0], line))
        if self.consent.enforces and kept != head.lines:
            head.write(kept)

    def _warn_folded(self, line: bytes) -> None:
        if is_folded(line):
            name = escape_name(line.partition(b"=")[0].strip())
            self.consent.reporter.once(
                "set-cookie folded",
                f"several cookies were joined into one Set-Cookie line, that of {name!r}; browsers "
                "keep the first alone",
            )

    def _block(self, line: bytes) -> None:
        cookie = read_set_cookie(line)
        name = b"(unreadable)" if cookie is None else cookie.name
        self._blocked.append(name)
        self.consent.reporter.names("cookie blocked", [name])

    def _exact_only(self, lines: HeaderList) -> HeaderList:
        """Let only exactly declared exempt cookies out, when the rules have failed."""
        if not self.consent.enforces:
            return lines
        return response_left(lines, self.consent.exact_exempt - {self.consent.cookie_name})

    def _add_expiries(self, head: Head) -> None:
        """Add the deletions that the application has not sent itself."""
        present = set(head.values(b"set-cookie"))
        new = [line for name, line in self.expiry_headers() if line not in present]
        for line in new:
            head.append(b"set-cookie", line)
        if new:
            make_private(head)

    def _add_choice(self, head: Head) -> None:
        choice = self.standing.choice
        if choice is None:
            return
        if self._act is not None:
            act, self._act = self._act, None
            routes.announce(self, act, choice)
        head.append(b"set-cookie", self.consent.choice_cookie(choice))
        make_no_store(head)

    def _page_head(self, status: int, head: Head) -> PagePolicy | None:
        """Complete the head of an HTML answer.

        Returns:
            The policy under which markup goes into its body; `None` where none does.
        """
        policy: PagePolicy | None = None
        if self.consent.switchable and can_carry(status, head):
            kind = self.ruling.kind
            if kind is not None and self.navigates and not self.is_placed(kind):
                policy = policy_for_markup(self, head)
            self._tell_caches(head, negotiated=policy is not None and self._negotiates)
        return policy

    def _tell_caches(self, head: Head, *, negotiated: bool) -> None:
        """Say what caches must know of a page that could carry a banner, in every state."""
        consent = self.consent
        if consent.config.shared_cache:
            vary: tuple[bytes, ...] = ()
            private = not self.navigates  # a fragment must not be kept as the page
        else:
            # What was fetched must not be kept as the page, which would be one without a banner.
            vary = consent.vary
            private = (
                self.ruling.decision.ask and consent.config.private_pages
                if self.navigates
                else self.ruling.kind is not None or self.ruling.decision.ask
            )
        if negotiated:
            vary = (*vary, b"Accept-Language")
        if vary:
            merge_vary(head, vary)
        if private:
            make_private(head)

    def _tell_of_use(self, head: Head, used: Use) -> None:
        """Say on what an answer depends that the application has made of the visitor's."""
        vary = self.consent.vary if used.answer else ()
        if used.words and self._negotiates:
            vary = (*vary, b"Accept-Language")
        if vary:
            merge_vary(head, vary)
        if used.personal:
            make_no_store(head)

    def _revalidate(self, head: Head) -> None:
        """Let a 304 say what the 200 would have said, since caches update what they keep by it."""
        ours = confirm_copy(self, head, self._restored)
        if self.consent.switchable and (ours or self.navigates):
            self._tell_caches(head, negotiated=ours and self._negotiates)

    def _gate(self, head: Head) -> None:
        """Add the gate to whatever a browser may show as a document.

        Not to a 304: its fields replace those of the copy, the site's own policy among them, and a
        copy that holds has the gate.
        """
        gate = self.ruling.gate
        if gate is not None and is_document(head.fields.get(b"content-type")):
            head.append(*gate)

    @property
    def _negotiates(self) -> bool:
        return self._locale is None and self.consent.locale is None

    def _open(self, head: Head, policy: PagePolicy) -> None:
        """Begin an insertion, or for HEAD only say what GET would say."""
        if self.method == "HEAD":
            forget_bytes(head)
            self._mark(head, altered=True)
            head.remove(b"content-length")
        else:
            self.insertion = Insertion(head, policy)

    def _insert(self, finder: BodyFinder) -> bytes | None:
        """Return the markup for the place that was found; `None` where it must not go in."""
        if self.insertion is None:
            return None
        return markup_at(self, self.insertion.policy, finder, utf8=self.insertion.utf8)

    # --- the end ----------------------------------------------------------------------------------

    def _showed_banner(self) -> bool:
        """Tell whether a visitor was asked; a page fetched ahead may never be seen."""
        return (
            self.insertion is not None
            and self.insertion.inserted
            and self.ruling.kind == "banner"
            and b"sec-purpose" not in self.fields
        )

    def _end(self) -> None:
        """Tell what was done, once."""
        hook = self.consent.config.on_outcome
        if hook is None or self._ended:
            return
        self._ended = True
        stripped = () if self._filtered is None else self._filtered.stripped
        self.consent.call_hook(
            hook,
            Outcome(
                reason="failure" if self.failed else self.ruling.decision.reason,
                stripped=tuple(map(escape_name, stripped)),
                blocked=tuple(map(escape_name, self._blocked)),
                expired=tuple(map(escape_name, self._expired)),
                asked=self._showed_banner(),
                status=self._status,
            ),
        )
