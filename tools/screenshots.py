"""Take the pictures of the demo shop: `python tools/screenshots.py [FOLDER]`.

Without a folder, the pictures of the documentation are written: each shape of the banner and the
preferences page, on a desktop, a phone, in the dark and in Arabic. With one, these and every view of
the shop go there, to be looked at. A Chromium must be installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from playwright.sync_api import sync_playwright

from cookieconsent.ui.languages import shipped

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

IMAGES: Final = Path(__file__).resolve().parents[1] / "docs" / "images"
_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_DESKTOP: Final = (1280, 900)
_CROP: Final = (1280, 680)
_SHORT: Final = (1280, 300)
_PHONE: Final = (360, 740)
_PATIENCE_SECONDS = 10
_SETTLED_MILLISECONDS = 300
_TALLER_THAN_ANY = 20_000
_SCALE = 1.5  # still crisp where a page shows the picture smaller


@contextmanager
def open_shop(*arguments: str) -> Iterator[str]:
    """Open the shop on a free port, in a process of its own, and give its address."""
    command = [sys.executable, "-m", "cookieconsent", "demo", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None  # noqa: S101 - for the type checker
        try:
            yield process.stdout.readline().split(" (")[0].removeprefix("The shop is open: ")
        finally:
            process.terminate()
            process.wait(_PATIENCE_SECONDS)


def answer(page: Page, choice: str) -> None:
    """Press a button of the banner."""
    page.click(f"#cookieconsent-banner button[value={choice}]")


def plant(page: Page) -> None:
    """Let the browser carry what a script would have left."""
    page.click("text=Plant tracking cookies")


def shop_around(page: Page) -> None:
    """Sign in and put two things into the basket."""
    page.click("text=Sign in")
    page.fill("#name", "Ada")
    page.click("main button")
    for slug in ("teapot", "mug"):
        page.goto(f"{page.url.split('/', 3)[0]}//{page.url.split('/', 3)[2]}/goods/{slug}")
        page.click("text=Add to basket")


def first(_page: Page) -> None:
    """Only land."""


def decided(page: Page) -> None:
    """Have something in the basket, something planted, and say no."""
    shop_around(page)
    answer(page, "reject")
    plant(page)


def accepted(page: Page) -> None:
    """Say yes, and look at the basket again."""
    answer(page, "accept")
    shop_around(page)


def accepted_first(page: Page) -> None:
    """Say yes on the first page."""
    answer(page, "accept")


def preferences(page: Page) -> None:
    """Say yes, then look at one's choice."""
    answer(page, "accept")
    page.click("#cookieconsent-settings a[href$=cookie-consent]")


def withdrawn(page: Page) -> None:
    """Say yes, then no."""
    answer(page, "accept")
    page.click("#cookieconsent-settings button")


def planted(page: Page) -> None:
    """Carry leftovers before any answer."""
    plant(page)


def at(path: str) -> Callable[[Page], None]:
    """Say yes, then go somewhere."""

    def go(page: Page) -> None:
        address = page.url.rstrip("/")
        answer(page, "accept")
        page.goto(address + path)

    return go


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What is taken, and how."""

    act: Callable[[Page], None] = first
    size: tuple[int, int] = _CROP
    shape: Literal["top", "bottom", "corner"] = "top"
    scheme: Literal["light", "dark"] = "light"
    language: str = "en"
    scale: float = _SCALE


# The documentation's: each is cut off at the end of its window.
PICTURES: Final[dict[str, Picture]] = {
    "banner": Picture(),
    "banner-short": Picture(size=_SHORT),
    "banner-bottom": Picture(shape="bottom"),
    "banner-corner": Picture(shape="corner"),
    "banner-dark": Picture(shape="corner", scheme="dark"),
    "banner-phone": Picture(size=_PHONE),
    "banner-bottom-phone": Picture(size=_PHONE, shape="bottom"),
    "banner-arabic-phone": Picture(size=_PHONE, shape="bottom", language="ar"),
    "banner-arabic": Picture(shape="corner", language="ar"),
    "settings": Picture(act=accepted_first),
    "page": Picture(act=preferences, size=_DESKTOP),
    "page-dark": Picture(act=preferences, size=_DESKTOP, scheme="dark"),
    "page-phone": Picture(act=preferences, size=_PHONE),
    "page-arabic": Picture(act=preferences, size=_DESKTOP, language="ar"),
    "shop": Picture(act=planted, size=_DESKTOP, scale=1.25),
}
LOOKS: Final[tuple[tuple[str, Picture], ...]] = (
    ("desktop", Picture(size=_DESKTOP, scale=1)),
    ("dark", Picture(size=_DESKTOP, scheme="dark", scale=1)),
    ("phone", Picture(size=_PHONE, scale=1)),
)
VIEWS: Final[dict[str, Callable[[Page], None]]] = {
    "first": first,
    "planted": planted,
    "rejected": decided,
    "accepted": accepted,
    "withdrawn": withdrawn,
    "goods": at("/goods/honey"),
    "privacy": at("/privacy"),
    "statistics": at("/statistics"),
    "sign-in": at("/sign-in"),
}


def shoot(browser: Browser, url: str, picture: Picture, path: Path, *, full: bool) -> None:
    """Take one picture of a visitor who was never here before."""
    context = browser.new_context(
        java_script_enabled=False,
        viewport={"width": picture.size[0], "height": picture.size[1]},
        color_scheme=picture.scheme,
        device_scale_factor=picture.scale,
        locale=picture.language,
    )
    page = context.new_page()
    page.goto(url)
    picture.act(page)
    page.wait_for_load_state("networkidle")
    page.mouse.wheel(0, -_TALLER_THAN_ANY)  # a link into the page scrolls it
    page.wait_for_timeout(_SETTLED_MILLISECONDS)
    page.screenshot(path=path, full_page=full)
    context.close()
    print(f"wrote {path.name}, {path.stat().st_size:,} bytes")


def main(folder: str | None = None) -> None:
    """Write the pictures of the documentation, or those and every view into a folder."""
    chromium = next(filter(None, map(shutil.which, _CHROMIUM_NAMES)), None)
    place = IMAGES if folder is None else Path(folder)
    place.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for shape in ("top", "bottom", "corner"):
            with open_shop("--shape", shape) as url:
                for name, picture in PICTURES.items():
                    if picture.shape == shape and picture.language in shipped().names:
                        shoot(browser, url, picture, place / f"{name}.png", full=False)
                if folder is not None and shape == "top":
                    views(browser, url, place)


def views(browser: Browser, url: str, place: Path) -> None:
    """Write every view of the shop in every look."""
    for name, act in VIEWS.items():
        for look, picture in LOOKS:
            shoot(browser, url, replace(picture, act=act), place / f"{name}-{look}.png", full=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
