"""`cookieconsent migrate`: what it makes of the samples, what it asks, what it refuses."""

from __future__ import annotations

import io
import json
import re
import sys
import tomllib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cookieconsent import Config
from cookieconsent.cli import main
from cookieconsent.core.registry import EXEMPT_CLASSES
from cookieconsent.errors import DeclarationWarning
from cookieconsent.migration.findings import (
    MAX_COOKIES,
    MAX_FACT,
    MAX_GROUPS,
    MAX_NOTES,
    MAX_SIGHTINGS,
)
from cookieconsent.migration.literal import MAX_DEPTH, MAX_OCTETS
from cookieconsent.ui.languages import shipped
from doors import SECRET
from pages import GUIDES, blocks

DATA = Path(__file__).with_name("data")
SAMPLES = sorted(DATA.iterdir())
Migrate: TypeAlias = Callable[..., tuple[int, str, str]]


@pytest.fixture
def migrate(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Migrate:
    """Run the command in a folder of its own; return exit code, output and complaints."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str | Path) -> tuple[int, str, str]:
        code = main(["migrate", *map(str, words)])
        written = capsys.readouterr()
        assert "Traceback" not in written.err
        return code, written.out, written.err

    return run


def site(toml: str) -> Config:
    """Load a declaration as a site does."""
    file = Path("cookieconsent.toml")
    file.write_text(toml, encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeclarationWarning)
        return Config.from_toml(file, secret_key=SECRET)


def saved(text: str, name: str = "config.js") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def notes(toml: str) -> str:
    """Return all comments as one line."""
    lines = [line.removeprefix("# ").strip("# ") for line in toml.splitlines() if line[:1] == "#"]
    return " ".join(lines)


# --- samples --------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_every_sample_loads(migrate: Migrate, sample: Path) -> None:
    code, out, err = migrate(sample)
    assert code == 0
    assert len(site(out).cookies) == int(err.split()[0])
    assert out.count("# DECIDE:") == int(err.rsplit(": ", 1)[1].split(",")[0])


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_incomplete_cookie_has_a_line_to_decide(migrate: Migrate, sample: Path) -> None:
    _, out, _ = migrate(sample)
    for cookie in site(out).cookies:
        part = out.split(f'name = "{cookie.name}"')[0].rsplit("\n\n", 1)[1]
        if cookie.missing and cookie.cls not in EXEMPT_CLASSES:
            assert "visitors must be told" in notes(part)


CLASSES = {
    "bakery.json": {
        "sessionid": "authentication",
        "_fbp": "advertising",
        "_ga": "analytics",
        "club_card": "club",
    },
    "garden-v3.js": {
        "_ga*": "analytics",
        "_gid": "analytics",
        "_pk_id.*": "analytics",
        "_pk_ses.*": "analytics",
        "csrftoken": "authentication",
        "_ga": "analytics",
        "_ga_*": "analytics",
        "plot": "seeds",
    },
    "harbour-v2.js": {
        "PHPSESSID": "authentication",
        "_gcl_*": "advertising",
        "_fbp": "advertising",
        "berth": "ships",
        "berth_*": "ships",
    },
    "museum-apps.json": {
        "__gads": "advertising",
        "IDE": "advertising",
        "visit.count": "no-purpose",
    },
    "museum-klaro.js": {
        "_pk_*": "analytics",
        "piwik_ignore": "analytics",
        "mtm_consent": "analytics",
        "sessionid": "authentication",
        "guide_language": "guides",
        "guide-room": "guides",
        "guide-floor": "guides",
    },
}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_cookies_have_their_classes(migrate: Migrate, sample: Path) -> None:
    config = site(migrate(sample)[1])
    assert {cookie.name: cookie.cls for cookie in config.cookies} == CLASSES[sample.name]
    assert all(cls.switchable for cls in config.classes)


def cookie(config: Config, name: str, number: int = 0) -> dict[str, Any]:
    found = [cookie for cookie in config.cookies if cookie.name == name][number]
    facts = ("cls", "purpose", "provider", "lifetime", "domain", "path")
    return {fact: getattr(found, fact) for fact in facts if getattr(found, fact) is not None}


@pytest.mark.parametrize(
    ("sample", "name", "facts"),
    [
        (
            "bakery.json",
            "_ga",
            {
                "cls": "analytics",
                "purpose": "Counts visits.",
                "provider": "Google",
                "domain": "bakery.example",
                "path": "/",
            },
        ),
        ("bakery.json", "club_card", {"cls": "club", "purpose": "Your points.", "path": "/club"}),
        (
            "garden-v3.js",
            "_gid",
            {
                "cls": "analytics",
                "purpose": "The same, for a day",
                "provider": "Google",
                "lifetime": "24 hours",
                "domain": "garden.example",
                "path": "/",
            },
        ),
        (
            "garden-v3.js",
            "_pk_id.*",
            {"cls": "analytics", "provider": "Our counter", "path": "/"},
        ),
        (
            "harbour-v2.js",
            "_gcl_*",
            {
                "cls": "advertising",
                "purpose": "Misst Anzeigen",
                "provider": "Google",
                "lifetime": "90 days",
                "path": "/",
            },
        ),
        (
            "museum-klaro.js",
            "mtm_consent",
            {
                "cls": "analytics",
                "purpose": "Counts visits on our own server.",
                "provider": "Matomo",
                "domain": "museum.example",
                "path": "/shop",
            },
        ),
    ],
)
def test_facts_of_a_cookie_are_kept(
    migrate: Migrate, sample: str, name: str, facts: dict[str, str]
) -> None:
    assert cookie(site(migrate(DATA / sample)[1]), name) == facts


def test_cookie_keeps_all_its_scopes(migrate: Migrate) -> None:
    config = site(migrate(DATA / "bakery.json")[1])
    assert [cookie(config, "_ga", n).get("domain") for n in (0, 1)] == ["bakery.example", None]


def test_own_class_keeps_title_and_description(migrate: Migrate) -> None:
    [club] = [c for c in site(migrate(DATA / "bakery.json")[1]).classes if c.name == "club"]
    assert club.title == 'Customers\' "club"'
    assert club.description == "Points \\ for regulars. And a cake."
    assert club.regime == "opt-in"
    assert club.shares_with_third_parties


def test_site_fields_are_kept(migrate: Migrate) -> None:
    assert site(migrate(DATA / "garden-v3.js")[1]).policy_version == "3"
    assert site(migrate(DATA / "museum-klaro.js")[1]).privacy_policy_url == "/privacy"
    apps = site(migrate(DATA / "museum-apps.json")[1])
    assert apps.privacy_policy_url == "https://museum.example/privacy"


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        ("bakery.json", "DECIDE: the file calls 'oven_door' required, and the catalogue does not"),
        ("bakery.json", "the file calls this required, the catalogue calls it 'advertising'"),
        ("bakery.json", "DECIDE: '*' in group 'social': '*' would match every cookie."),
        ("bakery.json", "DECIDE: is 'Club' one of the built-in classes?"),
        ("bakery.json", "visitors must be told purpose and lifetime. 90 days is usual."),
        ("bakery.json", "Exempt by the catalogue: login session of the site."),
        ("bakery.json", "Group 'stats' ('Visit counting'): class 'analytics'; by its name."),
        ("garden-v3.js", "own cookie, 'garden_choice', is not needed any more."),
        ("garden-v3.js", "Not read: the function cookie.expiresAfterDays in line 11."),
        ("garden-v3.js", "Not read: the function onChange in line 14."),
        ("garden-v3.js", "autoClear.cookies[3] in line 24 is code, which was not run: `...more"),
        ("garden-v3.js", r"DECIDE: '/(?<!x)odd\d/i' in group 'analytics': no name with '*'"),
        ("garden-v3.js", "'Google Analytics' in group 'analytics': this reads like words"),
        ("garden-v3.js", "the file says '_ga_<container>'; this matches more."),
        ("garden-v3.js", "The file says 'when the moon is full'."),
        ("garden-v3.js", "DECIDE: the catalogue calls this 'advertising' and 'analytics'."),
        ("garden-v3.js", "DECIDE: the file names 'garden.example'. Set domain if"),
        ("harbour-v2.js", "DECIDE: mode was 'opt-out'"),
        ("harbour-v2.js", "DECIDE: one answer was kept for all of 'harbour.example'."),
        ("harbour-v2.js", "was not run: `LOREM`"),
        ("museum-klaro.js", "several purposes ('analytics', 'security')"),
        ("museum-klaro.js", "DECIDE: 'Matomo' was loaded before an answer (optOut)."),
        ("museum-klaro.js", "DECIDE: domain: 'localhost' can own no cookies. It was left out."),
        ("museum-klaro.js", "'Films' names no cookies."),
        ("museum-klaro.js", "services[4] in line 36 is code"),
        ("museum-klaro.js", "the file calls 'queue_ticket' required"),
        ("museum-klaro.js", "DECIDE: the catalogue calls this 'consent'."),
    ],
)
def test_comments_say_what_and_why(migrate: Migrate, sample: str, said: str) -> None:
    assert said in notes(migrate(DATA / sample)[1])


def test_required_unknown_cookie_is_not_exempt(migrate: Migrate) -> None:
    config = site(migrate(DATA / "bakery.json")[1])
    assert config.registry.classify("oven_door").cls is None


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_nothing_is_exempt_but_by_the_catalogue(migrate: Migrate, sample: Path) -> None:
    bare = Config(secret_key=SECRET).registry
    for declared in site(migrate(sample)[1]).cookies:
        if declared.cls in EXEMPT_CLASSES:
            assert bare.classify(declared.name).cls == declared.cls


# --- any content ----------------------------------------------------------------------------------

NAMES = st.text(max_size=12) | st.sampled_from(["_ga", "sessionid", "a*b", "*", "__Host-x", "a b"])


@given(
    st.lists(
        st.tuples(
            NAMES, NAMES, st.text(max_size=12), st.booleans(), st.sampled_from(["", "/", "x"])
        ),
        max_size=6,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_dump_becomes_a_declaration_that_loads(
    migrate: Migrate, rows: list[tuple[str, str, str, bool, str]]
) -> None:
    records: list[dict[str, Any]] = [{"model": "cookie_consent.cookie", "fields": {}}]
    for number, (group, name, words, required, path) in enumerate(rows):
        fields = {"varname": group, "name": words, "description": words, "is_required": required}
        records.append({"model": "cookie_consent.cookiegroup", "pk": number, "fields": fields})
        fields = {"cookiegroup": number, "name": name, "description": words}
        records.append(
            {
                "model": "cookie_consent.cookie",
                "pk": number,
                "fields": {**fields, "path": path, "domain": words},
            }
        )
    code, out, err = migrate(saved(json.dumps(records)))
    assert code == 0, err
    site(out)


# --- recognising ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sample", "tool"),
    [
        ("bakery.json", "django-cookie-consent"),
        ("garden-v3.js", "orestbida"),
        ("harbour-v2.js", "orestbida"),
        ("museum-apps.json", "klaro"),
        ("museum-klaro.js", "klaro"),
    ],
)
def test_tool_is_seen_from_the_content(migrate: Migrate, sample: str, tool: str) -> None:
    out = migrate(DATA / sample)[1]
    assert f"from a file of {tool}." in notes(out)
    assert migrate(DATA / sample, "--from", tool)[1] == out


BOTH = """
run({categories: {x: {}}, language: {}});
klaroConfig = {services: [{name: 'y', purposes: ['x'], cookies: ['z']}]};
"""


def test_tool_may_be_told(migrate: Migrate) -> None:
    file = saved(BOTH)
    assert "file of orestbida" in notes(migrate(file)[1])
    assert "file of klaro" in notes(migrate(file, "--from", "klaro")[1])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("klaroConfig = {lang: 'en'}", "there is no configuration of django-cookie-consent, orest"),
        ("", "there is no configuration"),
        ("[]", "there is no configuration"),
        ("x = {\n a: 'b\n}", "config.js: line 2, column 5: this text is not closed on its line."),
        (f"[{'[' * 100}", "line 1, column 65: brackets are nested more than 64 deep"),
        (" " * (MAX_OCTETS + 5), "there are more than 2,097,152 characters"),
    ],
)
def test_unreadable_file_gives_one(migrate: Migrate, text: str, said: str) -> None:
    code, out, err = migrate(saved(text))
    assert (code, out) == (1, "")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"\xff\xfe{", "it is no text in UTF-8."), (None, "it cannot be read (No such file")],
)
def test_what_is_no_text_gives_one(migrate: Migrate, data: bytes | None, said: str) -> None:
    if data is not None:
        Path("config.js").write_bytes(data)
    code, out, err = migrate("config.js")
    assert (code, out) == (1, "")
    assert said in err


def service(number: int, cookies: list[str]) -> dict[str, Any]:
    return {"name": f"s{number}", "purposes": [f"zz{number}"], "cookies": cookies}


@pytest.mark.parametrize(
    ("services", "said"),
    [
        ([service(0, [f"c{n}" for n in range(MAX_COOKIES + 1)])], "more than 2,000 cookies"),
        ([service(n, [f"c{n}"]) for n in range(25)], "25 groups would be classes of your own"),
        ([{**service(0, ["__Host-cookieconsent"])}], "what it says would not load."),
    ],
)
def test_what_no_declaration_holds_gives_one(
    migrate: Migrate, services: list[dict[str, Any]], said: str
) -> None:
    code, out, err = migrate(saved(json.dumps({"services": services})))
    assert (code, out) == (1, "")
    assert said in err


def services(*, names: int, cookies: str) -> str:
    """Return a configuration of Klaro in which each service has a purpose of its own."""
    listed = [{"purposes": [f"p{number}"], "cookies": [cookies]} for number in range(names)]
    return json.dumps({"services": listed})


def one_service(**fields: Any) -> str:
    return json.dumps({"services": [{"purposes": ["analytics"], "cookies": ["a"], **fields}]})


def tables(**modal: Any) -> str:
    """Return a configuration of orestbida 2."""
    return json.dumps({"languages": {"en": {"settings_modal": modal}}})


# Texts near the most that is read, each of which took minutes or gigabytes where one part of the
# work grew with the square of the file.
BEYOND = {
    "groups": (services(names=40_000, cookies="a"), "it has 40,000 groups, and at most 500"),
    "places": (one_service(cookies=["a"] * 100_000), "names cookies in 100,000 places"),
    "scopes": (
        one_service(cookies=[["a", "/", f"d{n}.example"] for n in range(20_000)]),
        "names more than 2,000 cookies",
    ),
    "names in one cell": (
        tables(
            blocks=[
                {
                    "toggle": {"value": "a"},
                    "cookie_table": [{"name": ",".join(map(str, range(200_000)))}],
                }
            ]
        ),
        "names more than 2,000 cookies",
    ),
    "size of the declaration": (
        one_service(cookies=[f"c{n}" for n in range(2000)], description="\x01" * 1000),
        "the declaration would have more than 4,194,304 bytes",
    ),
    "headings": (
        tables(
            cookie_table_headers=[{f"a{n}": ""} for n in range(50_000)],
            blocks=[{"toggle": {"value": "a"}, "cookie_table": [{"a": "x"}]}] * 20_000,
        ),
        "a table in it has more than 100 columns",
    ),
}


@pytest.mark.parametrize("case", BEYOND)
def test_file_beyond_the_bounds_gives_one_line(migrate: Migrate, case: str) -> None:
    text, said = BEYOND[case]
    code, out, err = migrate(saved(text))
    assert (code, out) == (1, "")
    assert said in err
    assert err.count("\n") == 1


NESTED = (
    "{services: [{purposes: ['x'], cookies: ['a'], y: "
    f"{('{' + 'n' * 60 + ':') * 55}[{'f,' * 200_000}]{'}' * 55}}}]}}"
)
WITHIN = {
    "languages": (
        json.dumps(
            {
                "services": [{"name": "s", "purposes": ["x"], "cookies": ["a"]}] * 15_000,
                "translations": {f"l{n}": {} for n in range(60_000)},
            }
        ),
        "Group 'x'",
    ),
    "languages of a service": (
        one_service(cookies=["a"] * 15_000, translations={f"l{n}": {} for n in range(90_000)}),
        "visitors must be told purpose and lifetime",
    ),
    "long purpose": (
        one_service(cookies=[f"c{n}" for n in range(2000)], description="long " * 200_000),
        "DECIDE: its purpose has 999,999 characters; 1,000 were taken.",
    ),
    "groups of a cookie": (
        json.dumps(
            [
                {"model": "cookie_consent.cookie", "fields": {"name": "a", "cookiegroup": n % 500}}
                for n in range(15_000)
            ]
        ),
        "DECIDE: it is in 494 more groups.",
    ),
    "globs of a group": (
        one_service(purposes=["zz"], cookies=[f"c{n}*" for n in range(300)] * 60),
        "the file says 'c299*'; this matches more",
    ),
    "notes of a cookie": (
        one_service(cookies=[["a", "/", f"bad{n}_"] for n in range(15_000)]),
        "more notes like these are left out here.",
    ),
    "services without cookies": (
        json.dumps({"services": [{"purposes": ["x"], "name": f"n{n}"} for n in range(40_000)]}),
        "DECIDE: 39,900 more notes like these are left out here.",
    ),
    "code": (
        f"x = {{services: [{{purposes: ['x'], cookies: ['a']}}, {'f,' * 200_000}]}}",
        "DECIDE: 199,000 more pieces of code in it were not run.",
    ),
    "code in deep places": (
        f"x = {NESTED}",
        "DECIDE: 199,000 more pieces of code in it were not run.",
    ),
}


@pytest.mark.parametrize("case", WITHIN)
def test_what_is_left_out_is_said(migrate: Migrate, case: str) -> None:
    text, said = WITHIN[case]
    code, out, _ = migrate(saved(text))
    assert code == 0
    assert said in notes(out)
    site(out)


def test_name_that_stands_twice_is_said(migrate: Migrate) -> None:
    _, out, _ = migrate(
        saved("x = {services: [{purposes: ['x'], cookies: ['a'],\ncookies: ['b']}]}")
    )
    assert [cookie.name for cookie in site(out).cookies] == ["b"]
    assert "DECIDE: services[0].cookies stands more than once; the last counts" in notes(out)


WRONG_SHAPES = [
    "5",
    "null",
    '"text"',
    "[[[]]]",
    '{"services": 5}',
    '{"services": [[]]}',
    '{"categories": [], "language": {}}',
    '[{"model": 5}]',
]


@pytest.mark.parametrize("text", WRONG_SHAPES)
def test_json_of_another_shape_is_no_configuration(migrate: Migrate, text: str) -> None:
    code, out, err = migrate(saved(text))
    assert (code, out) == (1, "")
    assert "there is no configuration" in err


# --- reading and writing --------------------------------------------------------------------------


def test_wrong_tool_gives_two(migrate: Migrate) -> None:
    assert migrate(DATA / "bakery.json", "--from", "cookiebot")[0] == 2


def test_standard_input_is_read(migrate: Migrate, monkeypatch: pytest.MonkeyPatch) -> None:
    data = (DATA / "bakery.json").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert migrate("-")[:2] == migrate(DATA / "bakery.json")[:2]


def test_file_is_written_and_never_overwritten(migrate: Migrate) -> None:
    sample = DATA / "bakery.json"
    code, out, err = migrate(sample, "-o", "site.toml")
    assert (code, out) == (0, "")
    assert (
        err
        == "5 cookies declared, 2 left out until you decide. Lines to decide: 8, marked DECIDE.\n"
    )
    written = Path("site.toml").read_bytes()
    assert written.decode() == migrate(sample)[1]
    code, _, err = migrate(DATA / "museum-klaro.js", "-o", "site.toml")
    assert code == 2
    assert err == "site.toml exists; add --force to write over it.\n"
    assert Path("site.toml").read_bytes() == written


def test_force_writes_over_a_file(migrate: Migrate) -> None:
    Path("site.toml").write_text("old", encoding="utf-8")
    assert migrate(DATA / "bakery.json", "-o", "site.toml", "--force")[0] == 0
    assert "sessionid" in Path("site.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["none/site.toml", "bad\0name", "n" * 300])
def test_place_that_cannot_be_written_gives_two(migrate: Migrate, name: str) -> None:
    code, _, err = migrate(DATA / "bakery.json", "-o", name)
    assert code == 2
    assert "cannot be written" in err
    assert err.count("\n") == 1


def test_output_may_be_named_as_standard_output(migrate: Migrate) -> None:
    assert migrate(DATA / "bakery.json", "-o", "-") == migrate(DATA / "bakery.json")
    assert not Path("-").exists()


def test_failed_migration_writes_nothing(migrate: Migrate) -> None:
    assert migrate(saved("x = {"), "-o", "site.toml")[0] == 1
    assert not Path("site.toml").exists()


def test_output_is_plain_toml(migrate: Migrate) -> None:
    out = migrate(DATA / "bakery.json")[1]
    assert list(tomllib.loads(out)) == ["cookieconsent"]


# --- the guide ------------------------------------------------------------------------------------


def test_guide_shows_what_is_written(migrate: Migrate) -> None:
    shown = {block.language: block.text for block in blocks(GUIDES / "migrate.md")}
    code, out, err = migrate(saved(shown["json"], "consent.json"))
    assert (code, out) == (0, shown["toml"])
    assert "Lines to decide: 1" in err
    assert [cookie.name for cookie in site(out).cookies] == ["_gid", "sessionid"]


def test_guide_names_the_bounds() -> None:
    said = (GUIDES / "migrate.md").read_text(encoding="utf-8").partition("## How much is read")[2]
    for bound in (
        f"{MAX_OCTETS // 2**20} MiB",
        f"up to {MAX_DEPTH} deep",
        f"{MAX_GROUPS} groups",
        f"{MAX_SIGHTINGS:,} places",
        f"{MAX_COOKIES:,} tables",
        f"{MAX_FACT:,} characters",
        f"after {MAX_NOTES} and",
    ):
        assert bound in said


def test_guide_speaks_of_all_languages() -> None:
    said = re.search(r"(\d+) languages", (GUIDES / "migrate.md").read_text(encoding="utf-8"))
    assert said is not None
    assert int(said[1]) == len(shipped().names)
