"""What the document on the screen is asked, by scripts of ours in a world that no page can change.

May not enter: what is concluded from it, waiting for what happens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cookieconsent.observation.answer import ObservationError
from cookieconsent.observation.browser_faults import RESTLESS, is_moved, reasoned
from cookieconsent.observation.layout import NARROW, PHONES, WINDOW, Control, Layout
from cookieconsent.observation.traffic import Stored

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

Given = TypeVar("Given")
MAX_HTML_CHARACTERS: Final = 2 * 1024 * 1024
_TRIES: Final = 5
_WORLD: Final = "apart"


class Document:
    """Whatever document a tab shows.

    Args:
        page: Shows it.
        session: Leads to it.
        load: Waits until a page that came instead has loaded.
    """

    def __init__(self, page: Page, session: CDPSession, load: Callable[[], object]) -> None:
        self._page = page
        self._session = session
        self._load = load

    def html(self) -> tuple[str, bool]:
        """Return it as it is now, at most `MAX_HTML_CHARACTERS`, and whether that is all."""
        return self._on_one_page(self._html)

    def stores(self) -> list[Stored]:
        """Return the databases, files, caches and service workers of it and its frames."""
        return self._on_one_page(self._stores)

    def controls(self, selectors: Mapping[str, str]) -> dict[str, Control]:
        """Return the first element that each selector finds; what is not there is left out."""
        with reasoned("the banner cannot be measured"):
            found = self._on_one_page(lambda: self._called("controls", dict(selectors)))
        return {name: Control(**facts) for name, facts in found.items()}

    def layout(self, selectors: Mapping[str, str]) -> Layout:
        """Return how it lies in its window and on telephones, with what each selector finds."""
        controls, phones, narrow_width = self.controls(selectors), {}, 0
        with reasoned("the page cannot be measured"):
            try:
                for width, height in PHONES.items():
                    self._page.set_viewport_size({"width": width, "height": height})
                    phones[width] = self.controls(selectors)
                    if width == NARROW:
                        narrow_width = int(self._on_one_page(lambda: self._called("width")))
            finally:
                self._page.set_viewport_size({"width": WINDOW[0], "height": WINDOW[1]})
        return Layout(controls=controls, phones=phones, narrow_width=narrow_width)

    def _html(self) -> tuple[str, bool]:
        html, is_whole = self._called("document", MAX_HTML_CHARACTERS)
        return str(html), bool(is_whole)

    def _called(self, script: str, *values: object) -> Any:  # noqa: ANN401 - JSON
        """Call one of our scripts in the page's own frame."""
        return self._ask(self._frames()[0]["id"], script_text(script), *values)

    def _stores(self) -> list[Stored]:
        by_origin = {frame["securityOrigin"]: frame for frame in reversed(self._frames())}
        return [
            Stored(kind=kind, key=name, value="", url=origin, initiator=None)
            for origin, frame in by_origin.items()
            for kind, names in self._ask(frame["id"], script_text("stores")).items()
            for name in names
        ]

    def _frames(self) -> list[Mapping[str, Any]]:
        """Return the page's own frame, and those in it."""
        trees = [self._session.send("Page.getFrameTree")["frameTree"]]
        for tree in trees:
            trees += tree.get("childFrames", ())
        return [tree["frame"] for tree in trees]

    def _ask(self, frame: str, function: str, *values: object) -> Any:  # noqa: ANN401 - JSON
        """Call a function in a world of our own, whose built-ins no page can change."""
        asked = {"frameId": frame, "worldName": _WORLD}
        world = self._session.send("Page.createIsolatedWorld", asked)["executionContextId"]
        call = {
            "functionDeclaration": function,
            "executionContextId": world,
            "arguments": [{"value": value} for value in values],
            "awaitPromise": True,
            "returnByValue": True,
        }
        said = self._session.send("Runtime.callFunctionOn", call)
        if "exceptionDetails" in said:
            raise ObservationError("its page cannot be asked")
        return said["result"]["value"]

    def _on_one_page(self, look: Callable[[], Given]) -> Given:
        """Look at the page; where a script goes elsewhere meanwhile, at the next one."""
        for _ in range(_TRIES):
            try:
                return look()
            except Exception as error:
                if not is_moved(error):
                    raise
                self._load()
        raise ObservationError(RESTLESS)


@cache
def script_text(name: str) -> str:
    """Return one of our scripts."""
    path = files("cookieconsent.observation").joinpath("scripts", f"{name}.js")
    return path.read_text(encoding="utf-8")
