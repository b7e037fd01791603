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
_ACCOUNTS: Final = "accounts of law firms and authorities"
_SECTIONS: Final = "the text, as code and tests of others quote it"


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
        remark="Compared: articles 4(11), 5(1), 7, 13 and 21(5), recitals 32 and 42. Not compared: "
        "articles 6(1), 12(1) and 32, recital 43.",
    ),
    Work(
        name="Court of Justice of the European Union, C-673/17 (Planet49)",
        weight="law",
        compared="the head of the judgement, and accounts of it",
        remark="Grand Chamber, 1 October 2019, ECLI:EU:C:2019:801.",
    ),
    Work(
        name="Article 29 Working Party, Opinion 04/2012 on Cookie Consent Exemption (WP 194)",
        weight="authority",
        compared=f"the beginning of the text, and {_ACCOUNTS}",
        remark="Adopted on 7 June 2012.",
    ),
    Work(
        name="EDPB, Guidelines 05/2020 on consent",
        weight="authority",
        compared=_ACCOUNTS,
        remark="Adopted on 4 May 2020; cookie walls in paragraphs 38 to 41, scrolling in 86.",
    ),
    Work(
        name="EDPB, Guidelines 2/2023 on the technical scope of article 5(3) of the ePrivacy Directive",
        weight="authority",
        compared=_ACCOUNTS,
        remark="Final version published on 16 October 2024.",
    ),
    Work(
        name="EDPB, Guidelines 03/2022 on deceptive design patterns",
        weight="authority",
        compared="the beginning of the text",
        remark="Version 2.0, adopted on 14 February 2023. They speak of social media; for banners they "
        "are an analogy.",
    ),
    Work(
        name="EDPB, report of the Cookie Banner Taskforce (17 January 2023)",
        weight="authority",
        compared=_ACCOUNTS,
        remark="What most authorities agree on; it says itself that it does not bind.",
    ),
    Work(
        name="EDPB, Opinion 08/2024 on consent or pay",
        weight="authority",
        compared="the beginning of the text",
        remark="Adopted on 17 April 2024, about large online platforms.",
    ),
    Work(
        name="CNIL, recommendation of 17 September 2020 (2020-092)",
        weight="authority",
        address="https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000042388197",
        compared="article 5 of the text, and accounts for the six months",
        remark="It speaks for France.",
    ),
    Work(
        name="Garante per la protezione dei dati personali, guidelines on cookies of 10 June 2021",
        weight="authority",
        compared="quotations of the text, and accounts",
        remark="Document 9677876; it speaks for Italy.",
    ),
    Work(
        name="RFC 6265,",
        weight="standard",
        address="https://www.rfc-editor.org/rfc/rfc6265",
        compared=_SECTIONS,
        remark="Compared: sections 4.1.2.3 and 6.1. Not compared: the numbers of the others.",
    ),
    Work(
        name="draft-ietf-httpbis-rfc6265bis (Cookies: HTTP State Management Mechanism)",
        weight="standard",
        compared=_SECTIONS,
        remark="Revision 22 waited for its publication as an RFC in December 2025. Compared: the 400 "
        "days and the limits.",
    ),
    Work(
        name="RFC 9111 (HTTP Caching)",
        weight="standard",
        address="https://www.rfc-editor.org/rfc/rfc9111",
        compared=_SECTIONS,
        remark="Compared: sections 4.1 and 7.3. Not compared: the numbers of the others.",
    ),
    Work(
        name="Cookies Having Independent Partitioned State (CHIPS)",
        weight="standard",
        compared="Chrome's description of it",
        remark="Its examples have Secure; the text of the rule was not to be had.",
    ),
    Work(
        name="W3C, Global Privacy Control (GPC)",
        weight="standard",
        compared="its entry in the list of drafts, and sites that follow it",
        remark="A working draft; whether the signal binds is for the law of the place.",
    ),
    Work(name="W3C, Clear Site Data", weight="standard"),
    Work(name="W3C, Content Security Policy Level 3", weight="standard"),
    Work(
        name="WCAG 2.2",
        weight="standard",
        compared="the text of 2.5.8, and the names of 2.4.3 and 4.1.2",
        remark="Not compared: the numbers of the others.",
    ),
    Work(
        name="OWASP Session Management Cheat Sheet",
        weight="practice",
        compared="the beginning of the text, and the section on names",
    ),
    Work(name="OWASP Cross-Site Request Forgery Prevention Cheat Sheet", weight="practice"),
    Work(
        name="Google: consent mode",
        weight="practice",
        compared="how sites and tools call it",
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
