"""Words on buttons that are neither a clear yes nor a clear no; the languages that a site speaks.

May not enter: markup.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from cookieconsent.engine.config import Config
from cookieconsent.ui.languages import Languages, shipped

ANSWERS: Final = {"accept": "Accept all", "reject": "Reject all"}
"""The answers by what is sent, and the messages of the catalogues that name them."""

_CROSSES: Final = ("x", "\u00d7", "\u2715", "\u2716")
_UNCLEAR_YES: Final = {
    "cs": ("zavřít", "pokračovat", "rozumím"),
    "da": ("luk", "fortsæt", "forstået"),
    "de": ("schließen", "weiter", "verstanden"),
    "en": ("ok", "okay", "close", "continue", "next", "fine", "got it", "i understand"),
    "es": ("cerrar", "continuar", "entendido", "de acuerdo"),
    "fi": ("sulje", "jatka"),
    "fr": ("fermer", "continuer", "compris", "j'ai compris", "d'accord"),
    "it": ("chiudi", "continua", "capito", "ho capito"),
    "ja": ("閉じる",),
    "nb": ("lukk", "fortsett", "jeg forstår"),
    "nl": ("sluiten", "doorgaan", "begrepen"),
    "pl": ("zamknij", "dalej", "rozumiem"),
    "pt": ("fechar", "continuar", "entendi"),
    "sv": ("stäng", "fortsätt", "jag förstår"),
    "tr": ("kapat", "devam", "anlad\u0131m"),
    "zh": ("关闭", "知道了"),
}
_UNCLEAR_NO: Final = {
    "de": ("schließen", "später", "weiter ohne zustimmung"),
    "en": ("ok", "okay", "close", "later", "not now", "skip", "continue without accepting"),
    "es": ("cerrar", "más tarde", "continuar sin aceptar"),
    "fr": ("fermer", "plus tard", "continuer sans accepter"),
    "it": ("chiudi", "più tardi", "continua senza accettare"),
    "nl": ("sluiten", "later", "doorgaan zonder te accepteren"),
    "pl": ("zamknij", "później"),
    "pt": ("fechar", "mais tarde", "continuar sem aceitar"),
}
_NO_YES: Final = frozenset(
    {*_CROSSES, *(word for words in _UNCLEAR_YES.values() for word in words)}
)
_NO_NO: Final = frozenset({*_CROSSES, *(word for words in _UNCLEAR_NO.values() for word in words)})


def own_languages(config: Config, languages: Languages) -> list[str]:
    """Return the languages in which a site has words of its own, by name."""
    own = {path.name for folder in config.translations for path in Path(folder).iterdir()}
    found = {languages.find(name) or name for name in (*own, *config.texts)}
    return sorted(found & {*languages.names})


def misnamed(yes: str, no: str) -> Iterator[str]:
    """Yield what is wrong with the words of two buttons, in whatever language they are."""
    if _plain(yes) in _NO_YES or not _plain(yes):
        yield f"the yes is called {yes!r}, which does not say so"
    if _plain(no) in _NO_NO or not _plain(no):
        yield f"the no is called {no!r}, which does not say so"
    if yes and _plain(yes) == _plain(no):
        yield f"yes and no are both called {yes!r}"
    elif is_reversed(yes, no):
        yield f"the yes is called {yes!r} and the no {no!r}, which is the wrong way round"


def is_reversed(yes: str, no: str) -> bool:
    """Tell whether the yes is called as a no is in a shipped language, or the no as a yes."""
    return _plain(yes).startswith(_shipped("reject")) or _plain(no).startswith(_shipped("accept"))


def _plain(text: str) -> str:
    return text.strip(" .!\u2026").casefold()


@cache
def _shipped(choice: str) -> tuple[str, ...]:
    """Return what a button is called in every shipped language."""
    languages = shipped()
    named = {_plain(languages.words(name).gettext(ANSWERS[choice])) for name in languages.names}
    return tuple(sorted(named))
