"""Languages: which ones a site has, and which of them a visitor gets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookieconsent import Config, Cookie, CookieClass
from cookieconsent.engine.consent import Consent
from cookieconsent.errors import ConfigError, DeclarationWarning
from cookieconsent.ui import languages
from cookieconsent.ui.languages import Languages, catalogue_folder, shipped
from doors import SECRET, Site
from ui.markup import LOCALES

negotiate, find_locale = shipped().negotiate, shipped().find

# --- the shipped ones ---------------------------------------------------------------------------


def test_languages_are_shipped() -> None:
    assert shipped().names == tuple(sorted(LOCALES))


def test_catalogues_are_looked_for_in_the_package_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "src" / "cookieconsent"
    monkeypatch.setattr(languages, "__file__", str(package / "ui" / "languages.py"))
    with pytest.raises(FileNotFoundError, match="no message catalogues"):
        catalogue_folder()
    (tmp_path / "locales" / "en").mkdir(parents=True)
    assert catalogue_folder() == tmp_path / "locales"
    (package / "locales" / "en").mkdir(parents=True)
    assert catalogue_folder() == package / "locales"


def test_words_are_read_once() -> None:
    assert shipped().words("de") is shipped().words("de")


# --- choosing -----------------------------------------------------------------------------------

FOUND = [
    ("exact", "de", "de"),
    ("capitals", "DE", "de"),
    ("region is dropped", "de-AT", "de"),
    ("underscore", "de_CH", "de"),
    ("own region", "pt-br", "pt_BR"),
    ("foreign region", "pt-AO", "pt"),
    ("script", "zh-Hant-TW", "zh_Hant"),
    ("script by region", "zh-TW", "zh_Hant"),
    ("script by another region", "zh-SG", "zh_Hans"),
    ("extension is dropped", "fr-u-ca-buddhist", "fr"),
    ("macrolanguage", "no", "nb"),
    ("macrolanguage with region", "no-NO", "nb"),
    ("old name", "iw-IL", "he"),
    ("white space", " fr ", "fr"),
    ("unknown", "xx", None),
    ("longer name", "deu", "de"),
    ("old name of a language", "in-ID", "id"),
    ("old name of a language and a script", "sh", "sr_Latn"),
    ("another old name", "mo", "ro"),
    ("script of a region", "sr-ME", "sr_Latn"),
    ("language that is another by now", "cnr", "sr_Latn"),
    ("extended language", "zh-yue-HK", "zh_Hant"),
    ("usual script said", "sr-Cyrl-RS", "sr"),
    ("usual script left out", "sr-RS", "sr"),
    ("other script", "sr-Latn-RS", "sr_Latn"),
    ("script that is not shipped", "bs-Cyrl", None),
    ("Latin script for a language of another", "ru-Latn", None),
    ("parent by CLDR", "hi-Latn", "en"),
    ("second written standard", "nn-NO", "nn"),
    ("Latin America", "es-MX", "es"),
    ("Hong Kong", "zh-HK", "zh_Hant"),
    ("no region at all", "zh", "zh_Hans"),
    ("empty", "", None),
    ("star", "*", None),
    ("path", "../../../../etc/passwd", None),
    ("path behind a language", "de/../../etc/passwd", None),
    ("root", "root", None),
    ("C", "C", None),
    ("nul", "de\x00", None),
]


@pytest.mark.parametrize(("tag", "expected"), [r[1:] for r in FOUND], ids=[r[0] for r in FOUND])
def test_find_locale(tag: str, expected: str | None) -> None:
    assert find_locale(tag) == expected


CHOSEN = [
    ("none", None, "en"),
    ("empty", b"", "en"),
    ("one", b"fr", "fr"),
    ("region", b"de-CH", "de"),
    ("first of equals", b"fr, de", "fr"),
    ("weights", b"fr;q=0.5, de;q=0.9", "de"),
    ("weight left out is one", b"fr;q=0.9, de", "de"),
    ("weight above one is one", b"fr, de;q=5", "fr"),
    ("zero is no wish", b"fr;q=0, de;q=0.1", "de"),
    ("zero with digits", b"fr;q=0.000", "en"),
    ("only unknown ones", b"xx, yy;q=0.5", "en"),
    ("unknown before known", b"xx, fr;q=0.3", "fr"),
    ("browser's own", b"de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", "de"),
    ("white space", b" fr ; q = 0.5 , de ; q=0.4", "de"),
    ("white space around weights", b"fr ;q=0.5 ,de; q=0.9 ", "de"),
    ("capital weight", b"fr;Q=0.5, de;Q=0.9", "de"),
    ("english before others", b"en-GB,de;q=0.9", "en"),
]


@pytest.mark.parametrize(
    ("header", "expected"), [r[1:] for r in CHOSEN], ids=[r[0] for r in CHOSEN]
)
def test_negotiate(header: bytes | None, expected: str) -> None:
    assert negotiate(header) == expected


HOSTILE = [
    ("path", b"../../../../etc/passwd", "en"),
    ("path before a wish", b"../../../../etc/passwd, fr", "fr"),
    ("100 kB of a", b"a" * 100_000, "en"),
    ("100 kB of a behind a wish", b"fr, " + b"a" * 100_000, "fr"),
    ("star", b"*", "en"),
    ("star before a wish", b"*, fr;q=0.5", "fr"),
    ("weight is not a number", b"fr;q=NaN", "en"),
    ("weight is infinite", b"fr;q=inf", "en"),
    ("weight is huge", b"fr;q=1e999", "en"),
    ("weight of the default is not a number", b"en;q=NaN, fr;q=0.1", "fr"),
    ("weight of the default is huge", b"en;q=1e999, fr;q=0.1", "fr"),
    ("negative weight", b"fr;q=-1", "en"),
    ("weight in other digits", "fr;q=\u0660.\u0669".encode(), "en"),
    ("weight of many digits", b"fr;q=0." + b"9" * 900, "fr"),
    ("root", b"root", "en"),
    ("C", b"C", "en"),
    ("POSIX", b"C.UTF-8, POSIX", "en"),
    ("nul", b"\x00", "en"),
    ("nul in a wish", b"fr\x00", "en"),
    ("5,000 entries", b"xx," * 5000 + b"fr", "en"),
    ("5,000 entries behind a wish", b"fr," + b"xx," * 5000, "fr"),
    ("5,000 hyphens", b"fr" + b"-" * 5000, "en"),
    ("500 hyphens", b"fr" + b"-" * 500, "fr"),
    ("no text", b"\xff\xfe\x80", "en"),
    ("line break", b"fr\r\nSet-Cookie: a=b", "en"),
]


@pytest.mark.hostile(179)
@pytest.mark.parametrize(
    ("header", "expected"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE]
)
def test_negotiate_with_hostile_input(header: bytes, expected: str) -> None:
    assert negotiate(header) == expected


@given(st.one_of(st.none(), st.binary(), st.text("defrn-;q=0.19, *\t").map(str.encode)))
def test_negotiate_is_total(header: bytes | None) -> None:
    assert negotiate(header) in shipped().names


@given(st.text())
def test_find_locale_is_total(tag: str) -> None:
    assert find_locale(tag) in {None, *shipped().names}


@given(st.lists(st.sampled_from(["de", "fr", "en", "xx", "de-AT"]), max_size=5))
def test_order_decides_among_equals(wishes: list[str]) -> None:
    known = [wish.partition("-")[0] for wish in wishes if wish != "xx"]
    assert negotiate(",".join(wishes).encode()) == (known[0] if known else "en")


@pytest.mark.hostile(179)
def test_memory_is_bounded() -> None:
    """What is kept of a header is its beginning, however long it was."""
    shipped()._best.cache_clear()
    for length in range(2000, 2010):
        assert negotiate(b"fr," + b"a" * length) == "fr"
    assert shipped()._best.cache_info().currsize == 1
    assert shipped()._best.cache_info().maxsize == 1024


# --- a site's own -------------------------------------------------------------------------------

PO = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
FILMS = CookieClass("media", title="Films", description="Films from elsewhere.")
PLAYER = Cookie("player", "media", purpose="Volume.", provider="Film House", lifetime="1 year")


def write_po(folder: Path, name: str, *messages: tuple[str, str], text: str | None = None) -> Path:
    """Write a catalogue, and return the folder of catalogues."""
    path = folder / name / "LC_MESSAGES" / "cookieconsent.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    body = "".join(f'msgid "{source}"\nmsgstr "{said}"\n\n' for source, said in messages)
    path.write_text(PO + body if text is None else text, encoding="utf-8")
    return folder


def consent(**options: Any) -> Consent:
    return Consent(Config(secret_key=SECRET, **options))


def test_message_of_the_site_wins(tmp_path: Path) -> None:
    folder = write_po(tmp_path, "de", ("Cookies on this site", "Kekse"))
    words = consent(translations=[folder]).languages.words("de")
    assert words.gettext("Cookies on this site") == "Kekse"
    assert words.gettext("Accept all") == "Alle akzeptieren"


def test_text_wins_over_every_catalogue(tmp_path: Path) -> None:
    folder = write_po(tmp_path, "de", ("Cookies on this site", "Kekse"))
    texts = {"de": {"Cookies on this site": "Krümel"}}
    site = consent(translations=[folder], texts=texts)
    assert site.languages.words("de").gettext("Cookies on this site") == "Krümel"
    assert site.languages.words("en").gettext("Cookies on this site") == "Cookies on this site"
    assert shipped().words("de").gettext("Cookies on this site") != "Krümel"


def test_last_folder_wins(tmp_path: Path) -> None:
    first = write_po(tmp_path / "1", "de", ("Hide", "Weg"), ("Yes", "Jawohl"))
    last = write_po(tmp_path / "2", "de", ("Hide", "Fort"))
    words = consent(translations=[first, last]).languages.words("de")
    assert (words.gettext("Hide"), words.gettext("Yes")) == ("Fort", "Jawohl")


def test_language_of_the_site_is_added(tmp_path: Path) -> None:
    folder = write_po(tmp_path, "lb", ("Accept all", "Alles erlaben"))
    with pytest.warns(
        DeclarationWarning, match=r"messages of 'lb' are missing and stay in English"
    ):
        site = consent(translations=[folder])
    assert site.languages.negotiate(b"lb-LU, de;q=0.5") == "lb"
    words = site.languages.words("lb")
    assert (words.gettext("Accept all"), words.gettext("Reject all")) == (
        "Alles erlaben",
        "Reject all",
    )


def test_words_of_the_site_are_translated(tmp_path: Path) -> None:
    folder = write_po(tmp_path, "de", ("Films", "Filme"))
    texts = {"de": {"Volume.": "Lautstärke.", "Films from elsewhere.": "Filme von anderswo."}}
    classes, cookies = [FILMS], [PLAYER]
    site = Site("asgi", translations=[folder], texts=texts, classes=classes, cookies=cookies)
    page = site.get("/cookie-consent", headers=[(b"accept-language", b"de")]).body.decode()
    assert all(text in page for text in ("Filme", "Filme von anderswo.", "Lautstärke."))
    assert "Volume." not in page


def test_title_that_happens_to_be_ours_stays_as_it_is() -> None:
    assert shipped().words("de").own("Analytics") == "Analytics"
    assert shipped().words("de").own("") == ""


def test_folders_of_a_toml_file_stand_beside_it(tmp_path: Path) -> None:
    write_po(tmp_path / "words", "de", ("Hide", "Fort"))
    file = tmp_path / "cookieconsent.toml"
    file.write_text(
        f'[cookieconsent]\nsecret_key = "{SECRET}"\ntranslations = ["words"]\n'
        '[cookieconsent.texts.de]\n"Accept all" = "Ja zu allem"\n',
        encoding="utf-8",
    )
    words = Consent(Config.from_toml(file)).languages.words("de")
    assert (words.gettext("Hide"), words.gettext("Accept all")) == ("Fort", "Ja zu allem")


WRONG_TEXTS: dict[str, tuple[Any, str]] = {
    "no table": ("Accept all", "texts: .* is no table of languages"),
    "no table of texts": ({"de": "Alles"}, r"texts\.de: 'Alles' is no table of texts"),
    "unknown language": ({"dee": {}}, r"texts\.dee: there is no such language. Did you mean 'de'"),
    "unknown text": ({"de": {"Accept al": "x"}}, "Did you mean 'Accept all'"),
    "empty": ({"de": {"Accept all": " "}}, "is given no text"),
    "no text": ({"de": {"Accept all": 3}}, "is given no text"),
    "placeholder lost": (
        {"de": {"Version: %(version)s": "Fassung"}},
        "Keep these: %\\(version\\)s",
    ),
    "placeholder too many": ({"de": {"Hide": "%(x)s"}}, "Keep these: none"),
    "lone per cent sign": (
        {"en": {"Version: %(version)s": "100 % final: %(version)s"}},
        "has a lone per cent sign",
    ),
    "conversion behind a per cent sign": (
        {"en": {"You said yes to: %(classes)s.": "100 % sure: %(classes)s"}},
        "has a lone per cent sign",
    ),
    "placeholder with a width": (
        {"en": {"You said yes to: %(classes)s.": "%(classes)s %(classes)9s"}},
        "has a lone per cent sign",
    ),
    "placeholder in other letters": (
        {"en": {"You said yes to: %(classes)s.": "%(cl\u0430sses)s"}},
        "other placeholders",
    ),
    "nothing to see": ({"de": {"Hide": "\u200b\u00ad\u3164\t\x00"}}, "is given no text"),
    "no text as a key": ({"de": {3: "x"}}, r"texts\.de: 3 is no text. Name a text"),
    "half a character": ({"de": {"Hide": "\ud800"}}, "is given no text"),
    "half a character as a key": ({"de": {"\ud800": "x"}}, "is no text. Name a text"),
    "half a character as a language": ({"\ud800": {}}, "is no table of texts"),
    "list for one text": ({"de": {"Hide": ["a", "b"]}}, "is one text, no list"),
    "empty list": ({"de": {"%(num)d cookie": []}}, "is given no text"),
    "number in a list": ({"de": {"%(num)d cookie": ["x", 3]}}, "is given no text"),
    "one text for plural forms": (
        {"pl": {"%(num)d cookie": "%(num)d x"}},
        "depends on a number. Write a list of 3 texts",
    ),
    "too few plural forms": (
        {"pl": {"%(num)d cookie": ["%(num)d a", "%(num)d b"]}},
        "has 2 plural forms. Write all 3 of that language",
    ),
    "too many plural forms": (
        {"ja": {"%(num)d cookie": ["%(num)d a", "%(num)d b"]}},
        "has 2 plural forms. Write all 1 of that language",
    ),
    "plural form with a lone per cent sign": (
        {"en": {"%(num)d cookie": ["100 % one", "%(num)d"]}},
        "'100 % one' has a lone per cent sign",
    ),
    "plural form with another placeholder": (
        {"en": {"%(num)d cookie": ["one", "%(count)d"]}},
        r"Keep these: %\(num\)d",
    ),
    "named by its plural": (
        {"en": {"%(num)d cookies": ["one", "%(num)d"]}},
        r"Did you mean '%\(num\)d cookie'",
    ),
    "no clear yes, dotted": ({"en": {"Accept all": "O. K.!"}}, "does not say that everything"),
    "buttons alike but for case": (
        {"en": {"Accept all": "GO on.", "Reject all": " go\u200b-on"}},
        "which is the same",
    ),
    "button without a word": ({"en": {"Reject all": "…"}}, "a button says '…', which is no word"),
    "no clear yes": ({"en": {"Accept all": "OK"}}, "does not say that everything is accepted"),
    "two equal buttons": (
        {"en": {"Accept all": "Go", "Reject all": "Go"}},
        "both buttons say 'Go'",
    ),
}


@pytest.mark.parametrize(("texts", "message"), WRONG_TEXTS.values(), ids=WRONG_TEXTS)
def test_wrong_texts_are_refused(texts: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        consent(texts=texts)


WRONG_CATALOGUES: dict[str, tuple[str, str, str]] = {
    "no PO": ("de", "this is no catalogue", "cannot be read"),
    "plural expression": (
        "de",
        PO.replace('\\n"\n\n', '\\n"\n"Plural-Forms: nplurals=2; plural=(n ! 1;\\n"\n\n'),
        "cannot be read",
    ),
    "unknown language": ("zz_zz_zz", PO, "no language that CLDR knows"),
    "placeholder": ("de", PO + 'msgid "Version: %(version)s"\nmsgstr "F"\n', "other placeholders"),
    "placeholder of a plural form": (
        "de",
        PO
        + 'msgid "%(num)d cookie"\nmsgid_plural "%(num)d cookies"\n'
        + 'msgstr[0] "Ein Cookie"\nmsgstr[1] "%(count)d Cookies"\n',
        "Keep these: ",
    ),
    "per cent sign in a plural form": (
        "de",
        PO
        + 'msgid "%(num)d cookie"\nmsgid_plural "%(num)d cookies"\n'
        + 'msgstr[0] "100 % ein"\nmsgstr[1] "%(num)d Cookies"\n',
        "has a lone per cent sign",
    ),
    "plural of another message": (
        "de",
        PO
        + 'msgid "%(num)d cookie"\nmsgid_plural "%(count)d cookies"\n'
        + 'msgstr[0] "Ein Cookie"\nmsgstr[1] "%(count)d Cookies"\n',
        r"Write msgid_plural '%\(num\)d cookies'",
    ),
    "plural where there is none": (
        "de",
        PO
        + 'msgid "You said yes to: %(classes)s."\nmsgid_plural "%(x)s"\n'
        + 'msgstr[0] "Ein %(x)s"\nmsgstr[1] "%(x)s"\n',
        "Leave msgid_plural out",
    ),
    "division by nothing": (
        "de",
        PO.replace('\\n"\n\n', '\\n"\n"Plural-Forms: nplurals=2; plural=(n % (n - 2));\\n"\n\n'),
        "cannot be read",
    ),
    "buttons alike": (
        "de",
        PO + 'msgid "Accept all"\nmsgstr "Ja"\n\nmsgid "Reject all"\nmsgstr "ja!"\n',
        "which is the same",
    ),
    "nothing to see": ("de", PO + 'msgid "Hide"\nmsgstr "\u200b"\n', "is given no text"),
    "plural form missing": (
        "pl",
        PO + 'msgid "%(num)d cookie"\nmsgid_plural "%(num)d cookies"\nmsgstr[0] "%(num)d x"\n',
        "Write all 3 of that language",
    ),
}


@pytest.mark.parametrize(
    ("name", "text", "message"), WRONG_CATALOGUES.values(), ids=WRONG_CATALOGUES
)
def test_wrong_catalogues_are_refused(name: str, text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        consent(translations=[write_po(tmp_path, name, text=text)])


def test_catalogue_in_another_encoding_is_refused(tmp_path: Path) -> None:
    write_po(tmp_path, "de", ("Hide", "Weg"))
    path = tmp_path / "de" / "LC_MESSAGES" / "cookieconsent.po"
    path.write_bytes(path.read_bytes() + 'msgid "Yes"\nmsgstr "Jä"\n'.encode("latin-1"))
    with pytest.raises(ConfigError, match="cannot be read"):
        consent(translations=[tmp_path])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("locales", "is no list of folders"),
        ([3], "3 is no folder"),
        (["/no/such/folder"], "holds no catalogue"),
    ],
    ids=["one string", "number", "missing"],
)
def test_wrong_folders_are_refused(value: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        consent(translations=value)


def test_per_cent_signs_are_doubled_where_something_is_put_in() -> None:
    site = Site(
        "asgi", policy_version="2", texts={"en": {"Version: %(version)s": "100 %%: %(version)s"}}
    )
    assert b"100 %: 2" in site.get("/cookie-consent").body


def test_plural_form_may_spell_its_number(tmp_path: Path) -> None:
    text = PO + 'msgid "%(num)d cookie"\nmsgid_plural "%(num)d cookies"\n'
    text += 'msgstr[0] "Ein Cookie"\nmsgstr[1] "%(num)d Cookies"\n'
    words = consent(translations=[write_po(tmp_path, "de", text=text)]).languages.words("de")
    assert words.ngettext("%(num)d cookie", "%(num)d cookies", 1) % {"num": 1} == "Ein Cookie"


def test_lone_per_cent_sign_is_shown_where_nothing_is_put_in() -> None:
    text = "100 % sure, 50 %% more, 5 %s"
    site = Site("asgi", texts={"en": {"Cookies on this site": text}})
    assert text.encode() in site.get().body


def test_per_cent_signs_of_the_site_itself_stay(tmp_path: Path) -> None:
    folder = write_po(tmp_path, "de", ("50 % off", "50 % weniger"))
    film = CookieClass("media", title="50 % off", description="99 %")
    site = Site("asgi", translations=[folder], texts={"de": {"99 %": "98 %"}}, classes=[film])
    page = site.get("/cookie-consent", headers=[(b"accept-language", b"de")]).body
    assert b"50 % weniger" in page
    assert b"98 %" in page


@pytest.mark.parametrize(
    ("language", "forms", "said"),
    [
        ("en", ["a cookie", "%(num)d of 100 %%"], {1: "a cookie", 2: "2 of 100 %"}),
        ("pl", ["%(num)d a", "%(num)d b", "%(num)d c"], {1: "1 a", 2: "2 b", 5: "5 c"}),
        ("ja", ("%(num)d x",), {1: "1 x", 2: "2 x"}),
    ],
)
def test_plural_forms_are_given_as_a_list(
    language: str, forms: list[str], said: dict[int, str]
) -> None:
    words = consent(texts={language: {"%(num)d cookie": forms}}).languages.words(language)
    for number, text in said.items():
        message = words.ngettext("%(num)d cookie", "%(num)d cookies", number)
        assert message % {"num": number} == text


def test_language_of_the_site_counts_as_its_catalogue_says(tmp_path: Path) -> None:
    rule = 'msgid ""\nmsgstr "Plural-Forms: nplurals=3; plural=(n > 2 ? 2 : n - 1);"\n\n'
    folder = write_po(tmp_path, "lb", text=rule + 'msgid "Hide"\nmsgstr "Fort"\n')
    texts = {"lb": {"%(num)d cookie": ["one", "two", "%(num)d"]}}
    with pytest.warns(DeclarationWarning, match="stay in English"):
        words = consent(translations=[folder], texts=texts).languages.words("lb")
    found = [words.ngettext("%(num)d cookie", "", number) for number in (1, 2, 3)]
    assert found == ["one", "two", "%(num)d"]


@pytest.mark.parametrize(("folder", "language"), [("DE", "de"), ("sr_latn", "sr_Latn")])
def test_folder_in_other_case_is_taken(folder: str, language: str, tmp_path: Path) -> None:
    site = consent(translations=[write_po(tmp_path, folder, ("Hide", "Fort"))])
    assert site.languages.words(language).gettext("Hide") == "Fort"
    assert site.languages.names == shipped().names


def test_texts_of_a_site_are_escaped() -> None:
    site = Site("asgi", texts={"en": {"Accept all": "<b>&"}})
    assert b"&lt;b&gt;&amp;" in site.get().body


def test_languages_without_a_site_share_one_object() -> None:
    assert consent().languages is consent().languages is shipped()
    assert consent(texts={"en": {"Hide": "Away"}}).languages is not shipped()
    assert isinstance(shipped(), Languages)
