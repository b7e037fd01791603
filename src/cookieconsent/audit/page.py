"""What stands in an HTML page, as far as the audit asks: forms, buttons, links, the banner, its words.

Scripts are not run and styles not applied. Total: any bytes are a page, if an empty one.
May not enter: what is wrong with it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal, NamedTuple, get_args
from urllib.parse import urlsplit

from cookieconsent.observation.links import MarkupReader, joined

BANNER: Final = "cookieconsent-banner"
SETTINGS: Final = "cookieconsent-settings"
PREFERENCES: Final = "cookieconsent-preferences"
_VOID: Final = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)
_SAID: Final = frozenset({"id", "aria-checked"})
_UNSEEN: Final = frozenset({"script", "style", "template", "noscript", "title"})
_MAX_SCRIPT: Final = 20_000
"""Characters of an inline script: a consent mode may begin behind much else."""
MAX_ELEMENTS: Final = 10_000
_MAX_DEPTH: Final = 50
"""Of our own elements in each other; there are four."""
_OWN: Final = "cookieconsent-"
_SPACE = re.compile(r"\s+")


@dataclass(slots=True, kw_only=True)
class Element:
    """An element that the audit asks about, with the text in it."""

    tag: str
    attributes: dict[str, str]
    within: tuple[str, ...]
    """The ids of our own elements around it, the outermost first."""
    text: str = ""
    is_labelled: bool = False
    """Whether it stands in a `<label>`."""
    is_hidden: bool = False
    """Whether the markup alone hides it: its own, or that of what is around it."""
    is_set: bool = False
    """Of an option, which has the name of its list: whether it is chosen as the page comes."""
    around: tuple[tuple[str, ...], ...] = ()
    """Of a control: the elements right around it, each as its tag and what changes its look."""
    inside: tuple[str, ...] = ()
    """Of a button: the tags in it."""

    def get(self, name: str) -> str:
        """Return an attribute, empty where it is missing."""
        return self.attributes.get(name, "")

    def has(self, name: str) -> bool:
        """Tell whether an attribute is there."""
        return name in self.attributes

    @property
    def classes(self) -> frozenset[str]:
        """Its classes."""
        return frozenset(self.get("class").split())


@dataclass(slots=True, kw_only=True)
class Form:
    """A form with its controls, in their order."""

    element: Element
    action: str
    """The absolute address it is sent to, in ASCII; empty for what is no http address."""
    controls: list[Element] = field(default_factory=list)
    """Inputs and buttons."""

    @property
    def is_post(self) -> bool:
        """Whether it is sent by POST."""
        return self.element.get("method").lower() == "post"

    def button(self, value: str) -> Element | None:
        """Return the button that sends `choice=value`."""
        return next(
            (c for c in self.controls if c.get("name") == "choice" and c.get("value") == value),
            None,
        )

    def fields(self) -> list[tuple[str, str]]:
        """Return the hidden fields."""
        return [
            (control.get("name"), control.get("value"))
            for control in self.controls
            if control.tag == "input" and control.get("type") == "hidden"
        ]


FileKind = Literal["script", "style sheet", "picture", "icon"]
FILE_KINDS: Final[tuple[FileKind, ...]] = get_args(FileKind)


class PageFile(NamedTuple):
    """A file that a page loads."""

    kind: FileKind
    url: str
    """Absolute, in ASCII, without a fragment."""


@dataclass(slots=True, kw_only=True)
class Page:
    """One HTML page."""

    url: str
    cut: str | None = None
    """Why it was not read to its end; `None` if it was."""
    base: str = ""
    """Where its relative addresses begin, if it says so (`<base href>`)."""
    elements: list[Element] = field(default_factory=list)
    """All that have an id or `aria-checked`, and headings, links, buttons, inputs, options, labels,
    tables, in their order."""
    forms: list[Form] = field(default_factory=list)
    words: int = 0
    """How many words visitors see outside of our banner."""
    banner_text: str = ""
    """The words of the banner."""
    language: str = ""
    """The `lang` of the document."""
    scripts: list[str] = field(default_factory=list)
    """The addresses of its scripts, and the beginning of inline ones."""
    hosts: set[str] = field(default_factory=set)
    """Other hosts that it loads from."""
    files: list[PageFile] = field(default_factory=list)
    """Its scripts, style sheets, pictures and icons."""
    styles: list[str] = field(default_factory=list)
    """The CSP hash-sources of the inline styles in the banner."""

    def by_id(self, name: str) -> Element | None:
        """Return the element with an id."""
        return next((element for element in self.elements if element.get("id") == name), None)

    def within(self, name: str, tag: str | None = None) -> list[Element]:
        """Return the elements inside the one with an id."""
        return [
            element
            for element in self.elements
            if name in element.within and tag in {None, element.tag}
        ]

    def form_for(self, choice: str) -> Form | None:
        """Return the first form that sends a choice."""
        return next((form for form in self.forms if form.button(choice) is not None), None)


_NOTED: Final = frozenset(
    [
        "a",
        "button",
        "caption",
        "details",
        "fieldset",
        "form",
        "h1",
        "h2",
        "h3",
        "html",
        "iframe",
        "input",
        "label",
        "legend",
        "main",
        "option",
        "select",
        "summary",
        "table",
        "td",
        "th",
    ]
)


_INVISIBLE: Final = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))\b", re.IGNORECASE
)


_LEFT_OPEN: Final = frozenset({"dd", "dt", "li", "option", "p", "td", "th", "tr"})
"""Elements that may end without an end tag: nobody can tell here what is still in them."""


def _hides(tag: str, attributes: dict[str, str]) -> bool:
    """Tell whether an element says itself that nobody sees it."""
    style = attributes.get("style", "")
    is_out = tag == "template" or not {"hidden", "inert"}.isdisjoint(attributes)
    return is_out or bool(_INVISIBLE.search(style))


_CONTROLS: Final = frozenset({"a", "button", "input"})
_NEAR: Final = 12
"""How many elements around one are looked at."""
_LOOKS: Final = ("class", "style", "disabled", "aria-hidden")


class _Opened(NamedTuple):
    tag: str
    element: Element | None
    """What is asked about it, if anything."""
    hides: bool
    """Whether nobody sees what is in it."""
    own: str
    """Its id, where it is one of our own elements."""
    look: tuple[str, ...]


def _look(tag: str, attributes: dict[str, str]) -> tuple[str, ...]:
    return tag, *(f"{name}={attributes[name]}" for name in _LOOKS if name in attributes)


class _Reader(MarkupReader):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.page = Page(url=url)
        self._base = url
        self._open: list[_Opened] = []
        self._ids: list[str] = []
        self._form: Form | None = None
        self._option: Element | None = None
        """The one that is set in the list that is open."""
        self._counts: Counter[str] = Counter()
        self._unseen = 0
        self._hiding = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "option" and self._open and self._open[-1].tag == tag:
            self.handle_endtag(tag)  # one ends where the next begins
        element = None
        if len(self.page.elements) >= MAX_ELEMENTS:
            self.page.cut = f"a page has more than {MAX_ELEMENTS:,} elements"
        elif tag in _NOTED or not _SAID.isdisjoint(attributes):
            element = Element(tag=tag, attributes=attributes, within=tuple(self._ids))
            element.is_labelled = any(opened.tag == "label" for opened in self._open[-6:])
            element.is_hidden = self._hiding > 0 or _hides(tag, attributes)
            if tag in _CONTROLS:
                element.around = tuple(opened.look for opened in self._open[-_NEAR:])
            self.page.elements.append(element)
            self._note(tag, element)
        self._note_inside(tag)
        self._note_load(tag, attributes)
        if tag not in _VOID:
            hides = tag not in _LEFT_OPEN and _hides(tag, attributes)
            name = attributes.get("id", "")
            own = name if name.startswith(_OWN) and len(self._ids) < _MAX_DEPTH else ""
            self._open.append(_Opened(tag, element, hides, own, _look(tag, attributes)))
            self._counts[tag] += 1
            self._hiding += hides
            self._ids += [own] if own else []
            self._unseen += tag in _UNSEEN

    def _note_inside(self, tag: str) -> None:
        for _, element, *_ in self._open[-_NEAR:]:
            is_button = element is not None and element.tag == "button"
            if element is not None and is_button and len(element.inside) < _NEAR:
                element.inside += (tag,)

    def handle_endtag(self, tag: str) -> None:
        while self._counts[tag]:
            opened = self._open.pop()
            self._counts[opened.tag] -= 1
            self._hiding -= opened.hides
            if opened.own:
                self._ids.pop()
            self._unseen -= opened.tag in _UNSEEN
            if opened.tag == "form":
                self._form = None
            if opened.tag == "select":
                self._option = None
            if opened.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "script":
            self.page.scripts.append(data[:_MAX_SCRIPT])
        if self._open and self._open[-1][0] == "style" and BANNER in self._ids:
            digest = hashlib.sha256(data.encode("utf-8", "replace")).digest()
            self.page.styles.append(f"'sha256-{base64.b64encode(digest).decode('ascii')}'")
        if self._unseen or not data.strip():
            return
        for _, element, *_ in self._open[-_NEAR:]:
            if element is not None and len(element.text) < 2000:  # noqa: PLR2004 - of no use
                element.text = _SPACE.sub(" ", element.text + data)
        if BANNER in self._ids:
            self.page.banner_text += " " + data.strip()
        elif SETTINGS not in self._ids:
            self.page.words += len(data.split())

    def _note(self, tag: str, element: Element) -> None:
        if tag == "form":
            said = element.get("action").strip()
            # HTML, form submission: without one it is the document's own address, whatever its base.
            action = joined(self._base if said else self.page.url, said)
            self._form = Form(element=element, action=action or "")
            self.page.forms.append(self._form)
        elif tag in {"input", "button"} and self._form is not None:
            self._form.controls.append(element)
        elif tag == "html":
            self.page.language = element.get("lang")
        elif tag == "option":
            self._note_option(element)

    def _note_option(self, element: Element) -> None:
        """See which options of a list are set: those that say so, in a list of one else the first."""
        around = self._open[-3:]  # an option may stand in a group
        found = next((o.element for o in reversed(around) if o.tag == "select"), None)
        if found is None:
            return
        element.attributes["name"] = found.get("name")
        is_single = not found.has("multiple")
        element.is_set = element.has("selected") or (is_single and self._option is None)
        if element.is_set:
            if is_single and self._option is not None:
                self._option.is_set = False
            self._option = element

    def _begin_at(self, href: str) -> None:
        """Take the base of addresses: the first one counts, and one that is no address does not."""
        base = None if self.page.base else joined(self.page.url, href)
        if base is not None:
            self.page.base = self._base = base

    def _note_load(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "base" and attributes.get("href"):
            self._begin_at(attributes["href"])
        source, kind = _source(tag, attributes), _kind(tag, attributes)
        if not source or (kind is None and tag != "iframe"):
            return
        url = joined(self._base, source)
        if tag == "script":  # also one that is its own address (`data:`)
            self.page.scripts.append(url or source[:_MAX_SCRIPT])
        if url is None:
            return
        if kind is not None:
            self.page.files.append(PageFile(kind, url))
        host = urlsplit(url).hostname
        if host is not None and host != urlsplit(self.page.url).hostname:
            self.page.hosts.add(host)


def _source(tag: str, attributes: dict[str, str]) -> str:
    """Return what an element names to be loaded, of several pictures the first."""
    if tag == "link":
        return attributes.get("href", "")
    candidates = attributes.get("srcset", "").replace(",", " ").split()
    return attributes.get("src", "") or next(iter(candidates), "")


def _kind(tag: str, attributes: dict[str, str]) -> FileKind | None:
    """Return what an element loads; `None` for anything else, or for nothing."""
    if tag == "link":
        rel = attributes.get("rel", "").lower().split()
        return "style sheet" if "stylesheet" in rel else "icon" if "icon" in rel else None
    if tag == "script":
        return "script"
    is_button = tag == "input" and attributes.get("type", "").lower() == "image"
    return "picture" if is_button or tag in {"img", "source"} else None


@dataclass(slots=True, unsafe_hash=True)
class _Body:
    """A body that is remembered by its digest alone."""

    digest: bytes
    octets: bytes = field(compare=False)
    """Nothing once it was read: the one that is remembered is the one that was read."""


def read_page(url: str, body: bytes) -> Page:
    """Return what stands in a page; visitors in many states meet the same one."""
    return _remembered(url, _Body(hashlib.sha256(body).digest(), body))


@lru_cache(maxsize=256)
def _remembered(url: str, body: _Body) -> Page:
    octets, body.octets = body.octets, b""
    return _read(url, octets)


def _read(url: str, body: bytes) -> Page:
    reader = _Reader(url)
    try:
        reader.feed(body.decode("utf-8", "replace"))
    except (AssertionError, ValueError):
        # How the standard library says that it cannot read on; what makes it, its releases differ in.
        reader.page.cut = "the markup of a page cannot be read"
    return reader.page
