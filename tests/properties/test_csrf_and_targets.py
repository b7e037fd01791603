"""Who may change a choice, and where a visitor is sent back to: properties 15 and 16.

Whole exchanges through both doors; the truth table is written down here once more, row by row.
"""

from __future__ import annotations

import re
from itertools import product
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cookieconsent.core.target import page_target, safe_target
from doors import DAY, Door, Site, both_doors, consent_lines, form_for
from properties.strategies import examples, stage

HOST = "shop.example"
TRUSTED = "https://pay.example"

FETCH_SITES = [None, "none", "same-origin", "same-site", "cross-site"]
ORIGINS = [None, "null", f"https://{HOST}", f"http://{HOST}", TRUSTED, "https://evil.example"]
REFERERS = [None, f"https://{HOST}/page", "https://evil.example/"]
TOKENS = ["valid", "wrong", "expired", "missing", "repeated", "of tomorrow"]


def is_accepted(fetch_site: str | None, origin: str | None, token: str, scheme: str) -> bool:
    """The table of the contract: the first row that fits. The Referer stands in no row."""
    if fetch_site == "same-origin":
        return True
    if fetch_site in {"same-site", "cross-site"}:
        return origin == TRUSTED and token == "valid"
    own = {f"https://{HOST}", f"{scheme}://{HOST}", TRUSTED, None, "null"}
    return origin in own and token == "valid"


def token_fields(site: Site, token: str) -> list[tuple[str, str]]:
    def of(day: int) -> tuple[str, str]:
        return "token", site.consent.token.write(day).decode()

    return {
        "valid": [of(DAY)],
        "wrong": [("token", of(DAY)[1][:-2] + "AA")],
        "expired": [of(DAY - 2)],
        "missing": [],
        "repeated": [of(DAY), of(DAY)],
        "of tomorrow": [of(DAY + 1)],
    }[token]


@pytest.mark.hostile(85, 86, 87, 88, 89, 92)
@both_doors
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("token", TOKENS)
def test_every_sender_against_the_table(door: Door, scheme: str, token: str) -> None:
    """All rows of `Sec-Fetch-Site`, `Origin`, `Referer` and token; cross-site never succeeds."""
    site = Site(door, trusted_origins=[TRUSTED])
    for fetch_site, origin, referer in product(FETCH_SITES, ORIGINS, REFERERS):
        named = {"sec-fetch-site": fetch_site, "origin": origin, "referer": referer}
        headers = [(k.encode(), v.encode()) for k, v in named.items() if v is not None]
        fields = [("choice", "save"), ("class-analytics", "yes"), *token_fields(site, token)]
        answer = site.post(fields, headers, scheme="https" if scheme == "https" else "http")
        row = (scheme, fetch_site, origin, referer, token)
        if is_accepted(fetch_site, origin, token, scheme):
            assert answer.status == 303, row
            assert len(consent_lines(answer)) == 1
        else:
            assert answer.status == 403, row
            assert not answer.values(b"set-cookie"), row
            # The form is shown again, with what was filled in.
            form = form_for(answer.body, "save")
            assert ("class-analytics", "yes") in form.fields, row
    assert not site.asked


# --- targets --------------------------------------------------------------------------------------


def resolved(location: str, base: str = f"https://{HOST}/a/b") -> str:
    """Resolve an address as browsers do (URL Standard), where that differs from `urljoin`."""
    text = location.strip("".join(map(chr, range(0x21))))
    text = re.sub(r"[\t\r\n]", "", text).replace("\\", "/")
    # `///host` and `https:/host` are hosts to a browser.
    text = re.sub(r"^/{2,}", "//", text)
    text = re.sub(r"^(https?):/*", r"\1://", text, flags=re.IGNORECASE)
    whole = urljoin(base, text)
    parts = urlsplit(whole)
    # `/.//evil` comes out as `//evil`: the host is safe, but a second reader would be fooled.
    host = parts.path.lstrip("/")
    return f"https://{host}" if host and parts.path.startswith("//") else whole


TARGET_ATOMS = (
    *("/", "/", "//", "\\", ".", "..", "/./", "/../", "%2e", "%2F", "%5c", "%0d%0a", "%00", "%7f"),
    *(
        "evil.example",
        "https:",
        "http://",
        "javascript:",
        "data:",
        "@",
        ":",
        "?",
        "#",
        "&",
        "=",
        "a",
    ),
    *(
        "\t",
        "\n",
        "\r",
        " ",
        "\x01",
        "\x7f",
        "\x85",
        "\xa0",
        "\u2028",
        "\uff0f",
        "ä",
        "[",
        "]",
        "%",
    ),
    *("shop.example", ";", "'", '"', "<script>", "//[", "x" * 300),
)
TARGETS = st.one_of(
    st.lists(st.sampled_from(TARGET_ATOMS), max_size=8).map("".join),
    st.lists(st.sampled_from(TARGET_ATOMS), max_size=8).map(lambda parts: "/" + "".join(parts)),
    st.text(max_size=30),
)


def assert_stays(location: str) -> None:
    assert re.fullmatch(r"/[\x21-\x7e]*", location), location
    assert "\\" not in location
    parts = urlsplit(resolved(location))
    assert (parts.scheme, parts.netloc) == ("https", HOST), location


@pytest.mark.hostile(101, 102, 103)
@examples(800)
@given(value=TARGETS)
def test_safe_targets_stay_on_the_site(value: str) -> None:
    target = safe_target(value)
    if target is not None:
        assert target == value
        assert_stays(target)


@pytest.mark.hostile(103)
@examples(800)
@given(
    path=TARGETS, root=st.sampled_from(["", "/shop", "//", "/a/b"]), query=st.binary(max_size=20)
)
def test_page_targets_stay_on_the_site(path: str, root: str, query: bytes) -> None:
    target = page_target(root, path, query)
    if target is not None:
        assert_stays(target)


@pytest.mark.hostile(101, 102, 104)
@both_doors
@examples(100)
@given(value=TARGETS)
@example(value="/\\evil.example")
@example(value="/%0d%0aSet-Cookie:%20y=1")
@example(value="/a?b=c")
def test_location_stays_on_the_site(door: Door, value: str) -> None:
    site = stage(door).show()
    body = urlencode({"choice": "reject", "next": value}, errors="surrogatepass").encode()
    answer = site.post(body)
    assert answer.status == 303
    (location,) = (line.decode("ascii") for line in answer.values(b"location"))
    base, hash_, fragment = location.partition("#")
    assert (hash_, fragment) == ("#", "cookieconsent-saved")
    assert_stays(base)
    assert base == (safe_target(value) or "/cookie-consent")
    assert len(consent_lines(answer)) == 1


@pytest.mark.hostile(103)
@both_doors
@examples(60)
@given(path=TARGETS.map(lambda text: "/" + text.replace("\0", "")), query=st.binary(max_size=10))
def test_banner_returns_to_its_page(door: Door, path: str, query: bytes) -> None:
    """The `next` of a banner leads to a page of the site, wherever the banner was shown."""
    site = stage(door).show()
    query = quote(query).encode()
    if path.startswith("/cookie-consent"):
        return
    answer = site.get(path.encode("utf-8", "replace").decode(), query=query)
    fields = dict(form_for(answer.body, "accept").fields)
    assert_stays(fields["next"])
    assert form_for(answer.body, "accept").action == "/cookie-consent"
