"""The reference pages say what the code does: events, headers, routes, selectors, names."""

from __future__ import annotations

import ast
import base64
import dataclasses
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import command_line
import cookie_catalogue
import cookieconsent
import python_names
from cookieconsent.cli.program import COMMANDS, Command
from cookieconsent.core.receipt import (
    MAX_RECEIPT_OCTETS,
    SCHEMA,
    Receipt,
    ReceiptClass,
    ReceiptCookie,
)
from cookieconsent.core.signals import REQUEST_FIELDS
from cookieconsent.engine.submission import (
    _LEAST_FIRST,
    BODY_SECONDS,
    MAX_BODY_OCTETS,
    MAX_FIELDS,
)
from cookieconsent.ui.theme import SHIPPED
from doors import Site, Visitor, elements
from oracles.drivers import Answer
from pages import ROOT, blocks

SOURCE = ROOT / "src" / "cookieconsent"


def text_of(page: str) -> str:
    return (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")


def calls(path: Path) -> Iterator[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


# --- generated pages ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tool",
    [python_names, cookie_catalogue, command_line],
    ids=["python", "catalogue", "command line"],
)
def test_generated_page_is_fresh(tool: object) -> None:
    path, page = vars(tool)["PAGE"], vars(tool)["page"]
    assert path.read_text(encoding="utf-8") == page(), "run `make pages`"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.NAME)
def test_every_command_has_its_chapter(command: Command) -> None:
    assert f"\n## cookieconsent {command.NAME}" in text_of("cli.md")


def test_every_public_name_has_its_place() -> None:
    placed = [name for _, _, names in python_names.GROUPS for name in names]
    assert sorted(placed) == sorted(python_names.exports())
    assert all(hasattr(cookieconsent, name) for name in placed)


# --- log events -----------------------------------------------------------------------------------

LEVELS = {"once": "WARNING", "_deny": "WARNING", "names": "INFO", "failure": "ERROR"}


def events_of(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each event that a file reports, with its level."""
    for call in calls(path):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name in {"once", "_deny", "names"} and call.args:
            for node in ast.walk(call.args[0]):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value, LEVELS[name]
        elif name == "failure":
            yield "failure", LEVELS[name]
        elif name in {"info", "warning", "error"}:
            for event in _extra_events(call):
                yield event, name.upper()


def _extra_events(call: ast.Call) -> Iterator[str]:
    for node in ast.walk(call):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                named = isinstance(key, ast.Constant) and key.value == "event"
                if named and isinstance(value, ast.Constant):
                    yield str(value.value)


def test_log_page_lists_every_event() -> None:
    emitted = {event for path in SOURCE.rglob("*.py") for event in events_of(path)}
    listed = set()
    for section in text_of("log.md").split("\n## ")[1:]:
        level = section.partition("\n")[0]
        listed |= {
            (event, level) for event in re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
        }
    assert listed == emitted
    assert len(emitted) > 15, "the search has gone blind"


# --- headers --------------------------------------------------------------------------------------

# Byte strings of the same look that name no header.
OTHER_WORDS = {"no-store", "proxy-revalidate", "s-maxage", "same-origin"}
# Header names without a hyphen, which would be lost among other words.
ONE_WORD = {"accept", "allow", "cookie", "digest", "etag", "host", "location", "origin"}
ONE_WORD |= {"range", "signature", "trailer", "vary"}


def header_words() -> set[str]:
    """Return what the code names as a header, found by its looks."""
    rooms = [*(SOURCE / "engine").glob("*.py"), *(SOURCE / "middleware").glob("*.py")]
    rooms += [SOURCE / "core" / f"{name}.py" for name in ("headers", "signals", "policy")]
    found = {field.decode("ascii") for field in REQUEST_FIELDS}
    for path in rooms:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
                word = node.value.decode("latin-1").lower()
                if re.fullmatch(r"[a-z]+(?:-[a-z0-9]+)+", word) or word in ONE_WORD:
                    found.add(word)
    return found - OTHER_WORDS


def test_headers_page_names_every_header() -> None:
    listed = {name.lower() for name in re.findall(r"`([\w-]+)`", text_of("headers.md"))}
    assert header_words() - listed == set()
    assert {"set-cookie", "vary", "sec-gpc", "etag"} <= header_words()


# --- HTTP and HTML --------------------------------------------------------------------------------


def selectors() -> list[tuple[str, list[str]]]:
    """Return the selectors of the page, and the other choices each row names."""
    rows = re.findall(r"^\| `(#cookieconsent-[^`]*)` \| (.*) \|$", text_of("http.md"), re.MULTILINE)
    return [(selector, re.findall(r"`(\w+)`", meaning)) for selector, meaning in rows]


def matches(page: bytes, selector: str) -> bool:
    """Tell whether a page has an element for a selector: an id, or what stands in a form of it."""
    where, _, what = selector.partition(" ")
    found = elements(page)
    ids = {element.get("id") for element in found}
    if not what:
        return where[1:] in ids
    tag = re.match(r"\w+", what)
    wanted = dict(re.findall(r"\[([\w-]+)=\"?([^\]\"]+)\"?\]", what))
    assert tag is not None
    return where[1:] in ids and any(
        element.tag == tag[0] and all(element.get(k) == v for k, v in wanted.items())
        for element in found
    )


def test_selectors_find_what_the_page_says() -> None:
    site = Site("asgi")
    visitor = Visitor(site)
    visitor.visit()
    pages = {"banner": visitor.page}
    visitor.choose("accept")
    pages["settings"] = visitor.page
    visitor.visit("/cookie-consent")
    pages["preferences"] = visitor.page
    pages["saved"] = pages["settings"]
    visitor.choose("pause")
    visitor.visit("/cookie-consent")
    pages["resume"] = visitor.page
    rows = selectors()
    assert len(rows) == 13
    for selector, others in rows:
        place = re.findall(r"#cookieconsent-(\w+)", selector)[0]
        page = pages["resume" if "resume" in selector else place]
        assert matches(page, selector), selector
        value = re.findall(r"value=(\w+)", selector)
        for other in others if value else ():
            assert matches(page, selector.replace(f"={value[0]}]", f"={other}]")), (selector, other)


def test_objection_has_a_form_of_its_own() -> None:
    assert "| `form button[name=choice][value=object]` |" in text_of("http.md")
    assert "`input[name=class]`" in text_of("http.md")
    page = Site("asgi", classes=[cookieconsent.CookieClass("counting", regime="objection")])
    forms = re.findall(rb"<form.*?</form>", page.get("/cookie-consent").body, re.DOTALL)
    [form] = [form for form in forms if b'name="choice" value="object"' in form]
    assert b'name=class value="counting"' in form


def test_order_of_answers_is_the_one_of_the_page() -> None:
    said = re.search(r"the first of these counts: (.*)\.", text_of("http.md"))
    assert said is not None
    assert tuple(re.findall(r"`(\w+)`", said[1])) == _LEAST_FIRST


def test_fault_keeps_the_answer_and_deletes_what_may_not_stay() -> None:
    site = Site("asgi")
    refused = site.answer_cookie("reject")
    answer = site.post({"choice": "everything"}, cookie=refused + b"; _ga=1")
    assert answer.status == 400
    names = {line.partition(b"=")[0] for line in answer.values(b"set-cookie")}
    assert names == {b"_ga"}
    assert "no consent cookie is set" in text_of("http.md")


def test_custom_properties_are_those_of_the_sheet() -> None:
    listed = set(re.findall(r"`(--cookieconsent-[\w-]+)`", text_of("http.md")))
    read = set(re.findall(r"var\((--cookieconsent-[\w-]{2,})", SHIPPED.sheet("banner")))
    assert listed == read


def answer(status: int) -> Answer:
    """Return an answer to a form that has the status."""
    site = Site("asgi")
    many = [("choice", "reject")] + [("x", "y")] * (MAX_FIELDS + 1)
    return {
        303: lambda: site.post({"choice": "reject"}),
        400: lambda: site.post(many),
        403: lambda: site.post({"choice": "reject"}, [(b"sec-fetch-site", b"cross-site")]),
        405: lambda: site.post({"choice": "reject"}, path="/cookie-consent/state.css"),
        413: lambda: site.post({"choice": "reject", "x": "y" * MAX_BODY_OCTETS}),
        415: lambda: site.post(b"{}", content_type=b"application/json"),
    }[status]()


@pytest.mark.parametrize("status", [303, 400, 403, 405, 413, 415])
def test_statuses_of_forms(status: int) -> None:
    assert answer(status).status == status
    assert str(status) in text_of("http.md")
    assert (answer(status).values(b"set-cookie") == []) == (status != 303)


def test_numbers_of_the_http_page_hold() -> None:
    page = text_of("http.md")
    assert f"{MAX_BODY_OCTETS:,} bytes" in page
    assert f"more than {MAX_FIELDS} fields" in page
    assert f"longer than {BODY_SECONDS:.0f} seconds" in page


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("/cookie-consent", {}, 200),
        (f"/cookie-consent/{SHIPPED.linked_name}", {}, 200),
        ("/cookie-consent/receipt.json", {}, 200),
        ("/cookie-consent/state.css", {}, 404),
        ("/cookie-consent/state.css", {"shared_cache": True}, 200),
        ("/.well-known/gpc.json", {"gpc": True}, 200),
        ("/cookie-consent/anything", {}, 404),
    ],
)
def test_routes_answer_as_listed(path: str, options: dict[str, Any], status: int) -> None:
    site = Site("asgi", **options)
    assert site.get(path).status == status
    assert site.get(path, method="HEAD").status == status
    assert site.asked == []


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({}, "__Host-cookieconsent"),
        ({"secure": False}, "cookieconsent"),
        ({"cookie_domain": "shop.example"}, "__Secure-cookieconsent"),
        ({"site": "a"}, "__Host-cookieconsent-a"),
    ],
)
def test_names_of_the_consent_cookie(options: dict[str, Any], name: str) -> None:
    site = Site("asgi", **options)
    [line] = site.post({"choice": "reject"}).values(b"set-cookie")
    assert line.startswith(name.encode() + b"=")
    assert b"HttpOnly" in line
    assert b"SameSite=Lax" in line


# --- receipts -------------------------------------------------------------------------------------


def example_site() -> Site:
    """Return the site whose receipt the page shows."""
    cookie = cookieconsent.Cookie(
        "_ga", "analytics", purpose="Counts visits.", provider="Google", lifetime="13 months"
    )
    return Site(
        "asgi",
        cookies=[cookie],
        public_origin="https://shop.example",
        policy_version="2026-11",
        last_updated="2026-11-01",
        privacy_policy_url="/privacy",
        contact="mailto:privacy@shop.example",
    )


def test_example_is_a_real_receipt() -> None:
    [shown] = [b.text for b in blocks(ROOT / "docs/reference/receipt.md") if b.language == "json"]
    site = example_site()
    cookie = site.answer_cookie()
    assert site.get("/cookie-consent/receipt.json", cookie=cookie).body.decode() == shown


def test_receipt_page_lists_every_field() -> None:
    sections = text_of("receipt.md").partition("## Fields")[2].partition("## Other")[0]
    listed = [
        re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE) for part in sections.split("has:\n")
    ]
    fields = [
        [spec.name for spec in dataclasses.fields(part)]
        for part in (Receipt, ReceiptClass, ReceiptCookie)
    ]
    fields[0].append("signature")
    assert listed == fields
    assert f"`{SCHEMA}`" in sections


@pytest.mark.parametrize(
    ("authority", "written"),
    [
        ("Our own", "Our own"),
        ("AT", "Datenschutzbehörde, https://www.dsb.gv.at"),
        (["AT", "DE"], None),
        (None, None),
    ],
    ids=["own words", "one", "several", "none"],
)
def test_authority_is_written_as_the_page_says(authority: Any, written: str | None) -> None:
    assert "name and address of the one authority" in text_of("receipt.md")
    facts = json.loads(Site("asgi", authority=authority).get("/cookie-consent/receipt.json").body)
    assert facts["authority"] == written


def test_receipt_page_tells_how_to_verify_without_us() -> None:
    """The signed form, by the words of the page and the standard library alone."""
    page = text_of("receipt.md")
    assert f"{MAX_RECEIPT_OCTETS:,} bytes" in page
    facts = json.loads(example_site().get("/cookie-consent/receipt.json").body)
    signature = facts.pop("signature")
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    assert example_site().consent.receipt_seal.is_valid(text.encode("ascii"), signature)
    assert len(base64.urlsafe_b64decode(signature + "=")) == hashlib.sha256().digest_size
