"""The receipt in words: what it says of each class, and the page to print that says all of it.

A whole document of ours with the preferences page's style; it holds no form.
May not enter: signing, what a visitor may do.
"""

from __future__ import annotations

from datetime import timedelta

from markupsafe import Markup

from cookieconsent.core.choice import VALID_DAYS, Choice
from cookieconsent.core.receipt import Receipt, ReceiptAnswer, ReceiptClass, ReceiptCookie
from cookieconsent.core.registry import Cookie, CookieClass
from cookieconsent.ui.classes import description_of, title_of
from cookieconsent.ui.i18n import Words
from cookieconsent.ui.sections.facts import SiteFacts
from cookieconsent.ui.sections.parts import PARAGRAPH, linked, printable, table

# --- what it says ---------------------------------------------------------------------------------


def answered_classes(
    site: SiteFacts, choice: Choice | None, words: Words
) -> tuple[ReceiptClass, ...]:
    """Return the site's classes with their cookies and what the visitor said of each."""
    return tuple(
        ReceiptClass(
            name=cls.name,
            title=title_of(cls, words),
            description=description_of(cls, words) or None,
            regime=cls.regime,
            shares_with_third_parties=cls.shares_with_third_parties,
            answer=_answer(cls, choice),
            under_signal=choice is not None and cls.name in choice.under_signal,
            paused=choice is not None and cls.name in choice.paused,
            cookies=_cookies(cls, site, words),
        )
        for cls in site.classes
    )


def _answer(cls: CookieClass, choice: Choice | None) -> ReceiptAnswer:
    if not cls.switchable:
        return "always on"
    answer = None if choice is None else choice.answer(cls.name)
    if answer is None:
        return "none"
    return "yes" if answer else "no"


def _cookies(cls: CookieClass, site: SiteFacts, words: Words) -> tuple[ReceiptCookie, ...]:
    """Return the declared cookies of a class; ours is one even where the site does not name it."""
    cookies = [_cookie(cookie, words) for cookie in site.cookies if cookie.cls == cls.name]
    if cls.name == "consent" and site.consent_cookie not in {cookie.name for cookie in cookies}:
        valid = timedelta(days=VALID_DAYS)
        own = ReceiptCookie(
            name=site.consent_cookie,
            purpose=words.gettext("Keeps your answer on this page."),
            provider=words.gettext("This site"),
            lifetime=words.duration(valid),
            lifetime_seconds=int(valid.total_seconds()),
        )
        cookies.append(own)
    # A cookie that is declared with several scopes is one cookie to a visitor.
    return tuple(dict.fromkeys(cookies))


def _cookie(cookie: Cookie, words: Words) -> ReceiptCookie:
    lifetime = seconds = None
    if cookie.max_age is not None:
        lifetime = words.duration(cookie.max_age)
        seconds = int(cookie.max_age.total_seconds())
    elif cookie.lifetime is not None:
        lifetime = words.gettext("Until you close the browser")
    return ReceiptCookie(
        name=cookie.name,
        purpose=words.own(cookie.purpose or "") or None,
        provider=words.own(cookie.provider or "") or None,
        lifetime=lifetime,
        lifetime_seconds="session" if lifetime and seconds is None else seconds,
    )


# --- the page -------------------------------------------------------------------------------------

_DOCUMENT = Markup(
    '<!DOCTYPE html>\n<html lang="{lang}" dir="{dir}">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="robots" content="noindex">\n<title>{title}</title>\n'
    '<link rel="stylesheet" href="{style}">\n</head>\n'
    '<body class="cookieconsent-page">\n<main id="cookieconsent-receipt">\n'
    '<p class="cookieconsent-back"><a href="{settings}">{back}</a></p>\n'
    "<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
)
_PAIR = Markup("<dt>{}</dt><dd>{}</dd>\n")
_NOTE = Markup('<p class="cookieconsent-note">{}</p>\n')


def receipt_page(receipt: Receipt, signature: str, words: Words, style_url: str) -> bytes:
    """Return the page as UTF-8 bytes.

    Args:
        receipt: What it says.
        signature: The signature of what it says.
        words: The language of the receipt.
        style_url: The address of the style sheet.
    """
    page = _DOCUMENT.format(
        lang=words.tag,
        dir=words.direction,
        title=words.gettext("Receipt of your choice"),
        style=style_url,
        settings=receipt.withdraw_at,
        back=words.gettext("Cookie settings"),
        body=Markup().join(
            (
                _facts(receipt, words),
                _notes(receipt, words),
                _answers(receipt, words),
                _details(receipt, words),
                _contacts(receipt, words),
                _footer(receipt, signature, words),
            )
        ),
    )
    return page.encode("utf-8", "xmlcharrefreplace")


def _facts(receipt: Receipt, words: Words) -> Markup:
    gettext = words.gettext
    answered, end = receipt.answered, receipt.valid_until
    pairs = [
        (gettext("Website"), receipt.site),
        (gettext("Issued on"), words.date(receipt.issued)),
        (
            gettext("Answered on"),
            gettext("Not answered") if answered is None else words.date(answered),
        ),
        (gettext("Counts until"), None if end is None else words.date(end)),
    ]
    return Markup("<dl>\n{}</dl>\n").format(
        Markup().join(_PAIR.format(label, text) for label, text in pairs if text is not None)
    )


def _notes(receipt: Receipt, words: Words) -> Markup:
    texts = []
    resting = [cls.paused or cls.answer == "no" for cls in receipt.classes if _switchable(cls)]
    if receipt.paused and all(resting):  # as `Choice.rests`
        texts.append(
            words.gettext("Everything is paused. Your answers count again when you end the pause.")
        )
    if receipt.gpc:
        texts.append(
            words.gettext("Your browser sends Global Privacy Control. This site honours it.")
        )
    return Markup().join(_NOTE.format(text) for text in texts)


def _switchable(cls: ReceiptClass) -> bool:
    return cls.regime != "exempt"


def _state(cls: ReceiptClass, words: Words) -> str:
    """Return the answer for a class, and that it is paused where it is."""
    gettext = words.gettext
    answer = {
        "yes": gettext("Yes"),
        "no": gettext("No"),
        "none": gettext("Not answered"),
        "always on": gettext("Always on"),
    }[cls.answer]
    if cls.paused:
        return answer + " (" + gettext("Paused") + ")"
    return answer


def _answers(receipt: Receipt, words: Words) -> Markup:
    gettext = words.gettext
    rows = [[cls.title, _state(cls, words)] for cls in receipt.classes]
    heads = [gettext("Class"), gettext("Answer")]
    return table(gettext("Receipt of your choice"), heads, rows)


def _details(receipt: Receipt, words: Words) -> Markup:
    return Markup("<h2>{}</h2>\n{}").format(
        words.gettext("Cookies on this site"),
        Markup().join(_class(cls, words) for cls in receipt.classes),
    )


def _class(cls: ReceiptClass, words: Words) -> Markup:
    gettext = words.gettext
    texts = [cls.description]
    if cls.shares_with_third_parties:
        texts.append(gettext("Third parties may receive this data, also outside the EU."))
    if cls.regime == "objection":
        texts.append(gettext("These cookies are used until you say no."))
    heads = [gettext("Name"), gettext("Purpose"), gettext("Provider"), gettext("Kept for")]
    unknown = gettext("Not stated")
    rows = [
        [
            Markup("<code>{}</code>").format(printable(cookie.name)),
            cookie.purpose or unknown,
            cookie.provider or unknown,
            cookie.lifetime or unknown,
        ]
        for cookie in cls.cookies
    ]
    return Markup('<section class="cookieconsent-class">\n<h3>{}</h3>\n{}{}</section>\n').format(
        cls.title,
        PARAGRAPH.format(" ".join(filter(None, texts))) if any(texts) else "",
        table(cls.title, heads, rows) if rows else "",
    )


def _contacts(receipt: Receipt, words: Words) -> Markup:
    policy = receipt.privacy_policy_url
    pairs = [
        _PAIR.format(label, linked(value))
        for label, value in (
            (words.gettext("Contact"), receipt.contact),
            (words.gettext("Data protection authority"), receipt.authority),
        )
        if value is not None
    ]
    return Markup("{}{}").format(
        PARAGRAPH.format(linked(policy, words.gettext("Privacy policy"))) if policy else "",
        Markup("<dl>\n{}</dl>\n").format(Markup().join(pairs)) if pairs else "",
    )


def _footer(receipt: Receipt, signature: str, words: Words) -> Markup:
    facts = []
    if receipt.policy_last_updated is not None:
        day = words.date(receipt.policy_last_updated)
        facts.append(words.gettext("Last updated: %(day)s") % {"day": day})
    if receipt.policy_version is not None:
        version = {"version": receipt.policy_version}
        facts.append(words.gettext("Version: %(version)s") % version)
    return Markup(
        '<footer>{}<p><small>{}: <bdi id="cookieconsent-signature">{}</bdi></small></p></footer>\n'
    ).format(
        Markup().join(PARAGRAPH.format(fact) for fact in facts),
        words.gettext("Signature"),
        f"{receipt.schema_version} {signature}",
    )
