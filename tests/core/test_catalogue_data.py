"""The shipped catalogue is data, and these are the rules that keep it honest.

The file is read here by itself, not through the library, so that a mistake in the data and one in
the reader cannot hide each other. Three habits stand behind the rules: an exempt class is a claim
that somebody looked at, a short or generic name decides nothing alone, no row is there in vain.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import pytest

DATA: Final = Path(__file__).parents[2] / "src" / "cookieconsent" / "core" / "catalogue.tsv"

COLUMNS: Final = ["name", "cls", "vendor", "lifetime", "domain", "reason"]
EXEMPT: Final = frozenset({"authentication", "cart", "consent"})
CLASSES: Final = EXEMPT | {"analytics", "preferences", "media", "advertising"}
LIFETIME: Final = re.compile(r"session|[1-9]\d{0,3} (minutes|hours|days|months|years)")
DOMAIN: Final = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
SHORT: Final = 2  # names up to this length need the domain that sets them
LITERAL_START: Final = 3  # literal characters before the first star of a glob
MINIMUM_ROWS: Final = 450

# Fewer literal characters at the start, but nobody else writes what follows.
DISTINCTIVE_GLOBS: Final = frozenset({"_*_web_user_remember_me"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file; the last three columns may be empty."""

    name: str
    cls: str
    vendor: str
    lifetime: str
    domain: str
    reason: str
    glob: re.Pattern[str] | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        parts = [re.escape(part) for part in self.name.split("*")]
        glob = re.compile(".*".join(parts), re.DOTALL) if len(parts) > 1 else None
        object.__setattr__(self, "glob", glob)

    @property
    def literal(self) -> int:
        """How many characters are not a star: the longer one wins among globs."""
        return len(self.name) - self.name.count("*")

    @property
    def domains(self) -> list[str]:
        """The domains without which the name decides nothing."""
        return self.domain.split(",") if self.domain else []

    @property
    def facts(self) -> tuple[str, ...]:
        """What a visitor is told of the cookie."""
        return (self.cls, self.vendor, self.lifetime, self.domain)

    @property
    def sample(self) -> str:
        """A name that the row covers and hardly any other does."""
        return self.name.replace("*", "Zq9")

    def covers(self, name: str, domain: str | None) -> bool:
        """Tell whether the row may decide for a name, set by `domain` if that is known."""
        if self.domains and domain not in self.domains:
            return False
        return name == self.name if self.glob is None else self.glob.fullmatch(name) is not None


@cache
def rows() -> tuple[Row, ...]:
    """Read the file once, without any quoting."""
    with DATA.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
        next(reader)
        return tuple(Row(*cells) for cells in reader)


def find(name: str, domain: str | None = None, *, without: Row | None = None) -> Row | None:
    """Return the row that decides: exact before glob, longer literal text before shorter."""
    fits = [row for row in rows() if row is not without and row.covers(name, domain)]
    return max(fits, key=lambda row: (row.glob is None, row.literal), default=None)


def class_of(name: str, domain: str | None = None) -> str | None:
    """Return the class of a name, `None` where the catalogue does not know it."""
    row = find(name, domain)
    return None if row is None else row.cls


def overlap(one: str, other: str) -> bool:
    """Tell whether some name matches both globs, by walking both at once."""
    seen: set[tuple[int, int]] = set()
    todo = [(0, 0)]
    while todo:
        state = todo.pop()
        if state in seen:
            continue
        seen.add(state)
        here, there = state
        left, right = one[here : here + 1], other[there : there + 1]
        if not left and not right:
            return True
        if left == "*":
            todo += [(here + 1, there), (here, there + 1)] if right else [(here + 1, there)]
        elif right == "*":
            todo += [(here, there + 1), (here + 1, there)] if left else [(here, there + 1)]
        elif left and left == right:
            todo.append((here + 1, there + 1))
    return False


# ------------------------------------------------------------------ the file


def test_columns_are_complete() -> None:
    """The header names the six columns, and every row has exactly as many cells."""
    lines = DATA.read_bytes().decode("utf-8").split("\n")
    assert lines[0].split("\t") == COLUMNS
    assert lines[-1] == ""
    assert not [line for line in lines[:-1] if line.count("\t") != len(COLUMNS) - 1]


def test_cells_hold_plain_text() -> None:
    """No cell has white space at its edges, a carriage return, or a quote that readers unwrap."""
    assert not set(b'\r"') & set(DATA.read_bytes())
    assert not [
        row.name
        for row in rows()
        for cell in (row.name, *row.facts, row.reason)
        if cell != cell.strip()
    ]


def test_names_are_sorted() -> None:
    """Rows stand in the byte order of their names, so that a change is a small diff."""
    names = [row.name.encode() for row in rows()]
    assert sorted(names) == names


def test_names_are_unique() -> None:
    """No name stands twice, so that nothing is contradicted."""
    counts = Counter(row.name for row in rows())
    assert not [name for name, count in counts.items() if count > 1]


def test_names_can_be_cookie_names() -> None:
    """A name is printable ASCII without what ends a name in a header."""
    assert not [
        row.name
        for row in rows()
        if not re.fullmatch(r"[!-~]+", row.name) or set(";,=") & set(row.name)
    ]


def test_catalogue_is_large_enough() -> None:
    """The catalogue knows what a usual site sets."""
    assert len(rows()) >= MINIMUM_ROWS


# ------------------------------------------------------------------ the cells


def test_classes_are_known() -> None:
    """A class is one of those the library ships."""
    assert not [row.name for row in rows() if row.cls not in CLASSES]


def test_every_row_names_its_vendor() -> None:
    """Visitors are told whose cookie it is."""
    assert not [row.name for row in rows() if not row.vendor]


def test_lifetimes_are_readable() -> None:
    """A lifetime is `session` or a number with a unit in the plural; unknown ones are empty."""
    assert not [
        (row.name, row.lifetime)
        for row in rows()
        if row.lifetime and not LIFETIME.fullmatch(row.lifetime)
    ]


def test_domains_are_readable() -> None:
    """Domains are lower case, without a leading dot, and none stands twice in a row."""
    assert not [
        (row.name, row.domain)
        for row in rows()
        if len(set(row.domains)) != len(row.domains)
        or not all(DOMAIN.fullmatch(domain) for domain in row.domains)
    ]


def test_exempt_rows_carry_their_reason() -> None:
    """An exempt class is a claim, and a claim needs a reason."""
    assert not [row.name for row in rows() if row.cls in EXEMPT and not row.reason]


def test_reasons_are_fragments() -> None:
    """A reason is one short line without a full stop."""
    assert not [
        row.name for row in rows() if len(row.reason) > 72 or row.reason.endswith((".", ";", ","))
    ]


# ------------------------------------------------------------------- matching


def test_short_names_need_a_domain() -> None:
    """Names of one or two characters are never decided by name alone."""
    assert not [row.name for row in rows() if row.literal <= SHORT and not row.domains]


def test_globs_begin_with_literal_text() -> None:
    """A glob is anchored by enough literal characters and never holds two stars in a row."""
    assert not [
        row.name
        for row in rows()
        if "**" in row.name
        or ("*" in row.name[:LITERAL_START] and row.name not in DISTINCTIVE_GLOBS)
    ]


def test_distinctive_globs_are_still_there() -> None:
    """An exception to the rule above goes when its row goes."""
    assert not DISTINCTIVE_GLOBS - {row.name for row in rows()}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("_ga_*", "_ga_*", True),
        ("_ga*", "_gat*", True),
        ("_ga_*", "_gid*", False),
        ("a_*_token", "a_b*", True),
        ("a_*_x", "a_*_y", False),
        ("a*", "*b", True),
        ("a*", "a", True),
        ("ab*", "a", False),
    ],
)
def test_overlap_of_two_globs(one: str, other: str, expected: bool) -> None:
    """The helper knows whether a name can match both globs."""
    assert expected is overlap(one, other)
    assert expected is overlap(other, one)


def test_globs_of_equal_length_do_not_meet() -> None:
    """Where two globs match one name, the longer literal text decides, so there is no tie."""
    globs = [row for row in rows() if row.glob is not None]
    assert not [
        (row.name, other.name)
        for index, row in enumerate(globs)
        for other in globs[index + 1 :]
        if row.literal == other.literal and overlap(row.name, other.name)
    ]


def test_every_row_is_reachable() -> None:
    """For each row there is a name that this very row decides."""
    assert not [
        row.name for row in rows() if find(row.sample, next(iter(row.domains), None)) is not row
    ]


def test_no_row_is_superfluous() -> None:
    """A row says something that the next best row for its name does not say."""
    superfluous: list[tuple[str, str]] = []
    for row in rows():
        other = find(row.sample, next(iter(row.domains), None), without=row)
        if other is not None and other.facts == row.facts:
            superfluous.append((row.name, other.name))
    assert not superfluous


# ------------------------------------------------------------ well-known names


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        # frameworks
        ("sessionid", "authentication"),
        ("csrftoken", "authentication"),
        ("messages", "authentication"),
        ("session", "authentication"),
        ("remember_token", "authentication"),
        ("_xsrf", "authentication"),
        ("session_id_welcome", "authentication"),
        ("trac_auth", "authentication"),
        ("trac_session", "authentication"),
        ("trac_form_token", "authentication"),
        ("ds_actor", "authentication"),
        ("ds_messages", "authentication"),
        ("ds_csrftoken", "authentication"),
        ("PHPSESSID", "authentication"),
        ("JSESSIONID", "authentication"),
        ("connect.sid", "authentication"),
        ("XSRF-TOKEN", "authentication"),
        ("laravel_session", "authentication"),
        ("remember_web_59ba36addc2b2f9401580f014c7f58ea4e30989d", "authentication"),
        ("wordpress_logged_in_0123456789abcdef", "authentication"),
        ("SSESS0123456789abcdef0123456789abcdef", "authentication"),
        (".AspNetCore.Identity.Application", "authentication"),
        ("ASP.NET_SessionId", "authentication"),
        ("__Secure-next-auth.session-token", "authentication"),
        ("_session_id", "authentication"),
        # servers in front
        ("AWSALBCORS", "authentication"),
        ("BIGipServerpool_www", "authentication"),
        ("__cf_bm", "authentication"),
        ("incap_ses_123_456", "authentication"),
        # shops
        ("woocommerce_cart_hash", "cart"),
        ("wp_woocommerce_session_0123456789abcdef", "cart"),
        ("oscar_open_basket", "cart"),
        ("PrestaShop-0123456789abcdef", "cart"),
        ("cart_sig", "cart"),
        # choices
        ("__Host-cookieconsent", "consent"),
        ("__Host-cookieconsent-note", "consent"),
        ("cookieconsent", "consent"),
        ("OptanonConsent", "consent"),
        ("cmplz_marketing", "consent"),
        ("mtm_consent", "consent"),
        # what visitors chose
        ("django_language", "preferences"),
        (".AspNetCore.Culture", "preferences"),
        ("NEXT_LOCALE", "preferences"),
        # statistics
        ("_ga", "analytics"),
        ("_ga_0ABCDEF123", "analytics"),
        ("_gat_gtag_UA_1_1", "analytics"),
        ("_gid", "analytics"),
        ("__utmz", "analytics"),
        ("_pk_id.1.1fff", "analytics"),
        ("_pk_ses.1.1fff", "analytics"),
        ("AMCV_0123@AdobeOrg", "analytics"),
        ("_hjSessionUser_123456", "analytics"),
        ("_clck", "analytics"),
        ("mp_0123abcd_mixpanel", "analytics"),
        ("optimizelyEndUserId", "analytics"),
        ("_vwo_uuid_v2", "analytics"),
        ("ph_phc_abc_posthog", "analytics"),
        # advertising
        ("_fbp", "advertising"),
        ("_gcl_au", "advertising"),
        ("_uetsid", "advertising"),
        ("bcookie", "advertising"),
        ("_ttp", "advertising"),
        ("hubspotutk", "advertising"),
        ("visitor_id12345-hash", "advertising"),
        # embedded content
        ("VISITOR_INFO1_LIVE", "media"),
        ("intercom-session-abcdef", "media"),
        ("vuid", "media"),
    ],
)
def test_well_known_name_has_its_class(name: str, cls: str) -> None:
    """Names that every site meets are found with the right class."""
    assert cls == class_of(name)


@pytest.mark.parametrize(
    "name",
    [
        # session recorders and heat maps
        "_hjSession_123456",
        "_hjTLDTest",
        "_clsk",
        "_ce.s",
        "_lo_uid",
        "__insp_sid",
        "fs_uid",
        "mf_user",
        # experiments
        "_vis_opt_s",
        "_gaexp",
        "ABTastySession",
        "kameleoonVisitorCode",
        "_conv_s",
        "_dyid",
        # tests whether cookies work
        "_pk_testcookie",
        "_vis_opt_test_cookie",
        "test_cookie",
        "wordpress_test_cookie",
        # session in the name, statistics in the purpose
        "_parsely_session",
        "_pk_ses.1.1fff",
        "ai_session",
        "rl_session",
        "sbjs_session",
        "dtCookie",
        # video, maps, chat and third-party bot checks
        "YSC",
        "wistia",
        "_GRECAPTCHA",
        "intercom-id-abcdef",
        # what a shop remembers beside the basket
        "woocommerce_recently_viewed",
        "oscar_history",
        "_shopify_y",
        # words that any site could use for anything
        "_myapp_session",
        "auth",
        "auth_token",
        "csrf_tracker",
        "data",
        "id",
        "login",
        "phpsessid",
        "sid",
        "token",
        "uid",
        "user",
    ],
)
def test_name_is_not_exempt(name: str) -> None:
    """What needs a yes, and what is unknown, is never let through by the catalogue."""
    assert class_of(name) not in EXEMPT


@pytest.mark.parametrize(
    ("name", "domain", "cls"),
    [
        ("IDE", "doubleclick.net", "advertising"),
        ("NID", "google.com", "advertising"),
        ("YSC", "youtube.com", "media"),
        ("c", "bidswitch.net", "advertising"),
        ("fr", "facebook.com", "advertising"),
        ("li_gc", "linkedin.com", "consent"),
        ("uid", "criteo.com", "advertising"),
        ("test_cookie", "doubleclick.net", "advertising"),
    ],
)
def test_generic_name_needs_its_domain(name: str, domain: str, cls: str) -> None:
    """A generic name is known where its setter is known, and nowhere else."""
    assert cls == class_of(name, domain)
    assert class_of(name) is None
    assert class_of(name, "example.org") is None
