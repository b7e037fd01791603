"""How the pages become HTML: `make docs`. Nothing is fetched while building or while reading.

What belongs in it: settings of Sphinx. What a page says stands in the page.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

_PROJECT = tomllib.loads(
    (Path(__file__).resolve().parents[1] / "pyproject.toml").read_text(encoding="utf-8")
)["project"]

project = _PROJECT["name"]
author = _PROJECT["authors"][0]["name"]
version = release = _PROJECT["version"]

extensions = ["myst_parser"]
myst_heading_anchors = 3  # links such as caching.md#shared-cache work, as they do on a forge

html_theme = "furo"
html_title = f"{project} {version}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False  # the licence is a file of its own
pygments_style = "friendly"
pygments_dark_style = "monokai"
