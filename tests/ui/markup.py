"""What the tests of words and markup share: sites, visits, languages, and a parser's view of markup.

Markup is judged as html5lib reads it, not as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import html5lib

from cookieconsent.core.registry import Cookie, CookieClass
from cookieconsent.ui.banner import BannerFacts, Look, banner, settings_element
from cookieconsent.ui.forms import Fragment
from cookieconsent.ui.i18n import Words
from cookieconsent.ui.languages import shipped
from cookieconsent.ui.preferences import preferences_page
from cookieconsent.ui.sections.facts import SiteFacts, Visit

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

words: Final = shipped().words
LOCALES: Final = (
    "bg",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "et",
    "fi",
    "fr",
    "ga",
    "hr",
    "hu",
    "it",
    "lt",
    "lv",
    "mt",
    "nl",
    "pl",
    "pt",
    "ro",
    "sk",
    "sl",
    "sv",
    "nb",
    "nn",
    "is",
    "ca",
    "eu",
    "gl",
    "cy",
    "uk",
    "ru",
    "tr",
    "sr",
    "sr_Latn",
    "bs",
    "sq",
    "mk",
    "ar",
    "he",
    "fa",
    "hi",
    "id",
    "vi",
    "th",
    "ja",
    "ko",
    "zh_Hans",
    "zh_Hant",
    "pt_BR",
)
"""Every language that is shipped: those of the EU, and 27 more."""
RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he"})
HOSTILE: Final = (
    '"><script>alert(1)</script>',
    "' onfocus='alert(1)' autofocus x='",
    "</style><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "\u202egnp.exe",
    "%(classes)s %s {0} {classes}",
)
"""Values that try to become markup."""

ANALYTICS, MEDIA, ADVERTISING = (
    CookieClass("analytics"),
    CookieClass("media"),
    CookieClass("advertising"),
)
PREFERENCES = CookieClass("preferences")
STATISTICS = CookieClass("statistics", title="Counting", description="Counts.", regime="objection")
EXEMPT = (CookieClass("authentication"), CookieClass("cart"), CookieClass("consent"))

COOKIES = (
    Cookie("_ga", "analytics", purpose="Counts visits.", provider="Google", lifetime="13 months"),
    Cookie("_ga_*", "analytics", purpose="Keeps a visit.", provider="Google", lifetime="2 years"),
    Cookie("YSC", "media", purpose="Counts views.", provider="YouTube", lifetime="session"),
    Cookie("sid", "authentication"),
)
OWN_COOKIE = "__Host-cookieconsent"
ACTION = "/cookie-consent"


def tag_of(locale: str) -> tuple[str, str]:
    """Return what `lang` and `dir` say of a language."""
    return locale.replace("_", "-"), "rtl" if locale in RIGHT_TO_LEFT else "ltr"


def facts(*classes: CookieClass, providers: int = 0) -> BannerFacts:
    return BannerFacts(classes or (ANALYTICS,), providers)


def site(*classes: CookieClass, cookies: tuple[Cookie, ...] = COOKIES, **other: Any) -> SiteFacts:
    return SiteFacts(
        classes=(*EXEMPT, *(classes or (ANALYTICS, MEDIA))),
        cookies=cookies,
        **({"consent_cookie": OWN_COOKIE} | other),
    )


def visit(**other: Any) -> Visit:
    given = {"action": ACTION, "style_url": ACTION + "/style.0.css", "token": "TiA.token"}
    return Visit(**(given | other))


# --- reading ------------------------------------------------------------------------------------


def parse(html: bytes | str) -> tuple[Element, list[Any]]:
    """Return the tree of a whole document and what its parser complained about."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    text = html.decode("utf-8") if isinstance(html, bytes) else html
    return parser.parse(text), parser.errors


def in_page(markup: bytes | str, page: str = "<p>Hello</p>") -> Element:
    """Return the tree of a host page with markup at the beginning of its body.

    Fails where the markup is not well-formed HTML.
    """
    text = markup.decode("ascii") if isinstance(markup, bytes) else markup
    tree, errors = parse(
        f"<!DOCTYPE html><html><head><title>t</title></head><body>{text}{page}</body></html>"
    )
    assert errors == [], text
    return tree


def filled(markup: str, target: str = "/") -> bytes:
    """Return markup as it goes into a page."""
    return Fragment(markup).fill(ACTION, b"TiA.token").to(target)


def banner_tree(
    facts: BannerFacts | None = None, words_: Words | str = "en", look: Look | None = None
) -> Element:
    """Return the banner's element in a host page."""
    spoken = words(words_) if isinstance(words_, str) else words_
    markup = banner(facts or BannerFacts((ANALYTICS,), 0), spoken, look or Look())
    return by_id(in_page(filled(markup)), "cookieconsent-banner")


def settings_tree(
    words_: Words | str = "en", look: Look | None = None, *, granted: bool = False
) -> Element:
    """Return the settings element in a host page."""
    spoken = words(words_) if isinstance(words_, str) else words_
    markup = settings_element(spoken, look or Look(), granted=granted)
    return by_id(in_page(filled(markup)), "cookieconsent-settings")


def page_tree(
    site_: SiteFacts | None = None, visit_: Visit | None = None, words_: Words | str = "en"
) -> Element:
    """Return the tree of the preferences page; fails where it is not well-formed."""
    spoken = words(words_) if isinstance(words_, str) else words_
    tree, errors = parse(preferences_page(site_ or site(), visit_ or visit(), spoken))
    assert errors == []
    return tree


def by_id(tree: Element, name: str) -> Element:
    """Return the one element with an id."""
    found = [element for element in tree.iter() if element.get("id") == name]
    assert len(found) == 1, name
    return found[0]


def has_id(tree: Element, name: str) -> bool:
    return any(element.get("id") == name for element in tree.iter())


def text_of(element: Element) -> str:
    """Return the text a reader gets, white space tidied, without style."""
    return _SPACE.sub(" ", "".join(_texts(element))).strip(" ")


_SPACE = re.compile(r"[ \t\n\r\f]+")  # not the space that keeps words together


def _texts(element: Element) -> Iterator[str]:
    if element.tag not in {"style", "script"}:
        yield element.text or ""
        for child in element:
            yield from _texts(child)
            yield child.tail or ""


def visible_text(element: Element) -> str:
    """Return the text without the line that only `:target` shows."""
    line = [child for child in element.iter() if child.get("id") == "cookieconsent-saved"]
    whole = text_of(element)
    return whole.replace(text_of(line[0]), "", 1).strip() if line else whole


def button(tree: Element, choice: str) -> Element:
    """Return the one button that sends a choice."""
    found = [b for b in tree.iter("button") if b.get("value") == choice]
    assert len(found) == 1, choice
    return found[0]


def choices(tree: Element) -> list[str | None]:
    """Return what the buttons send, in order."""
    return [b.get("value") for b in tree.iter("button") if b.get("name") == "choice"]


def active_parts(tree: Element) -> list[str]:
    """Return everything that could run code or send a visitor elsewhere without a click."""
    found = [f"<{element.tag}>" for element in tree.iter() if element.tag in _ACTIVE]
    for element in tree.iter():
        for name, value in element.attrib.items():
            if name.lower().startswith("on") or name in {"style", "autofocus", "srcdoc", "ping"}:
                found.append(f"{name}={value}")
            if name in {"href", "src", "action", "formaction"} and not _stays(value):
                found.append(f"{name}={value}")
            if name == "tabindex" and int(value) > 0:
                found.append(f"{name}={value}")
    return found


_ACTIVE = frozenset({"script", "iframe", "object", "embed", "img", "svg", "base", "applet"})


def _stays(address: str) -> bool:
    return address.startswith(("/", "#", "https://", "http://", "mailto:"))
