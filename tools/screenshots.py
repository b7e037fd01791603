"""Take the pictures of the demo shop: `python tools/screenshots.py [FOLDER]`.

Without a folder, the two pictures of the documentation are written. With one, every view goes there,
to be looked at. A Chromium must be installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

IMAGES: Final = Path(__file__).resolve().parents[1] / "docs" / "images"
_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_DESKTOP: Final = (1280, 900)
_CROP: Final = (1280, 680)
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


# The documentation's: each is cut off at the end of its window.
PICTURES: Final[dict[str, tuple[Callable[[Page], None], tuple[int, int]]]] = {
    "banner": (first, _CROP),
    "shop": (planted, _DESKTOP),
}
LOOKS: Final[tuple[tuple[str, tuple[int, int], Literal["light", "dark"]], ...]] = (
    ("desktop", _DESKTOP, "light"),
    ("dark", _DESKTOP, "dark"),
    ("phone", _PHONE, "light"),
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


def shoot(
    browser: Browser,
    url: str,
    act: Callable[[Page], None],
    path: Path,
    *,
    size: tuple[int, int],
    scheme: Literal["light", "dark"] = "light",
    scale: float = 1,
    full: bool = True,
) -> None:
    """Take one picture of a visitor who was never here before."""
    context = browser.new_context(
        java_script_enabled=False,
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        device_scale_factor=scale,
    )
    page = context.new_page()
    page.goto(url)
    act(page)
    page.wait_for_load_state("networkidle")
    page.mouse.wheel(0, -_TALLER_THAN_ANY)  # a link into the page scrolls it
    page.wait_for_timeout(_SETTLED_MILLISECONDS)
    page.screenshot(path=path, full_page=full)
    context.close()


def main(folder: str | None = None) -> None:
    """Write the pictures of the documentation, or every view into a folder."""
    chromium = next(filter(None, map(shutil.which, _CHROMIUM_NAMES)), None)
    with open_shop() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        if folder is None:
            for name, (act, size) in PICTURES.items():
                path = IMAGES / f"{name}.png"
                shoot(browser, url, act, path, size=size, scale=_SCALE, full=False)
                print(f"wrote {path.name}, {path.stat().st_size:,} bytes")
            return
        for name, act in VIEWS.items():
            for look, size, scheme in LOOKS:
                path = Path(folder) / f"{name}-{look}.png"
                shoot(browser, url, act, path, size=size, scheme=scheme)
                print(f"wrote {path}")


if __name__ == "__main__":
    main(*sys.argv[1:])
