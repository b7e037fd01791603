"""The registry: from a cookie's name to its class, and the declarations it is built from.

Declared beats catalogue, exact beats glob, longer glob beats shorter; a name found nowhere is unknown
and never exempt. Names are compared byte for byte; a `*` matches any run of bytes, and a glob must
cover the whole name (no regular expressions: matching is linear by construction).
May not enter: what a visitor said, words for visitors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal

from cookieconsent.core import lifetime as lifetimes
from cookieconsent.core.cookies import MAX_NAME_OCTETS, Scope, has_control, is_token
from cookieconsent.errors import ConfigError, ContradictionError

Regime = Literal["exempt", "opt-in", "objection"]
REGIMES: Final[tuple[Regime, ...]] = ("exempt", "opt-in", "objection")

EXEMPT_CLASSES = ("authentication", "cart", "consent")
SHARING_CLASSES = ("analytics", "media", "advertising")
READY_CLASSES = ("preferences", "media", "advertising")
BUILT_IN_CLASSES = ("authentication", "cart", "consent", "analytics")
MAX_SITE_CLASSES = 24  # keeps the consent cookie below 256 bytes
MAX_CLASS_NAME = 32


class CookieClass:
    """A class of cookies: what they are for, and whether the visitor is asked.

    Args:
        name: Lower-case letters, digits, `-` and `_`, beginning with a letter; at most 32.
        title: What visitors read; a built-in class has one in every shipped language.
        description: One or two plain sentences for the preferences page.
        regime: `"exempt"` passes always and cannot be switched; `"opt-in"` needs a yes;
            `"objection"` passes until the visitor objects (UK statistics under PECR schedule A1,
            French audience measurement). Left out, `authentication`, `cart` and `consent` are
            exempt and every other class is opt-in.
        shares_with_third_parties: Whether anybody but the site receives the data. Global Privacy
            Control refuses such a class. Left out, `analytics`, `media` and `advertising` share.
        purposes: Identifiers of purposes, in your own or a public vocabulary; part of the
            fingerprint, so a change asks visitors again.
        version: Raise it when something else material changes, and visitors are asked again.

    Raises:
        ConfigError: A field does not fit, or an always-exempt class was given another regime.
    """

    __slots__ = (
        "description",
        "name",
        "purposes",
        "regime",
        "shares_with_third_parties",
        "title",
        "version",
    )

    name: str
    title: str | None
    description: str | None
    regime: Regime
    shares_with_third_parties: bool
    purposes: tuple[str, ...]
    version: int

    def __init__(
        self,
        name: str,
        *,
        title: str | None = None,
        description: str | None = None,
        regime: Regime | None = None,
        shares_with_third_parties: bool | None = None,
        purposes: Iterable[str] = (),
        version: int = 1,
    ) -> None:
        _check_class_name(name)
        if regime is None:
            regime = _usual_regime(name)
        if regime not in REGIMES:
            raise ConfigError(
                "classes.regime", f"{regime!r} on class {name!r} is no regime", _one_of(REGIMES)
            )
        if name in EXEMPT_CLASSES and regime != "exempt":
            raise ConfigError(
                "classes.regime",
                f"class {name!r} is exempt and cannot be {regime!r}",
                "Put such cookies in a class of your own",
            )
        if shares_with_third_parties is None:
            shares_with_third_parties = name in SHARING_CLASSES
        for label, value in (("title", title), ("description", description)):
            if value is not None and not isinstance(value, str):
                raise ConfigError(f"classes.{label}", f"{value!r} is no text", "Write a string")
        check_switch("classes.shares_with_third_parties", shares_with_third_parties)
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise ConfigError(
                "classes.version", f"{version!r} is no version", "Write a whole number from 1"
            )
        settled: tuple[tuple[str, object], ...] = (
            ("name", name),
            ("title", title),
            ("description", description),
            ("regime", regime),
            ("shares_with_third_parties", shares_with_third_parties),
            ("purposes", strings("classes.purposes", purposes)),
            ("version", version),
        )
        for attribute, content in settled:
            object.__setattr__(self, attribute, content)

    def __setattr__(self, name: str, value: object) -> None:
        message = f"CookieClass is frozen; build a new one to change {name!r}"
        raise AttributeError(message)

    def __delattr__(self, name: str) -> None:
        self.__setattr__(name, None)

    def _fields(self) -> tuple[object, ...]:
        return tuple(getattr(self, attribute) for attribute in self.__slots__)

    def __eq__(self, other: object) -> bool:
        """Tell whether both classes say the same."""
        return isinstance(other, CookieClass) and self._fields() == other._fields()

    def __hash__(self) -> int:
        """Return a hash over all fields."""
        return hash(self._fields())

    def __repr__(self) -> str:
        """Return the constructor call that makes this class."""
        shares = self.shares_with_third_parties
        return (
            f"CookieClass({self.name!r}, regime={self.regime!r}, "
            f"shares_with_third_parties={shares!r}, version={self.version!r})"
        )

    @property
    def switchable(self) -> bool:
        """Whether a visitor can say yes or no to it."""
        return self.regime != "exempt"


def _usual_regime(cls: str | None) -> Regime:
    return "exempt" if cls in EXEMPT_CLASSES else "opt-in"


def _one_of(allowed: Iterable[str]) -> str:
    return "Use one of " + ", ".join(repr(name) for name in allowed)


def _check_class_name(name: object, field_name: str = "classes.name") -> None:
    fits = (
        isinstance(name, str)
        and 0 < len(name) <= MAX_CLASS_NAME
        and name.isascii()
        and name[0].islower()
        and all(char.islower() or char.isdigit() or char in "-_" for char in name)
    )
    if not fits:
        near = [known for known in (*BUILT_IN_CLASSES, *READY_CLASSES) if known in str(name)]
        if near:
            raise ConfigError(field_name, f"{name!r} is no class name", f"Write {near[0]!r}")
        raise ConfigError(
            field_name,
            f"{name!r} is no class name",
            f"Use lower-case letters, digits, '-' and '_', at most {MAX_CLASS_NAME}",
        )


def check_switch(field_name: str, value: object) -> None:
    """Refuse whatever is not one of two words.

    Raises:
        ConfigError: It is something else, such as `"false"`, which Python takes for true.
    """
    if not isinstance(value, bool):
        raise ConfigError(
            field_name,
            f"{value!r} is no yes or no",
            "Write True or False, without quotes",
            toml_fix="Write true or false, without quotes",
        )


def strings(field_name: str, value: object) -> tuple[str, ...]:
    """Return a collection of strings as a tuple; a lone string is a mistake, not a collection.

    Raises:
        ConfigError: It is a string, or holds something else.
    """
    if isinstance(value, str):
        raise ConfigError(
            field_name, f"{value!r} is one value, not a list of them", f"Write [{value!r}]"
        )
    if isinstance(value, bytes | Mapping) or not isinstance(value, Iterable):
        raise ConfigError(field_name, f"{value!r} is no list of texts", "Write a list of strings")
    items = tuple(value)
    for item in items:
        if not isinstance(item, str) or not item:
            raise ConfigError(field_name, f"{item!r} is no text", "Write a list of strings")
    return items


@dataclass(frozen=True, slots=True)
class Cookie:
    """A declared cookie: its name or anchored glob, its class, and what visitors must know of it.

    The same name may be declared several times with different scopes.

    Raises:
        ConfigError: A field does not fit.
    """

    name: str
    """The exact name, or a glob in which `*` stands for any run of characters (`_ga_*`)."""
    cls: str
    """The name of its class."""
    purpose: str | None = field(default=None, kw_only=True)
    """What it is for, in a plain sentence for visitors."""
    provider: str | None = field(default=None, kw_only=True)
    """Who sets it or receives its data."""
    lifetime: str | timedelta | None = field(default=None, kw_only=True)
    """`"session"`, `"<number> <minutes|hours|days|months|years>"` or a `timedelta`."""
    domain: str | None = field(default=None, kw_only=True)
    """Its `Domain` attribute; `None` for a host-only cookie. Needed to delete it."""
    path: str = field(default="/", kw_only=True)
    """Its `Path` attribute. Needed to delete it."""
    partitioned: bool = field(default=False, kw_only=True)
    """Whether it is set with `Partitioned` (CHIPS). Needed to delete it."""

    def __post_init__(self) -> None:
        _check_cookie_name("cookies.name", self.name)
        _check_class_name(self.cls, "cookies.cls")
        for label in ("purpose", "provider"):
            value = getattr(self, label)
            if value is not None and (not isinstance(value, str) or not value.strip()):
                raise ConfigError(f"cookies.{label}", f"{value!r} is no text", "Write a sentence")
        _check_lifetime(self.name, self.lifetime)
        if self.domain is not None:
            object.__setattr__(self, "domain", clean_domain("cookies.domain", self.domain))
        _check_path(self.path)
        check_switch("cookies.partitioned", self.partitioned)
        if self.name.lower().startswith("__host-") and (self.domain or self.path != "/"):
            raise ConfigError(
                "cookies.domain" if self.domain else "cookies.path",
                f"{self.name!r} cannot have it: browsers refuse a __Host- cookie with a Domain or "
                "another Path",
                "Leave both out",
            )

    @property
    def key(self) -> bytes:
        """The name as the bytes that are compared."""
        return self.name.encode("utf-8")

    @property
    def is_glob(self) -> bool:
        """Whether the name is a glob."""
        return "*" in self.name

    @property
    def scope(self) -> Scope:
        """Where the cookie lives, which is what its deletion must repeat."""
        return Scope(self.domain, self.path, self.partitioned)

    @property
    def max_age(self) -> timedelta | None:
        """The lifetime; `None` for the session, or where none was declared."""
        if isinstance(self.lifetime, str):
            return lifetimes.parse(self.lifetime)
        return self.lifetime

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts visitors need that were not declared."""
        return tuple(
            label for label in ("purpose", "provider", "lifetime") if getattr(self, label) is None
        )


def _check_cookie_name(label: str, name: object) -> None:
    if not isinstance(name, str) or not name:
        raise ConfigError(label, f"{name!r} is no cookie name", "Write the name as a string")
    data = name.encode("utf-8", "surrogatepass")
    if "**" in name or any("\ud800" <= char <= "\udfff" for char in name):
        raise ConfigError(
            label, f"{name!r} can be no cookie's name", "Write one '*', and whole characters"
        )
    if has_control(data) or any(char in name for char in ";=\t") or name != name.strip():
        raise ConfigError(
            label,
            f"{name!r} can be no cookie's name",
            "Leave out ';', '=', control characters and white space at the edges",
        )
    if len(data) > MAX_NAME_OCTETS:
        raise ConfigError(
            label, "it is longer than 256 bytes", "Browsers and proxies would drop such a cookie"
        )
    if not name.strip("*"):
        raise ConfigError(
            label,
            f"{name!r} would match every cookie",
            "Name the cookies, or set undeclared='allow' if you mean it",
        )


def _check_lifetime(name: str, value: object) -> None:
    try:
        if isinstance(value, str):
            lifetimes.parse(value)
            return
    except ValueError as error:
        raise _no_lifetime(name, value) from error
    if value is not None and not (isinstance(value, timedelta) and value > timedelta(0)):
        raise _no_lifetime(name, value)


def _no_lifetime(name: str, value: object) -> ConfigError:
    return ConfigError(
        "cookies.lifetime",
        f"{value!r} of {name!r} is no lifetime",
        f"Write {lifetimes.TEXTS} or a timedelta",
        toml_fix=f"Write {lifetimes.TEXTS}",
    )


_MAX_LABEL = 63
_MAX_DOMAIN = 253


def is_domain(domain: str) -> bool:
    """Tell whether `domain` is two or more letters-digits-hyphen labels and no IPv4 address."""
    labels = domain.split(".")
    return (
        len(labels) > 1
        and len(domain) <= _MAX_DOMAIN
        and domain.isascii()
        and not labels[-1].isdigit()
        and all(
            0 < len(label) <= _MAX_LABEL
            and label.replace("-", "a").isalnum()
            and not label.startswith("-")
            and not label.endswith("-")
            for label in labels
        )
    )


# A few public suffixes that people do write by mistake. No list can be complete here, and browsers
# themselves ignore a cookie or a deletion for a public suffix.
KNOWN_SUFFIXES: Final = frozenset(
    {"co.uk", "org.uk", "com.au", "co.jp", "github.io", "herokuapp.com"}
)


def clean_domain(label: str, value: object) -> str:
    """Return a `Domain` attribute in lower case without its leading dot.

    Raises:
        ConfigError: It is an address, a single label, a known public suffix, or no domain at all.
    """
    if isinstance(value, str):
        domain = value.lower().removeprefix(".")
        if is_domain(domain) and domain not in KNOWN_SUFFIXES:
            return domain
    raise ConfigError(
        label,
        f"{value!r} can own no cookies",
        "Write a registrable domain such as 'example.com', in ASCII (xn-- for others), no port",
    )


def _check_path(path: object) -> None:
    fits = (
        isinstance(path, str)
        and path.startswith("/")
        and all("!" <= char <= "~" and char != ";" for char in path)
    )
    if not fits:
        raise ConfigError(
            "cookies.path", f"{path!r} is no cookie path", "Begin with '/', percent-encode the rest"
        )


_LENIENT_FIRST: Final[tuple[Regime, ...]] = ("exempt", "objection", "opt-in")

Source = Literal["declared", "catalogue"]


@dataclass(frozen=True, slots=True)
class Classification:
    """What the registry knows of a cookie name."""

    cls: str | None
    """The class, or `None` for an unknown name."""
    source: Source | None
    """Where the rule stands: the site's declarations or the shipped catalogue."""
    rule: str | None
    """The exact name or glob that matched."""
    vendor: str | None
    """Who sets it or receives its data."""
    lifetime: timedelta | None
    """Its usual lifetime; `None` for the session, or where it is not known."""
    reason: str | None = None
    """Why the rule gives this class, where the catalogue says so."""


UNKNOWN = Classification(None, None, None, None, None)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the registry: a declaration or a line of the catalogue, made ready to match."""

    pattern: bytes
    classification: Classification
    scopes: tuple[Scope, ...] = ()
    """The declared scopes; empty for the catalogue, which knows none."""
    domains: tuple[str, ...] = ()
    """Where not empty, the rule holds only for cookies of these domains: the name is too generic."""
    regime: Regime | None = None
    """The regime of its class, where a site has said it."""

    @property
    def rank(self) -> int:
        """What wins among globs: the longer literal text, and on a tie the stricter class."""
        literal = len(self.pattern) - self.pattern.count(b"*")
        regime = self.regime or _usual_regime(self.classification.cls)
        return literal * len(_LENIENT_FIRST) + _LENIENT_FIRST.index(regime)

    def suits(self, domain: str | None) -> bool:
        """Tell whether the rule may decide for a cookie of `domain` (`None`: not known)."""
        if not self.domains:
            return True
        host = None if domain is None else _host(domain)
        return host is not None and any(
            host == own or host.endswith("." + own) for own in self.domains
        )


def glob_matches(pattern: bytes, name: bytes) -> bool:
    """Match an anchored glob: each `*` stands for any run of bytes, the empty one included."""
    head, *middles, tail = pattern.split(b"*")
    if len(name) < len(head) + len(tail) or not name.startswith(head) or not name.endswith(tail):
        return False
    position, end = len(head), len(name) - len(tail)
    for middle in middles:
        found = name.find(middle, position, end)
        if found < 0:
            return False
        position = found + len(middle)
    return True


_START_OCTETS = 4


class RuleSet:
    """Rules of one source, indexed: exact names by a dict, globs by their literal beginning.

    Nearly every name is found by a dict or begins like no glob; only the lengths of literal
    beginnings that share its first bytes are tried, and none that could only lose.
    """

    __slots__ = ("_by_head", "_exact", "_lengths", "_short_lengths")

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._exact: dict[bytes, list[Rule]] = {}
        globs: dict[bytes, list[Rule]] = {}
        for rule in rules:
            head, star, _ = rule.pattern.partition(b"*")
            index = globs if star else self._exact
            index.setdefault(head, []).append(rule)
        self._by_head: dict[bytes, list[tuple[int, bytes | None, Rule]]] = {
            head: _strongest_first(candidates) for head, candidates in globs.items()
        }
        starts: dict[bytes, list[bytes]] = {}
        for head in globs:
            starts.setdefault(head[:_START_OCTETS], []).append(head)
        short = [head for head in globs if len(head) < _START_OCTETS]
        self._short_lengths = self._longest_first(short)
        self._lengths = {
            start: self._longest_first([*own, *filter(start.startswith, short)])
            for start, own in starts.items()
        }

    def _longest_first(self, heads: list[bytes]) -> tuple[tuple[int, int], ...]:
        """The lengths to try, each with the highest rank that it or a shorter one can give."""
        ceiling = 0
        found: dict[int, int] = {}
        for head in sorted(heads, key=len):
            ceiling = max(ceiling, self._by_head[head][0][0])
            found[len(head)] = ceiling
        return tuple(sorted(found.items(), reverse=True))

    def __iter__(self) -> Iterator[Rule]:
        for rules in self._exact.values():
            yield from rules
        for candidates in self._by_head.values():
            yield from (rule for _, _, rule in candidates)

    def find(self, name: bytes, domain: str | None) -> Rule | None:
        """Return the rule that decides for `name`: exact before glob, longer before shorter."""
        for rule in self._exact.get(name, ()):
            if not rule.domains or rule.suits(domain):
                return rule
        best: Rule | None = None
        best_rank = 0
        for length, ceiling in self._lengths.get(name[:_START_OCTETS], self._short_lengths):
            if ceiling <= best_rank:
                break
            for rank, tail, rule in self._by_head.get(name[:length], ()):
                if rank <= best_rank:
                    break
                if tail is None:
                    matched = glob_matches(rule.pattern, name)
                else:
                    matched = name.endswith(tail) and len(name) >= length + len(tail)
                if matched and (not rule.domains or rule.suits(domain)):
                    best, best_rank = rule, rank
                    break
        return best


def _strongest_first(rules: list[Rule]) -> list[tuple[int, bytes | None, Rule]]:
    """The globs that begin alike, with their ranks, and what stands behind their only star."""
    ranked = [(rule.rank, _tail(rule.pattern), rule) for rule in rules]
    return sorted(ranked, key=lambda candidate: candidate[0], reverse=True)


def _tail(pattern: bytes) -> bytes | None:
    _, _, tail = pattern.partition(b"*")
    return None if b"*" in tail else tail


class Registry:
    """A site's declarations over a shipped catalogue.

    Args:
        cookies: The declarations.
        catalogue: The rules below them.
        regimes: The regimes of the site's classes, where they are not the usual ones.
        guess: What is asked of a name and its domain where no rule decides; no rule comes of it.

    Raises:
        ContradictionError: Two declarations cannot both hold.
    """

    __slots__ = ("_catalogue", "_declared", "_guess", "cookies")

    def __init__(
        self,
        cookies: Iterable[Cookie],
        catalogue: Iterable[Rule],
        regimes: Mapping[str, Regime] | None = None,
        guess: Callable[[bytes, str | None], Classification | None] | None = None,
    ) -> None:
        self.cookies: tuple[Cookie, ...] = tuple(cookies)
        self._guess = guess
        self._declared = RuleSet(_declared_rules(self.cookies, regimes or {}))
        self._catalogue = catalogue if isinstance(catalogue, RuleSet) else RuleSet(catalogue)

    def classify(self, name: str | bytes, *, domain: str | None = None) -> Classification:
        """Return what is known of a cookie name.

        Args:
            name: The name, byte for byte (text stands for its UTF-8 bytes).
            domain: The domain that set the cookie, where the caller knows it: some generic names of
                the catalogue are decided only with it. Case and dots at its edges do not matter.
        """
        data = _as_bytes(name)
        rule = self.rule_for(data, domain)
        if rule is not None:
            return rule.classification
        guessed = self._guess(data, domain) if self._guess is not None else None
        return guessed or UNKNOWN

    def rule_for(self, name: bytes, domain: str | None = None) -> Rule | None:
        """Return the rule that decides for `name`, or `None` for an unknown name."""
        declared = self._declared.find(name, domain) if self.cookies else None
        return declared or self._catalogue.find(name, domain)

    def rule_sets(self) -> tuple[tuple[Source, RuleSet], ...]:
        """Return the rules by source, in the order in which they are asked."""
        return ("declared", self._declared), ("catalogue", self._catalogue)

    def exact_names(self) -> Iterator[tuple[bytes, str]]:
        """Yield every exact name with the class it has, declared ones and the catalogue's."""
        for rules in (self._declared, self._catalogue):
            for rule in rules:
                if b"*" not in rule.pattern:
                    cls = self.classify(rule.pattern).cls
                    if cls is not None:
                        yield rule.pattern, cls

    def odd_names(self) -> tuple[bytes, ...]:
        """Return the declared names that are no RFC 9110 token, such as `wp[user]`."""
        return tuple({cookie.key for cookie in self.cookies if not is_token(cookie.key)})


def _host(domain: str) -> str:
    return domain.strip(".").lower()


def _as_bytes(name: str | bytes) -> bytes:
    return name if isinstance(name, bytes) else name.encode("utf-8", "surrogateescape")


def _declared_rules(cookies: tuple[Cookie, ...], regimes: Mapping[str, Regime]) -> Iterator[Rule]:
    places: dict[bytes, list[int]] = {}
    for index, cookie in enumerate(cookies):
        _refuse_contradiction(cookies, places.setdefault(cookie.key, []), index)
        places[cookie.key].append(index)
    for pattern, indices in places.items():
        cookie = cookies[indices[0]]
        yield Rule(
            pattern,
            Classification(cookie.cls, "declared", cookie.name, cookie.provider, cookie.max_age),
            tuple(cookies[index].scope for index in indices),
            regime=regimes.get(cookie.cls),
        )


def _refuse_contradiction(cookies: tuple[Cookie, ...], earlier: list[int], index: int) -> None:
    cookie = cookies[index]
    for other in earlier:
        places = (f"cookies[{other}]", f"cookies[{index}]")
        if cookies[other].cls != cookie.cls:
            problem = (
                f"{cookie.name!r} is {cookies[other].cls!r} in one, {cookie.cls!r} in the other"
            )
            raise ContradictionError("cookies", *places, problem, "Keep one of the two")
        if cookies[other].scope == cookie.scope:
            problem = f"{cookie.name!r} is declared twice with the same scope"
            raise ContradictionError("cookies", *places, problem, "Keep one of the two")
