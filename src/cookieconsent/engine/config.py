"""The one configuration object: frozen, checked when it is built, refused with field and remedy.

May not enter: words, markup, anything that must be read per request.
"""

from __future__ import annotations

import difflib
import inspect
import re
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from itertools import product
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeGuard

from cookieconsent.core.authorities import Authority, authorities_of, is_code
from cookieconsent.core.catalog import shipped_rules
from cookieconsent.core.cookies import is_token
from cookieconsent.core.csrf import Origin, read_origin
from cookieconsent.core.gate import ALWAYS, GATES, Gate, check_report_uri, check_source, covers
from cookieconsent.core.link import is_web_link
from cookieconsent.core.palette import Palette, read_palette, weak_contrasts
from cookieconsent.core.registry import (
    BUILT_IN_CLASSES,
    MAX_SITE_CLASSES,
    READY_CLASSES,
    Cookie,
    CookieClass,
    Registry,
    check_switch,
    clean_domain,
    strings,
)
from cookieconsent.engine import toml_file
from cookieconsent.engine.events import ChoiceEvent, Outcome
from cookieconsent.engine.layout import Template, check_layout
from cookieconsent.errors import (
    ConfigError,
    ContradictionError,
    DeclarationWarning,
    UnknownFieldError,
)

Shape = Literal["top", "bottom", "corner", "none"]
SHAPES: Final[tuple[Shape, ...]] = ("top", "bottom", "corner", "none")
MIN_SECRET_CHARACTERS: Final = 32

_SWITCHES = (
    "enforce",
    "secure",
    "strict",
    "settings_link",
    "shared_cache",
    "private_pages",
    "gpc",
)
# Origins that browsers trust as they trust https (Secure Contexts, section 3.1).
_LOCAL = re.compile(r"(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.[0-9]+){3}|\[::1\])(?::[0-9]+)?")
_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
_SITE = re.compile(r"[a-z0-9]{1,16}")
_MAX_PATH = 128
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PLACEHOLDER = re.compile(r"(?:change[ _-]?me|your[ _-]?secret|replace[ _-]?me)", re.IGNORECASE)


def _system_clock() -> float:
    # Looked up at each call, so that tests may move the clock.
    return time.time()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything a site says about its cookies and its consent pages.

    Raises:
        ConfigError: A field does not fit; the message names it and what to write instead.
        ContradictionError: Two places of the configuration cannot both hold.
    """

    secret_key: str | None = field(default=None, repr=False)
    """The secret that signs choices: at least 32 characters, not kept in version control."""
    secret_keys: Sequence[str] = field(default=(), repr=False)
    """Several secrets, oldest first: all verify, the last one signs. Instead of `secret_key`."""
    cookies: Sequence[Cookie] = ()
    """The site's cookies. They add to the shipped catalogue and win over it."""
    classes: Sequence[CookieClass] = ()
    """The site's own cookie classes, and built-in ones it describes otherwise."""
    path: str = "/cookie-consent"
    """Where the preferences page is served, below the application's mount point."""
    undeclared: Literal["block", "allow"] = "block"
    """What happens to cookies that neither the site nor the catalogue knows."""
    enforce: bool = True
    """Whether anything is done; `False` only reports what would be done."""
    secure: bool = True
    """Whether the consent cookie is `__Host-` and `Secure`; `False` for plain http with a name."""
    strict: bool = False
    """Whether an incomplete declaration of a non-exempt cookie is an error, not a warning."""
    domains: Sequence[str] = ()
    """Parent domains whose cookies are ours to delete. Empty: the parents of the request's host."""
    cookie_domain: str | None = None
    """Share the choice with subdomains: the consent cookie becomes `__Secure-` with this `Domain`."""
    site: str = ""
    """A short name that keeps several sites on one host apart: part of cookie name and signature."""
    public_origin: str | None = None
    """The origin visitors see, such as `https://shop.example`; needed where pages set `<base>`."""
    trusted_origins: Sequence[str] = ()
    """Other origins whose pages may send our form with a valid token."""
    shape: Shape = "top"
    """The banner: at the `top` of the page in normal flow, a bar at the `bottom` of the window, a card
    in its `corner`, or `none` where a template places it; see docs/how-to/looks.md."""
    theme: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict, hash=False)
    """Colours, font and radius of banner and preferences page: `text`, `back`, `line`, `accent`,
    `on-accent`, `font`, `radius`, and under `dark` the colours of the dark scheme."""
    settings_link: bool = True
    """Whether decided visitors get the settings element."""
    shared_cache: bool = False
    """Whether pages are cached for everybody; see docs/explanation/caching.md for the trade-off."""
    private_pages: bool = True
    """Whether pages of undecided visitors are kept out of shared caches by `Cache-Control`."""
    policy_version: str | None = None
    """The version of the site's cookie policy, shown on the preferences page."""
    last_updated: date | str | None = None
    """The day the cookie policy was last changed (ISO 8601), shown on the preferences page."""
    privacy_policy_url: str | None = None
    """The address of the privacy policy: `https:`, `http:` or a path of this site."""
    contact: str | None = None
    """Whom visitors ask about their data: an address, a `mailto:` or `https:` link."""
    authority: str | Sequence[str] | None = None
    """To whom visitors may complain: a country's authority by its code (`"FR"`), several
    (`["DE", "AT"]`), all of the European Economic Area (`"EEA"`), or one in your own words."""
    layout: Callable[[Any], str] | Template | None = None
    """The site's own layout around the preferences page: a function of a `PagePart` that returns a
    document, or a Jinja2 or Django template. In Python only."""
    csp_gate: Gate = "off"
    """Whether pages get one more Content Security Policy, in which the hosts of a class are absent
    until the visitor has allowed the class: `report` to see what it would stop, then `enforce`."""
    csp_hosts: Mapping[str, Sequence[str]] = field(default_factory=dict, hash=False)
    """Hosts by class that pages load from, such as `{"media": ["www.youtube-nocookie.com"]}`; under
    `always`, those that need no answer."""
    csp_report_uri: str | None = None
    """Where browsers report what that policy stops: an `https:` address or a path of this site."""
    gpc: bool = False
    """Whether `/.well-known/gpc.json` is served. The signal itself is always honoured."""
    locale: str | None = None
    """The one language of the pages; `None` chooses by `Accept-Language`."""
    translations: Sequence[str | Path] = ()
    """Folders with catalogues of the site's own, `<language>/LC_MESSAGES/cookieconsent.po` each: they
    add languages, and their messages win over ours. In TOML, relative to that file."""
    texts: Mapping[str, Mapping[str, str | Sequence[str]]] = field(default_factory=dict, hash=False)
    """Single texts by language, then by the English text they replace, such as
    `{"en": {"Cookies on this site": "Cookies in our shop"}}`. Where that text depends on a number,
    it is named by its singular and given as a list: `{"%(num)d cookie": ["a cookie", "%(num)d of
    them"]}`, as many as the language has plural forms."""
    on_choice: Callable[[ChoiceEvent], object] | None = None
    """Called with every choice a visitor makes."""
    on_outcome: Callable[[Outcome], object] | None = None
    """Called with what each exchange did."""
    clock: Callable[[], float] = _system_clock
    """The time as POSIX seconds."""

    registry: Registry = field(init=False, repr=False, compare=False)
    """The site's registry: its declarations over the shipped catalogue."""
    active_classes: tuple[CookieClass, ...] = field(init=False, repr=False, compare=False)
    """The classes in use: built-in, ready-made ones that a cookie uses, and the site's own."""
    named_authority: str | None = field(init=False, repr=False, compare=False)
    """The authority in the site's own words."""
    authorities: tuple[Authority, ...] = field(init=False, repr=False, compare=False)
    """The authorities that are named by country."""
    keys: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """The secrets, oldest first."""
    palette: Palette = field(init=False, repr=False, compare=False)
    """The theme, read."""
    origins: frozenset[Origin] = field(init=False, repr=False, compare=False)
    """The public origin and the trusted ones."""

    def __post_init__(self) -> None:
        put = _setter(self)
        put("keys", _keys(self.secret_key, self.secret_keys))
        put("secret_keys", tuple(self.secret_keys))
        put("cookies", _instances("cookies", self.cookies, Cookie))
        put("classes", _instances("classes", self.classes, CookieClass))
        self._check_values()
        put("palette", read_palette(self.theme))
        plain = {name: dict(v) if isinstance(v, Mapping) else v for name, v in self.theme.items()}
        put("theme", plain)
        self._warn_of_contrast()
        put("domains", tuple(clean_domain("domains", d) for d in strings("domains", self.domains)))
        if self.cookie_domain is not None:
            put("cookie_domain", clean_domain("cookie_domain", self.cookie_domain))
        put("trusted_origins", strings("trusted_origins", self.trusted_origins))
        put("csp_hosts", _hosts(self.csp_hosts))
        named, listed = _authority(self.authority)
        put("named_authority", named)
        put("authorities", listed)
        put("translations", _folders(self.translations))
        put("texts", _texts(self.texts))
        put("origins", self._read_origins())
        put("last_updated", _day("last_updated", self.last_updated))
        put("active_classes", _active_classes(self.classes, self.cookies))
        self._check_declarations()
        self._check_gate()
        regimes = {cls.name: cls.regime for cls in self.active_classes}
        put("registry", Registry(self.cookies, shipped_rules(), regimes))

    @property
    def cookie_name(self) -> str:
        """The name of the consent cookie."""
        prefix = ""
        if self.secure:
            prefix = "__Host-" if self.cookie_domain is None else "__Secure-"
        return prefix + "cookieconsent" + (f"-{self.site}" if self.site else "")

    @property
    def switchable(self) -> tuple[CookieClass, ...]:
        """The active classes that visitors decide about."""
        return tuple(cls for cls in self.active_classes if cls.switchable)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], /, **overrides: object) -> Self:
        """Build a configuration from plain values, as they come from TOML or JSON.

        Args:
            mapping: Field names and values; `cookies` and `classes` are lists of tables.
            overrides: Fields that win over the mapping, such as the secret from the environment.

        Raises:
            ConfigError: A key is unknown (with "did you mean") or a value does not fit.
        """
        if not isinstance(mapping, Mapping):
            raise ConfigError("from_mapping", "it is no mapping", "Give field names and values")
        values = {**mapping, **overrides}
        known = [spec.name for spec in fields(cls) if spec.init]
        _refuse_unknown("", values, known)
        for name, kind in (("cookies", Cookie), ("classes", CookieClass)):
            if name in values:
                values[name] = [
                    _from_table(f"{name}[{index}]", item, kind)
                    for index, item in enumerate(_list(name, values[name], kind))
                ]
        return cls(**values)

    @classmethod
    def from_toml(cls, path: str | Path, /, **overrides: object) -> Self:
        """Build a configuration from the `[cookieconsent]` or `[tool.cookieconsent]` table of a file.

        Args:
            path: The TOML file.
            overrides: Fields that win over the file, such as the secret from the environment.

        Raises:
            ConfigError: The file cannot be read, is no TOML, has no such table, or a field is wrong.
        """
        table, values = site_table(str(path))
        try:
            return cls.from_mapping(beside(path, values), **overrides)
        except ConfigError as error:
            if re.split(r"[.\[]", error.field)[0] not in overrides:
                error.file = f"{path} [{table}]"
                error.fix = (error.toml_fix or error.fix).replace("{table}", table)
            raise

    def _check_values(self) -> None:
        for name in _SWITCHES:
            check_switch(name, getattr(self, name))
        _check_choice("undeclared", self.undeclared, ("block", "allow"))
        _check_choice("shape", self.shape, SHAPES)
        _check_choice("csp_gate", self.csp_gate, GATES)
        check_report_uri("csp_report_uri", self.csp_report_uri)
        _check_path(self.path)
        for name in ("policy_version", "contact", "locale"):
            _check_text(name, getattr(self, name))
        _check_link("privacy_policy_url", self.privacy_policy_url)
        if not isinstance(self.site, str) or (self.site and not _SITE.fullmatch(self.site)):
            raise ConfigError(
                "site", f"{self.site!r} does not fit", "Use up to 16 lower-case letters and digits"
            )
        check_layout(self.layout)
        for name in ("on_choice", "on_outcome", "clock"):
            value = getattr(self, name)
            if not callable(value) and not (value is None and name != "clock"):
                raise ConfigError(
                    name,
                    f"{value!r} cannot be called",
                    "Give a function",
                    toml_fix=f"Give a function, in Python: Config.from_toml(..., {name}=...)",
                )
            if inspect.iscoroutinefunction(value):
                raise ConfigError(
                    name,
                    "it is an async function, which nobody would await",
                    "Give a plain function; let it put the event into a queue",
                )

    def _warn_of_contrast(self) -> None:
        for place, problem in weak_contrasts(self.palette):
            warnings.warn(f"{place}: {problem}.", DeclarationWarning, stacklevel=4)

    def _read_origins(self) -> frozenset[Origin]:
        named = [("trusted_origins", text) for text in self.trusted_origins]
        if self.public_origin is not None:
            named.append(("public_origin", self.public_origin))
        origins = set()
        for name, text in named:
            origin = read_origin(text) if isinstance(text, str) else None
            if origin is None:
                raise ConfigError(
                    name, f"{text!r} is no origin", "Write scheme and host, 'https://shop.example'"
                )
            origins.add(origin)
        if self.secure and (self.public_origin or "").lower().startswith("http://"):
            host = read_origin(self.public_origin or "")
            if host is not None and not _LOCAL.fullmatch(host.host):
                raise ContradictionError(
                    "public_origin",
                    "public_origin",
                    "secure",
                    "browsers refuse a Secure cookie from an http origin",
                    "Write https, or set secure=False for development",
                    toml_fix="Write https, or set secure = false for development",
                )
        return frozenset(origins)

    def _check_declarations(self) -> None:
        known = {cls.name for cls in self.active_classes}
        for index, cookie in enumerate(self.cookies):
            if cookie.cls not in known:
                raise _no_class(index, cookie.cls, known)
            if cookie.name == self.cookie_name and cookie.cls != "consent":
                raise ContradictionError(
                    f"cookies[{index}].cls",
                    f"cookies[{index}]",
                    "cookie_name",
                    f"{cookie.name!r} keeps the visitor's answer and is always of class 'consent'",
                    "Leave it out of cookies",
                )
        exempt = {cls.name for cls in self.active_classes if not cls.switchable}
        for index, cookie in enumerate(self.cookies):
            if cookie.missing and cookie.cls not in exempt:
                self._report_incomplete(index, cookie)
            if not is_token(cookie.key):
                warnings.warn(
                    f"cookies[{index}]: {cookie.name!r} is matched byte for byte, but is no token "
                    "(RFC 9110, section 5.6.2): some frameworks cannot read such a cookie.",
                    DeclarationWarning,
                    stacklevel=4,
                )

    def _check_gate(self) -> None:
        if self.csp_gate != "off" and self.shared_cache:
            raise ContradictionError(
                "csp_gate",
                "csp_gate",
                "shared_cache",
                "a page that is cached for everybody cannot depend on anybody's answer",
                "Keep one of them",
            )
        known = {ALWAYS, *(cls.name for cls in self.active_classes)}
        for name in self.csp_hosts:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                fix = f"Did you mean {near[0]!r}?" if near else f"Use one of {_listed(known)}"
                raise ConfigError(f"csp_hosts.{name}", "there is no such class", fix)
        self._check_gate_has_no_hole()

    def _check_gate_has_no_hole(self) -> None:
        """Refuse a host that needs a yes and is let through by one that needs none."""
        asked = {cls.name for cls in self.switchable}
        named = [(name, host) for name, listed in self.csp_hosts.items() for host in listed]
        for (free, broad), (name, host) in product(named, named):
            if free in asked or name not in asked or not covers(broad, host):
                continue
            by = "" if broad == host else f", by {broad!r}"
            raise ContradictionError(
                f"csp_hosts.{name}",
                f"csp_hosts.{name}",
                f"csp_hosts.{free}",
                f"{host!r} would be allowed whatever the visitor says{by}",
                "Name it in one of them",
            )

    def _report_incomplete(self, index: int, cookie: Cookie) -> None:
        missing = ", ".join(cookie.missing)
        problem = f"{cookie.name!r} has no {missing}, which visitors must be told"
        if self.strict:
            raise ConfigError(
                f"cookies[{index}].{cookie.missing[0]}", problem, f"Declare {missing}"
            )
        warnings.warn(
            f"cookies[{index}]: {problem}. Declare {missing}.", DeclarationWarning, stacklevel=5
        )


def _no_class(index: int, name: str, known: Iterable[str]) -> ConfigError:
    near = difflib.get_close_matches(name, [*known, *READY_CLASSES], 1)
    meant = f"Did you mean {near[0]!r}" if near else f"Use one of {_listed(known)}"
    return ConfigError(
        f"cookies[{index}].cls",
        f"there is no class {name!r}",
        f"{meant}, or declare it: classes=[CookieClass({name!r})]",
        toml_fix=f"{meant}, or declare it: [[{{table}}.classes]] with name = {name!r}",
    )


def _listed(classes: Iterable[str]) -> str:
    return ", ".join(sorted({*classes, *READY_CLASSES}))


def beside(path: str | Path, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values of a TOML file with its folders beside the file, not where the process runs.

    Raises:
        ConfigError: They are no list of folders.
    """
    if "translations" not in values:
        return values
    folders = _folders(values["translations"])
    return {**values, "translations": [Path(path).parent / name for name in folders]}


def site_table(path: str) -> tuple[str, Mapping[str, Any]]:
    """Return the name and the values of a site's table in a TOML file.

    Raises:
        ConfigError: The file cannot be read, is no TOML, is beyond the bounds, or has no such table.
    """
    data = toml_file.read(path)
    _refuse_stray(path, data)
    tables = {
        name: holder["cookieconsent"]
        for name, holder in (("cookieconsent", data), ("tool.cookieconsent", data.get("tool")))
        if isinstance(holder, dict) and "cookieconsent" in holder
    }
    if len(tables) > 1:
        raise ContradictionError(
            "from_toml",
            "[cookieconsent]",
            "[tool.cookieconsent]",
            f"both are in {path!r}",
            "Keep one of them",
        )
    for name, values in tables.items():
        if isinstance(values, dict):
            return name, values
    raise ConfigError(
        "from_toml",
        f"{path!r} has no table [cookieconsent]",
        "Add it, or [tool.cookieconsent] in pyproject.toml",
    )


def _refuse_stray(path: str, data: Mapping[str, object]) -> None:
    """Refuse what was meant for the site's table and stands beside it, in a file for that alone."""
    known = {spec.name for spec in fields(Config)}
    stray = next((key for key in data if key in known), None)
    if stray is not None and Path(path).name != "pyproject.toml":
        are_tables = isinstance(data[stray], list)
        raise ConfigError(
            stray,
            f"it stands outside of the table [cookieconsent] in {path!r}, where nobody reads it",
            f"Write [[cookieconsent.{stray}]]" if are_tables else "Write it below [cookieconsent]",
        )


def _hosts(value: object) -> dict[str, tuple[str, ...]]:
    """Return checked host-sources by class."""
    if not isinstance(value, Mapping):
        raise ConfigError(
            "csp_hosts",
            f"{value!r} is no table of classes",
            'Write {"media": ["www.example.com"], "always": [...]}',
            toml_fix="Begin it with [{table}.csp_hosts], then media = [...], always = [...]",
        )
    table = {}
    for name, hosts in value.items():
        label = f"csp_hosts.{name}"
        table[str(name)] = tuple(check_source(label, host) for host in strings(label, hosts))
    return table


def _authority(value: object) -> tuple[str | None, tuple[Authority, ...]]:
    """Return the authority in the site's words, or those of the countries it names."""
    if isinstance(value, str) and is_code(value):
        value = [value]
    if value is None or isinstance(value, str):
        _check_text("authority", value)
        return value, ()
    return None, authorities_of("authority", strings("authority", value))


def _folders(value: object) -> tuple[Path, ...]:
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise ConfigError("translations", f"{value!r} is no list of folders", 'Write ["locales"]')
    for name in value:
        if not isinstance(name, str | Path):
            raise ConfigError("translations", f"{name!r} is no folder", "Write its path")
    return tuple(map(Path, value))


def _texts(value: object) -> dict[str, dict[str, str | tuple[str, ...]]]:
    example = '{"en": {"Accept all": "Yes to all"}}'
    if not isinstance(value, Mapping):
        raise ConfigError("texts", f"{value!r} is no table of languages", f"Write {example}")
    table = {}
    for name, replaced in value.items():
        if not _is_text(name) or not isinstance(replaced, Mapping):
            raise ConfigError(
                f"texts.{name}",
                f"{replaced!r} is no table of texts",
                f"Write {example}",
                toml_fix=f'Begin it with [{{table}}.texts.{name}], then "Accept all" = "Yes to all"',
            )
        table[name] = {
            source: _texts_of(f"texts.{name}", source, text) for source, text in replaced.items()
        }
    return table


def _texts_of(place: str, source: object, text: object) -> str | tuple[str, ...]:
    """Return what stands for one text: one, or a text for each plural form."""
    if not _is_text(source):
        raise ConfigError(place, f"{source!r} is no text", "Name a text as it reads in English")
    forms = text if isinstance(text, list | tuple) else (text,)
    if not forms or not all(map(_is_text, forms)):
        raise ConfigError(place, f"{source!r} is given no text", "Write one, or leave it out")
    return tuple(forms) if forms is text else str(text)


def _is_text(value: object) -> TypeGuard[str]:
    """Tell whether something is a string that can be sent; lone surrogates cannot (RFC 3629)."""
    return isinstance(value, str) and not _SURROGATE.search(value)


def _setter(config: Config) -> Callable[[str, object], None]:
    """Return what sets a field of a frozen object while it is being built."""

    def put(name: str, value: object) -> None:
        object.__setattr__(config, name, value)

    return put


def _keys(secret_key: object, secret_keys: object) -> tuple[str, ...]:
    # Not by `strings`: its errors repeat the value.
    if isinstance(secret_keys, str | bytes) or not isinstance(secret_keys, Sequence):
        raise ConfigError("secret_keys", "it is no list", "Write a list of strings, oldest first")
    if secret_key is not None and secret_keys:
        raise ContradictionError(
            "secret_key", "secret_key", "secret_keys", "both are given", "Keep one of them"
        )
    name = "secret_keys" if secret_keys else "secret_key"
    keys: tuple[object, ...] = tuple(secret_keys) or (secret_key,)
    for key in keys:
        if key is None or key == "":
            raise ConfigError(
                name,
                "there is none, so nobody could tell a visitor's answer from a forged one",
                "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'",
            )
        if not _is_text(key):
            raise ConfigError(name, "it is no text", "Write a string")
        if len(key) < MIN_SECRET_CHARACTERS or not key.strip() or _PLACEHOLDER.search(key):
            raise ConfigError(
                name,
                f"it is too weak: a placeholder, or shorter than {MIN_SECRET_CHARACTERS} characters",
                "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'",
            )
    return tuple(str(key) for key in keys)


def _instances(name: str, value: object, kind: type) -> tuple[Any, ...]:
    items = _list(name, value, kind)
    for index, item in enumerate(items):
        if not isinstance(item, kind):
            raise ConfigError(
                f"{name}[{index}]",
                f"{item!r} is no {kind.__name__}",
                f"Write {kind.__name__}(...), or use Config.from_mapping for plain values",
            )
    return tuple(items)


def _list(name: str, value: object, kind: type) -> list[Any]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise ConfigError(
            name,
            f"it is one {type(value).__name__}, not a list of {kind.__name__} objects",
            f"Write {name}=[{_example(value, kind)}]",
            toml_fix=f"Begin each of them with [[{{table}}.{name}]], in double brackets",
        )
    return list(value)


def _example(value: object, kind: type) -> str:
    """Return the declaration that was probably meant, as it is written in Python."""
    given: Sequence[object] = ()
    if isinstance(value, kind):
        given = [getattr(value, name) for name in _REQUIRED[kind]]
    elif isinstance(value, Mapping) and "name" in value:
        given = [value.get(name) for name in _REQUIRED[kind]]
    elif isinstance(value, Mapping) and value:
        given = next(iter(value.items()))  # {"sid": "authentication"}
    elif isinstance(value, str):
        given = [value]
    wanted = len(_REQUIRED[kind])
    shown = [repr(text) for text in given if isinstance(text, str)][:wanted]
    if len(shown) < wanted:
        shown.append("...")
    return f"{kind.__name__}({', '.join(shown)})"


def _refuse_unknown(place: str, values: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in values:
        if key not in known:
            # `cookie` for `cookies`, `secret` for `secret_key`
            begun = [name for name in known if name == f"{key}s" or name.startswith(f"{key}_")]
            begun.sort(key=len)
            # In lower case: a framework's settings are often written in capitals.
            near = begun or difflib.get_close_matches(str(key).lower(), known, 1)
            raise UnknownFieldError(f"{place}{key}", near[0] if near else None)


_REQUIRED: dict[type, tuple[str, ...]] = {Cookie: ("name", "cls"), CookieClass: ("name",)}
_TABLE_KEYS: dict[type, tuple[str, ...]] = {
    Cookie: tuple(spec.name for spec in fields(Cookie)),
    CookieClass: (
        "name",
        "title",
        "description",
        "regime",
        "shares_with_third_parties",
        "purposes",
        "version",
    ),
}


def _from_table(place: str, item: object, kind: type) -> object:
    if isinstance(item, kind):
        return item
    if not isinstance(item, Mapping):
        raise ConfigError(place, f"{item!r} is no table", "Write name and value pairs")
    _refuse_unknown(f"{place}.", item, _TABLE_KEYS[kind])
    values = dict(item)
    for required in _REQUIRED[kind]:
        if required not in values:
            classes = f"Use one of {_listed(BUILT_IN_CLASSES)}, or a class of your own"
            fix = classes if required == "cls" else "Add it"
            raise ConfigError(f"{place}.{required}", "it is missing", fix)
    positional = [values.pop(required) for required in _REQUIRED[kind]]
    try:
        return kind(*positional, **values)
    except ConfigError as error:
        error.field = f"{place}.{error.field.partition('.')[2]}"
        raise


def _check_choice(name: str, value: object, allowed: Sequence[str]) -> None:
    if value not in allowed:
        listed = ", ".join(map(repr, allowed))
        raise ConfigError(name, f"{value!r} does not exist", f"Use one of {listed}")


def _check_path(path: object) -> None:
    fits = isinstance(path, str) and _PATH.fullmatch(path) and len(path) <= _MAX_PATH
    if not fits:
        raise ConfigError(
            "path",
            f"{path!r} is no path for our pages",
            "Begin with '/', no '/' at the end; letters, digits, '-', '_', '.', '~'",
        )


def _check_text(name: str, value: object) -> None:
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise ConfigError(name, f"{value!r} is no text", "Write a string, or leave it out")


def _check_link(name: str, value: object) -> None:
    _check_text(name, value)
    if value is not None and not (is_web_link(value) and str(value).isascii()):
        raise ConfigError(
            name, f"{value!r} is no link for visitors", "Begin with 'https://' or '/', in ASCII"
        )


def _day(name: str, value: object) -> date | None:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ConfigError(name, f"{value!r} is no date", "Write YYYY-MM-DD") from error
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    raise ConfigError(name, f"{value!r} is no date", "Write YYYY-MM-DD")


def _active_classes(
    classes: Sequence[CookieClass], cookies: Sequence[Cookie]
) -> tuple[CookieClass, ...]:
    own: dict[str, CookieClass] = {}
    for index, cls in enumerate(classes):
        if cls.name in own:
            first = [other.name for other in classes].index(cls.name)
            raise ContradictionError(
                "classes",
                f"classes[{first}]",
                f"classes[{index}]",
                f"both are called {cls.name!r}",
                "Keep one of the two",
            )
        if cls.name == ALWAYS:
            raise ConfigError(
                f"classes[{index}].name",
                f"{ALWAYS!r} stands in csp_hosts for hosts that need no answer",
                "Call the class otherwise",
            )
        own[cls.name] = cls
    used = {cookie.cls for cookie in cookies}
    names = [*BUILT_IN_CLASSES, *(name for name in READY_CLASSES if name in used or name in own)]
    names += [name for name in own if name not in names]
    extra = [name for name in own if name not in {*BUILT_IN_CLASSES, *READY_CLASSES}]
    if len(extra) > MAX_SITE_CLASSES:
        raise ConfigError(
            "classes", f"there are {len(extra)} of your own", f"Use at most {MAX_SITE_CLASSES}"
        )
    return tuple(own.get(name) or CookieClass(name) for name in names)
