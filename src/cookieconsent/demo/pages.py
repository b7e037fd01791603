"""The shop's pages: what stands between the header and the footer, and the frame around it.

A page comes in two parts. The frame stays open until the panel has been added, so `END` closes it.
May not enter: cookies, consent, what a form does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from markupsafe import Markup

from cookieconsent.demo.cookies import MAX_NAME, SHOP, Basket
from cookieconsent.demo.goods import ARTICLES, BY_SLUG, Article, picture, price


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What the shop knows of who looks at a page."""

    name: str | None
    """Who has signed in."""
    basket: Basket


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the shop."""

    title: str
    main: Markup


TITLES: Final = {
    "/": "Tea, and what goes with it",
    "/basket": "Your basket",
    "/sign-in": "Sign in",
    "/thanks": "Thank you",
    "/statistics": "Statistics",
    "/privacy": "Privacy and cookies",
    **{f"/goods/{article.slug}": article.name for article in ARTICLES},
}
"""What stands above each page, by its path."""


def date_in_words(day: date) -> str:
    """Write a day as the preferences page writes it in English."""
    return f"{day:%B} {day.day}, {day.year}"


_FRAME = Markup(
    """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title} · {shop}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="{style}">
<link rel="icon" href="{icon}">
</head>
<body class="consent-{shape}">
<div class="frame">
<a class="skip" href="#content">Skip to the content</a>
<div class="shop">
<header class="top">
<a class="brand" href="/">{logo}<span>{shop}</span></a>
<nav aria-label="Shop">
<a href="/basket">Basket{count}</a>
{account}
<a class="jump" href="#cookies">Cookies</a>
</nav>
</header>
<main id="content" tabindex="-1">
{main}
</main>
<footer class="bottom">
<p>{shop} is a demonstration: nothing is sold, nothing is sent.</p>
<p><a href="/privacy">Privacy and cookies</a> <a href="/statistics">Statistics</a></p>
</footer>
</div>
"""
)
END: Final = Markup("</div>\n</body>\n</html>\n")
_COUNT = Markup(' <span class="count">{}<span class="unseen"> articles</span></span>')
_SIGN_IN = Markup('<a href="/sign-in">Sign in</a>')
_SIGN_OUT = Markup(
    '<form method="post" action="/sign-out"><span class="who">{}</span> '
    "<button>Sign out</button></form>"
)


def frame(page: Page, visit: Visit, *, style: str, icon: str, shape: str) -> Markup:
    """Return a page up to the place of the panel.

    Args:
        page: Its content.
        visit: Who looks at it.
        style: The address of the style sheet.
        icon: The address of the icon.
        shape: The shape of the banner, which is in line with the shop where it is as wide.
    """
    count = sum(visit.basket.values())
    return _FRAME.format(
        title=page.title,
        shop=SHOP,
        style=style,
        icon=icon,
        shape=shape,
        logo=_LOGO,
        count=_COUNT.format(count) if count else "",
        account=_SIGN_IN if visit.name is None else _SIGN_OUT.format(visit.name),
        main=page.main,
    )


_LOGO = picture("logo")
_HERO = Markup(
    """<section class="hero">
<div><h1>{title}</h1>
<p>Six good things from a small shop by the harbour. Made slowly, packed by hand, sent on Fridays.</p>
<p><a class="button" href="/goods/teapot">See the teapot</a></p></div>
{art}
</section>
"""
)
_CARD = Markup(
    """<li class="card"><a href="/goods/{slug}"><span class="art {slug}">{art}</span>
<b>{name}</b> <span>{teaser}</span></a> <span class="price">{price}</span></li>
"""
)


def home() -> Page:
    """Return the first page."""
    cards = Markup().join(
        _CARD.format(
            slug=article.slug,
            art=article.art,
            name=article.name,
            teaser=article.teaser,
            price=price(article.cents),
        )
        for article in ARTICLES
    )
    goods_list = Markup('<h2>All six</h2>\n<ul class="goods">\n{}</ul>').format(cards)
    title = TITLES["/"]
    return Page(title, _HERO.format(title=title, art=picture("hero")) + goods_list)


_GOODS = Markup(
    """<p class="trail"><a href="/">All goods</a></p>
<div class="article">
<div class="art {slug}">{art}</div>
<div><h1>{name}</h1>
<p class="teaser">{teaser}</p>
<p>{text}</p>
<p class="price">{price}</p>
<form method="post" action="/basket">
<button class="button" name="add" value="{slug}">Add to basket</button>
</form>
</div>
</div>"""
)


def goods(article: Article) -> Page:
    """Return the page of an article."""
    main = _GOODS.format(
        slug=article.slug,
        art=article.art,
        name=article.name,
        teaser=article.teaser,
        text=article.text,
        price=price(article.cents),
    )
    return Page(article.name, main)


_BASKET = Markup(
    """<h1>Your basket</h1>
<ul class="basket">
{lines}</ul>
<p class="total">Total <b class="price">{total}</b></p>
<form method="post" action="/checkout"><button class="button">Order</button></form>"""
)
_LINE = Markup(
    """<li><span class="art {slug}">{art}</span><a href="/goods/{slug}">{name}</a>
<form method="post" action="/basket">
<button name="remove" value="{slug}"><span aria-hidden="true">&minus;</span>
<span class="unseen">One {name} less</span></button>
<span class="number">{number}</span>
<button name="add" value="{slug}"><span aria-hidden="true">+</span>
<span class="unseen">One {name} more</span></button>
</form>
<span class="price">{price}</span></li>
"""
)
_NOTHING = Markup(
    """<h1>Your basket</h1>
<p>There is nothing in it yet. <a href="/">Have a look around</a>.</p>"""
)


def basket(visit: Visit) -> Page:
    """Return the basket."""
    if not visit.basket:
        return Page(TITLES["/basket"], _NOTHING)
    bought = [(BY_SLUG[slug], number) for slug, number in visit.basket.items()]
    lines = Markup().join(
        _LINE.format(
            slug=article.slug,
            art=article.art,
            name=article.name,
            number=number,
            price=price(article.cents * number),
        )
        for article, number in bought
    )
    total = price(sum(article.cents * number for article, number in bought))
    return Page(TITLES["/basket"], _BASKET.format(lines=lines, total=total))


_SIGN_IN_PAGE = Markup(
    """<h1>Sign in</h1>
<p>Any name will do: it is kept in a signed cookie of your browser and nowhere else.</p>
<form class="sign-in" method="post" action="/sign-in">
<label for="name">Your name</label>
<input id="name" name="name" autocomplete="given-name" maxlength="{length}" required value="{name}">
<button class="button">Sign in</button>
</form>"""
)


def sign_in(visit: Visit) -> Page:
    """Return the sign-in page."""
    return Page(TITLES["/sign-in"], _SIGN_IN_PAGE.format(length=MAX_NAME, name=visit.name or ""))


_THANKS = Markup(
    """<h1>Thank you</h1>
<p>The kettle is on. Nothing was charged and nothing will arrive, since this is a demonstration.</p>
<p><a class="button" href="/">Back to the shop</a></p>"""
)


def thanks() -> Page:
    """Return the page after an order."""
    return Page(TITLES["/thanks"], _THANKS)


_STATISTICS = Markup(
    """<h1>Statistics</h1>
<p>Page views since the shop opened, counted by the shop itself: only of visitors who allow analytics,
and without telling one from another.</p>
<table class="views">
<thead><tr><th scope="col">Page</th><th scope="col">Views</th><td></td></tr></thead>
<tbody>
{rows}</tbody>
</table>"""
)
_VIEWS = Markup(
    '<tr><th scope="row"><a href="{path}">{title}</a></th><td>{count}</td>'
    '<td><meter min="0" max="{most}" value="{count}" aria-hidden="true"></meter></td></tr>\n'
)


def statistics(views: Mapping[str, int]) -> Page:
    """Return the page views.

    Args:
        views: How often each page was seen, by its path.
    """
    most = max(1, *views.values())
    rows = Markup().join(
        _VIEWS.format(path=path, title=TITLES[path], count=count, most=most)
        for path, count in views.items()
    )
    return Page(TITLES["/statistics"], _STATISTICS.format(rows=rows))


_MISSING = Markup(
    """<h1>Not on our shelves</h1>
<p>There is no such page. <a href="/">See all six things</a>.</p>"""
)


def missing() -> Page:
    """Return what stands where no page is."""
    return Page("Not found", _MISSING)
