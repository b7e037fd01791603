"""Reading TOML within bounds: what is beyond them is one error, and none comes from the parser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cookieconsent.engine.toml_file import MAX_DEPTH, MAX_OCTETS, parse, read
from cookieconsent.errors import ConfigError

DEEP = f"are nested more than {MAX_DEPTH} deep"


def file(folder: Path, data: bytes) -> str:
    path = folder / "site.toml"
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (b"", {}),
        (b"\xef\xbb\xbfa = 1\r\n", {"a": 1}),
        (b"a = '" + b"x." * 100 + b"'", {"a": "x." * 100}),
        (b"a = " + b"[" * 30 + b"]" * 30, None),
        (b"#" * MAX_OCTETS, {}),
    ],
    ids=["empty", "byte order mark", "dots in a text", "lists", "largest"],
)
def test_files_are_read(data: bytes, values: dict[str, Any] | None, tmp_path: Path) -> None:
    found = read(file(tmp_path, data))
    assert values is None or found == values


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"#" * (MAX_OCTETS + 1), "has more than 4,194,304 bytes"),
        (b"#" * (MAX_OCTETS - 1) + "ö".encode(), "has more than 4,194,304 bytes"),
        (b"\xff", "cannot be read"),
        (b"a = ", "is no TOML"),
        (b"a = " + b"9" * 5000, "is no TOML"),
        (b"a = " + b"[" * 5000, DEEP),
        (b"a = " + b"[" * 5000 + b"]" * 5000, DEEP),
        (b"a = " + b"{a = " * 40 + b"1" + b"}" * 40, DEEP),
        (b"a = " + b"[" * 40 + b"]" * 40, DEEP),
        (b"a." * 40 + b"a = 1", DEEP),
        (b"a." * 500_000 + b"a = 1", DEEP),
        (b"[" + b"'a' . " * 500_000 + b"a]", DEEP),
        (b'[["a"' + b'."a"' * 500_000 + b"]]", DEEP),
    ],
)
def test_bounds_are_told(data: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        read(file(tmp_path, data))


@pytest.mark.parametrize("name", ["none.toml", ".", "a\0b"])
def test_what_is_no_file_cannot_be_read(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read(name)


def test_text_has_the_name_it_is_given() -> None:
    with pytest.raises(ConfigError, match="'the draft' is no TOML"):
        parse("a", "the draft")
