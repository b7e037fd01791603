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
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

DATA: Final = Path(__file__).parents[2] / "src" / "cookieconsent" / "core" / "catalogue.tsv"

COLUMNS: Final = ["cls", "lifetime", "reason", "domain", "common", "vendor", "names"]
EXEMPT: Final = frozenset({"authentication", "cart", "consent"})
CLASSES: Final = EXEMPT | {"analytics", "preferences", "media", "advertising"}
LIFETIME: Final = re.compile(r"session|[1-9]\d{0,3} (minutes|hours|days|months|years)")
DOMAIN: Final = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
SHORT: Final = 2  # names up to this length need the domain that sets them
LITERAL_START: Final = 3  # literal characters before the first star of a glob
MINIMUM_ROWS: Final = 3000

# Fewer literal characters at the start, but nobody else writes what follows.
DISTINCTIVE_GLOBS: Final = frozenset({"_*_web_user_remember_me"})

EXEMPT_LITERAL: Final = 4  # letters and digits of an exempt glob
# Exempt globs with fewer: what nobody else begins a name with.
SHORT_EXEMPT_GLOBS: Final = {
    "BNI_*": "a load balancer writes it, in capitals",
    "NSC_*": "a load balancer writes it, in capitals",
    "__ddg*": "two underscores and the initials of the vendor",
    "__txn_*": "the first part of the login state of one library",
    "__wzd*": "two underscores and the initials of the vendor",
}

# Words that a site may use for anything, sign-in and tracking alike. No row decides on one of them
# alone: it names the domains of the setter, or stands below with its reason.
GENERIC_WORDS: Final = """
    ab abtest access accesstoken account accountid ad ads affiliate analytics anonymousid audit auth
    authtoken backend basket browserid campaign cart cartid chat check checkout cid client clientid
    code color colormode config consent cookie cookieconsent cookies count counter country crumb csrf
    csrftoken currency customer customerid data device deviceid email experiment first flash frontend
    gid group guest guid hash history host id index info invite jwt key lang language last lb light
    loc locale location log loggedin login mail member message messages mid mode name news node nonce
    note notice optin optout order page parent persist pid player popup pref preferences prefs
    product profile promo query ref referer referrer refreshtoken region remember rememberme
    rememberuser route search secret server serverid sess session sessionid sessionkey sessiontoken
    settings shop sid signature site source ssid start state status step store sync test testcookie
    theme ticket tid time timezone token track tracker tracking trk type tz uid uniqueid url user
    userdata userid username usersync utm uuid value variant version video view visit visited visitor
    visitorid visitoruuid voucher widget xsrf xsrftoken zone
    """
GENERIC: Final = frozenset(GENERIC_WORDS.split())
DELIBERATE: Final = {
    "REMEMBERME": "Symfony's default, and the word names a wish of the visitor",
    "SERVERID": "the name in HAProxy's manual, and it holds the name of a server",
    "SERVERID*": "the name in HAProxy's manual, and a number of the server or of the group",
    "SESSION": "Spring's default",
    "XSRF-TOKEN": "the default of Angular, Laravel and axios",
    "__Host-SESSION": "Spring's default, bound to the host",
    "__Host-XSRF-TOKEN": "the default of Angular, Laravel and axios, bound to the host",
    "__Host-cookieconsent": "ours",
    "__Host-cookieconsent-*": "ours",
    "__Host-csrf-token_*": "Symfony's default, bound to the host",
    "__Host-csrftoken": "Django's default, bound to the host",
    "__Host-session": "the default of Flask and Starlette, bound to the host",
    "__Host-sessionid": "Django's default, bound to the host",
    "__Secure-csrftoken": "Django's default",
    "__Secure-session": "the default of Flask and Starlette",
    "__Secure-sessionid": "Django's default",
    "__csrf_token-*": "Shopware's default, and the word names the one thing it is for",
    "__session": "the only name that Firebase lets through to an application",
    "__session_*": "Clerk's name for one of several applications",
    "_LOCALE_": "Pyramid's default, and not exempt",
    "_csrf": "the default of Yii and of Express' middleware",
    "_csrf_token": "the default of Flask-SeaSurf",
    "_session_id": "the default of older Rails",
    "_xsrf": "Tornado's default",
    "auth._token.*": "Nuxt's default, with the name of the way in",
    "cart": "Shopify's name, and the word names the one thing it is for",
    "cookieconsent": "ours",
    "CookieConsent": "Cookiebot's default, and the words name the one thing it is for",
    "cookie_consent": "a Django package's default, and the words name the one thing it is for",
    "crumb": "the default of hapi, and Squarespace's",
    "csrf-token_*": "Symfony's default",
    "csrfToken": "CakePHP's default",
    "csrf_token": "Pyramid's default",
    "csrf_token_*": "Ory's default",
    "csrftoken": "Django's default",
    "messages": "Django's default",
    "remember-me": "Spring's default, and the words name a wish of the visitor",
    "rememberMe": "Shiro's default, and the words name a wish of the visitor",
    "session": "the default of Flask and Starlette",
    "session-": "Shopware's name where no shop has a number",
    "session_id": "the default of CherryPy and Odoo",
    "session_id_*": "web2py's name for one of several applications",
    "sessionid": "Django's default",
    "_ga": "the best-known name of all",
    "_gid": "known as well as the one above",
    "ss-id": "ServiceStack's default",
    "csrf-token": "the words name the one thing it is for",
    "CSRF-TOKEN": "the words name the one thing it is for",
    "CSRFToken": "the words name the one thing it is for",
    "CSRF_TOKEN": "the words name the one thing it is for",
    "_csrfToken": "the words name the one thing it is for",
    "CSRF-Token": "the words name the one thing it is for",
    "__csrf": "the words name the one thing it is for",
    "__CSRF": "the words name the one thing it is for",
    "XSRF_TOKEN": "the words name the one thing it is for",
    "_xsrf-token": "the words name the one thing it is for",
    "__Host-CSRF-TOKEN": "the words name the one thing it is for",
    "__Secure-CSRF-TOKEN": "the words name the one thing it is for",
    "cookieconsent_*": "the words name the one thing it is for",
    "cookieConsent*": "the words name the one thing it is for",
    "cookie_consent*": "the words name the one thing it is for",
    "cookie-consent-*": "the words name the one thing it is for",
    "CookieConsent_*": "the words name the one thing it is for",
    "COOKIE_CONSENT": "the words name the one thing it is for",
    "cookie-consent": "the words name the one thing it is for",
    "COOKIECONSENT": "the words name the one thing it is for",
    "Cookie_Consent": "the words name the one thing it is for",
    "frontend": "Magento's default, and it holds the session of the shop",
    "test_cookie": "DoubleClick's, and a test of anybody else's is not exempt either",
    "_cb": "Chartbeat's visitor, with an underscore that others seldom write",
    "__ac": "Plone's login, with two underscores that others seldom write",
}

# Exempt rows in a family that needs a yes: choices and objections, and the logins and baskets of a shop
# and a board that name their other cookies alike.
EXEMPT_WITHIN_A_FAMILY: Final = """
    PSecwid__*PScart* PSecwid__*PStoken* _cs_optout _hjOptOut _vis_opt_out kndctr_*_consent li_gc
    mtm_consent mtm_consent_removed mtm_cookie_consent optimizelyOptOut stg_global_opt_out xf_consent
    xf_csrf xf_session
    xf_tfa_trust xf_user
    """

# Names that no exempt row may cover: known trackers, and what a tracker could call itself.
TRACKERS: Final = """
    _ga _ga_0ABCDEF123 _gid _gat _gcl_au _gac_UA-1-1 __utma __utmz __gads __gpi IDE DSID test_cookie
    NID ANID 1P_JAR _fbp _fbc fr datr c_user xs _uetsid _uetvid MUID _clck _clsk CLID bcookie lidc
    li_sugr li_fat_id UserMatchHistory _ttp _tt_enable_cookie ttclid _pin_unauth _scid _sctr sc_at
    guest_id personalization_id muc_ads _twclid _rdt_uuid cto_bundle uid uuid2 anj t_gid taboola_usg
    obuid __adroll_fpc __qca hubspotutk __hstc __hssc _mkto_trk visitor_id12345 __kla_id _lfa
    _pk_id.1.1fff _pk_ses.1.1fff AMCV_X@AdobeOrg s_vi s_fid mbox demdex _hjid _hjSessionUser_1
    _hjSession_1 fs_uid mf_user SL_C_1_KEY _lo_uid _ce.s _cs_id _cs_s __insp_wid QuantumMetricUserID
    optimizelyEndUserId _vwo_uuid_v2 _vis_opt_s ABTasty kameleoonVisitorCode _conv_v _gaexp _dyid
    ajs_anonymous_id mp_1_mixpanel amplitude_id_1 AMP_1 _hp2_id.1 ph_1_posthog _sp_id.1 _sp_ses.1
    _ym_uid Hm_lvt_1 _cb _parsely_session ai_session rl_session sbjs_session ahoy_visit _dd_s dtCookie
    rxVisitor intercom-session-1 __zlcmid LPSID-1 TawkConnectionTime crisp-client/session/1 tidio_state
    VISITOR_INFO1_LIVE YSC vuid player wistia v1st __atuvc __stid disqus_unique _GRECAPTCHA awin_aw
    _aw_m_1 IR_PI cjevent tduid PAPVisitorId tap_vid sas_m_awin _shopify_y _shopify_analytics
    _shopify_essential_ dwanonymous_1 STORE_VISITOR SESSION_TRACKER SESSID_ad sess session_tracker
    session_uuid token_visitor cart_tracker messages_id csrf_visitor remember_visitor auth_visitor
    consent_visitor kndctr_X_identity __utmvc_ _pxff_1 akacd_1 nf_ab apbct_urls svSession bSession
    """


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file; lifetime, reason and domain may be empty."""

    name: str
    lifetime: str
    cls: str
    reason: str
    vendor: str
    domain: str
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
    def bare(self) -> str:
        """The letters and digits of the name in lower case, which is what makes it generic."""
        name = re.sub(r"^__(host|secure)-", "", self.name.lower())
        return re.sub(r"[^a-z0-9]", "", name)

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
        fits = name == self.name if self.glob is None else self.glob.fullmatch(name) is not None
        return fits and (not self.domains or domain in self.domains)


@cache
def rows() -> tuple[Row, ...]:
    """Read the file once, without any quoting."""
    with DATA.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
        next(reader)
        return tuple(
            Row(name, lifetime, cls, reason, vendor, domain)
            for cls, lifetime, reason, domain, _, vendor, names in reader
            for name in names.split(" ")
        )


@cache
def rows_from(first: str) -> tuple[Row, ...]:
    """Return the rows that may cover a name with this first character."""
    return tuple(row for row in rows() if row.name[0] in {first, "*"})


def find(name: str, domain: str | None = None, *, without: Row | None = None) -> Row | None:
    """Return the row that decides: exact before glob, longer literal text before shorter."""
    fits = [row for row in rows_from(name[0]) if row is not without and row.covers(name, domain)]
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


def test_lines_are_sorted() -> None:
    """Lines stand in the order of what they say, and their names in that of their bytes."""
    lines = [line.split("\t") for line in DATA.read_text(encoding="utf-8").splitlines()[1:]]
    facts = [line[:-1] for line in lines]
    assert all(one < other for one, other in pairwise(facts))
    names = [[name.encode() for name in line[-1].split(" ")] for line in lines]
    assert [sorted(line) for line in names] == names


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
    """Names of one or two characters are never decided by name alone, whatever stands around them."""
    assert not [
        row.name
        for row in rows()
        if len(row.bare) <= SHORT
        and (row.glob is None or row.literal <= SHORT)
        and not row.domains
        and row.name not in DELIBERATE
    ]


def test_generic_words_need_a_domain() -> None:
    """A word that any site may use is never decided by name alone, but for what was argued."""
    assert not [
        row.name
        for row in rows()
        if row.bare in GENERIC and not row.domains and row.name not in DELIBERATE
    ]


def test_argued_names_are_still_there() -> None:
    """An exception goes when its row goes, or when the rule no longer needs it."""
    known = {row.name: row for row in rows() if not row.domains}
    assert not [
        name
        for name in DELIBERATE
        if name not in known or not (known[name].bare in GENERIC or len(known[name].bare) <= SHORT)
    ]
    assert not [name for name in SHORT_EXEMPT_GLOBS if name not in known]


def test_domain_rows_decide_nothing_alone() -> None:
    """Where only a domain makes a name certain, no other row decides the name without it."""
    assert not [row.name for row in rows() if row.domains and find(row.sample) is not None]


def test_exempt_globs_are_narrow() -> None:
    """What lets a whole family through begins with a vendor's own word."""
    assert not [
        row.name
        for row in rows()
        if row.cls in EXEMPT
        and row.glob is not None
        and len(row.bare) < EXEMPT_LITERAL
        and row.name not in SHORT_EXEMPT_GLOBS
    ]


def test_exempt_globs_cover_no_other_row() -> None:
    """No exempt glob would let a name through that another row asks about, but a framework's own."""
    exempt = [row for row in rows() if row.cls in EXEMPT and row.glob is not None]
    asked = [row for row in rows() if row.cls not in EXEMPT]
    covered = {
        (glob.name, row.name) for glob in exempt for row in asked if glob.covers(row.sample, None)
    }
    assert covered == {(".AspNetCore.*", ".AspNetCore.Culture")}


def test_exempt_rows_within_a_family_are_argued() -> None:
    """An exempt name that a vendor's other cookies share a glob with is an exception to them."""
    families = [row for row in rows() if row.cls not in EXEMPT and row.glob is not None]
    within = {
        row.name
        for row in rows()
        if row.cls in EXEMPT
        and any(family.covers(row.sample, next(iter(row.domains), None)) for family in families)
    }
    assert within == set(EXEMPT_WITHIN_A_FAMILY.split())


@pytest.mark.parametrize("name", TRACKERS.split())
def test_tracker_is_never_exempt(name: str) -> None:
    """Well-known trackers, and names that a tracker could take, match no exempt row at all."""
    assert not [row.name for row in rows() if row.cls in EXEMPT and row.covers(name, None)]


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
        ("ID", "doubleclick.net", "advertising"),
        ("SID", "google.com", "advertising"),
        ("PREF", "youtube.com", "media"),
        ("c", "bidswitch.net", "advertising"),
        ("fr", "facebook.com", "advertising"),
        ("li_gc", "linkedin.com", "consent"),
        ("uid", "criteo.com", "advertising"),
    ],
)
def test_generic_name_needs_its_domain(name: str, domain: str, cls: str) -> None:
    """A generic name is known where its setter is known, and nowhere else."""
    assert cls == class_of(name, domain)
    assert class_of(name) is None
    assert class_of(name, "example.org") is None
