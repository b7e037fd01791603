"""The works that checks rest on: their weight, where they can be read, what they were compared with.

A source in a check begins with the name of its work, and goes on with the place in it. What nobody
could compare says so: `compared` is empty then.
May not enter: which check rests on what; that stands in the checks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Weight = Literal["law", "authority", "standard", "practice"]
WEIGHTS: Final[dict[Weight, str]] = {
    "law": "Law",
    "authority": "Guidance of authorities",
    "standard": "Standard",
    "practice": "Good practice",
}
"""What binds comes first. Guidance says how authorities read the law; standards and good practice say
how things work."""
COMPARED_ON: Final = "2026-11-26"
"""The day on which the works were compared."""
_TEXT: Final = "the text"
_QUOTED: Final = "quotations of the text by others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A law, a judgement, guidance, a standard."""

    name: str
    """How sources that lead to it begin."""
    weight: Weight
    address: str | None = None
    """Where it can be read, if there is an address that is made to last."""
    compared: str = ""
    """What the places named in checks were compared with; empty if with nothing."""
    remark: str = ""
    """What a reader must know of it."""


WORKS: Final = (
    Work(
        name="Directive 2002/58/EC (ePrivacy)",
        weight="law",
        address="https://eur-lex.europa.eu/eli/dir/2002/58/oj",
        compared=_TEXT,
        remark="Article 5(3) as amended by Directive 2009/136/EC. It binds by the law of each "
        "member state.",
    ),
    Work(
        name="Regulation (EU) 2016/679 (GDPR)",
        weight="law",
        address="https://eur-lex.europa.eu/eli/reg/2016/679/oj",
        compared=_TEXT,
        remark="Of article 32, paragraph 1 alone.",
    ),
    Work(
        name="Court of Justice of the European Union, C-673/17 (Planet49)",
        weight="law",
        address="https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:62017CJ0673",
        compared=f"{_TEXT}, paragraphs 44 to 81, and the ruling",
        remark="Grand Chamber, 1 October 2019, ECLI:EU:C:2019:801.",
    ),
    Work(
        name="Article 29 Working Party, Opinion 04/2012 on Cookie Consent Exemption (WP 194)",
        weight="authority",
        compared=f"the introduction and the summary of the text, and {_QUOTED}",
        remark="Adopted on 7 June 2012. Quoted are sections 3.2 and 3.6; the whole of section 3 was "
        "not to be had.",
    ),
    Work(
        name="EDPB, Guidelines 05/2020 on consent",
        weight="authority",
        compared=_QUOTED,
        remark="Adopted on 4 May 2020. Quoted are paragraphs 39, 86, 110 and 113 to 115; of 38, 40 and "
        "41, that they speak of cookie walls, by accounts.",
    ),
    Work(
        name="EDPB, Guidelines 2/2023 on the technical scope of article 5(3) of the ePrivacy Directive",
        weight="authority",
        compared=f"{_TEXT}, paragraphs 1 to 15 and 23 to 63",
        remark="Version 2.0, adopted on 7 October 2024. They say what is storage and access, not what "
        "is exempt.",
    ),
    Work(
        name="EDPB, Guidelines 03/2022 on deceptive design patterns",
        weight="authority",
        compared="the beginning of the text, and lists of its patterns by others",
        remark="Version 2.0, adopted on 14 February 2023. They speak of social media; for banners they "
        "are an analogy. Where in them a pattern stands was not compared.",
    ),
    Work(
        name="EDPB, report of the Cookie Banner Taskforce (17 January 2023)",
        weight="authority",
        compared=f"{_QUOTED}, paragraphs 6 to 35",
        remark="What most authorities agree on; it says itself that it does not bind.",
    ),
    Work(
        name="EDPB, Opinion 08/2024 on consent or pay",
        weight="authority",
        compared="the beginning of the text, with its summary",
        remark="Adopted on 17 April 2024, about large online platforms.",
    ),
    Work(
        name="CNIL, recommendation of 17 September 2020 (2020-092)",
        weight="authority",
        address="https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000042388197",
        compared=f"article 5 of the text; for paragraph 39, {_QUOTED} and accounts",
        remark="It speaks for France. Changed on 18 December 2025 (2025-131), by accounts for consent "
        "on several devices; the changed text was not compared.",
    ),
    Work(
        name="Garante per la protezione dei dati personali, guidelines on cookies of 10 June 2021",
        weight="authority",
        compared=f"{_QUOTED}, and accounts",
        remark="Document 9677876; it speaks for Italy. The numbers of sections are those of others.",
    ),
    Work(
        name="RFC 6265,",
        weight="standard",
        address="https://www.rfc-editor.org/rfc/rfc6265",
        compared=_TEXT,
        remark="April 2011.",
    ),
    Work(
        name="draft-ietf-httpbis-rfc6265bis (Cookies: HTTP State Management Mechanism)",
        weight="standard",
        address="https://datatracker.ietf.org/doc/draft-ietf-httpbis-rfc6265bis/",
        compared=f"{_TEXT} of an older revision (about 10); {_QUOTED} of revision 22",
        remark="Revision 22 of 1 December 2025, still a draft. Quoted of it, in code that follows it, "
        "are the parsing of Set-Cookie with its 400 days (section 5.6) and the storage model "
        "(section 5.7).",
    ),
    Work(
        name="RFC 9111 (HTTP Caching)",
        weight="standard",
        address="https://www.rfc-editor.org/rfc/rfc9111",
        compared=_TEXT,
        remark="June 2022.",
    ),
    Work(
        name="Cookies Having Independent Partitioned State (CHIPS)",
        weight="standard",
        address="https://github.com/privacycg/CHIPS",
        compared=f"{_TEXT} of its draft (draft-cutler-httpbis-partitioned-cookies)",
        remark="A proposal, no standard yet; Chrome follows it.",
    ),
    Work(
        name="W3C, Global Privacy Control (GPC)",
        weight="standard",
        address="https://www.w3.org/TR/gpc/",
        compared=f"{_TEXT} of the editors' draft",
        remark="A draft; whether the signal binds is for the law of the place.",
    ),
    Work(
        name="W3C, Clear Site Data",
        weight="standard",
        address="https://www.w3.org/TR/clear-site-data/",
        compared="an older editor's draft, the section on cookies",
        remark="A working draft.",
    ),
    Work(
        name="W3C, Content Security Policy Level 3",
        weight="standard",
        address="https://www.w3.org/TR/CSP3/",
        compared=f"{_TEXT} of the editor's draft, the sections on style-src and form-action",
        remark="A working draft.",
    ),
    Work(
        name="WCAG 2.2",
        weight="standard",
        address="https://www.w3.org/TR/WCAG22/",
        compared=f"{_TEXT}; for 1.3.1, 1.4.3, 1.4.10, 2.1.1 and 3.1.1 {_QUOTED}, and a translation",
        remark="The numbers follow from the order of the criteria in its source.",
    ),
    Work(
        name="OWASP Session Management Cheat Sheet",
        weight="practice",
        compared=f"{_TEXT} of an older version, its first half",
        remark="It changes without numbers; sections are named by their titles.",
    ),
    Work(
        name="OWASP Cross-Site Request Forgery Prevention Cheat Sheet",
        weight="practice",
        compared=f"{_TEXT} of an older version, on tokens and on checks of the origin",
        remark="It changes without numbers.",
    ),
    Work(
        name="Google: consent mode",
        weight="practice",
        compared="how sites and tools call it, and the beginnings of its guides",
        remark="That tags store before an answer where the default is granted follows from what it is "
        "for; no sentence of Google's that says so was compared.",
    ),
    Work(
        name="Bollinger et al., Automating Cookie Consent and GDPR Violation Detection",
        weight="practice",
        compared="the abstract and the slides",
        remark="31st USENIX Security Symposium, 2022.",
    ),
    Work(name="This audit", weight="practice", compared="itself"),
)


def work_of(source: str) -> Work:
    """Return the work that a source is a place in.

    Raises:
        LookupError: It begins with the name of none.
    """
    found = next((work for work in WORKS if source.startswith(work.name)), None)
    if found is None:
        raise LookupError(f"{source!r} begins with the name of no work")
    return found


def by_weight(sources: Iterable[str]) -> dict[Weight, list[str]]:
    """Return sources by their weight, what binds first."""
    listed = list(sources)
    found = {weight: [s for s in listed if work_of(s).weight == weight] for weight in WEIGHTS}
    return {weight: some for weight, some in found.items() if some}


def first_address(sources: Iterable[str]) -> str | None:
    """Return where the first source that has an address can be read."""
    return next((found for found in (work_of(one).address for one in sources) if found), None)
