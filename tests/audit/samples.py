"""Reports to write: with everything in them, with nothing, of a hostile site, and of a real audit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cookieconsent import Config, Cookie
from cookieconsent.audit.check import Case, Check, Fault, Finding, Verdict
from cookieconsent.audit.plan import Plan
from cookieconsent.audit.report import CookieRow, Report, StateRow
from cookieconsent.audit.run import audit
from cookieconsent.audit.site import Site
from cookieconsent.observation.wsgi import WsgiClient
from doors import SECRET

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

NOW: Final = 1_790_000_000.0
DAY: Final = "2026-09-21"
PIXEL: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
"""The smallest picture there is (PNG)."""


def nothing(case: Case) -> Iterable[Fault]:
    """Find nothing."""
    return ()


def check(name: str, **fields: Any) -> Check:
    """Return a check that is never asked."""
    given: dict[str, Any] = {
        "family": "consent",
        "severity": "high",
        "title": f"The rule of {name} is kept",
        "why": "Somebody would be followed.",
        "sources": ("Directive 2002/58/EC (ePrivacy), article 5(3)",),
        "fix": "Ask consent.allows(...) first.",
        "judge": nothing,
        **fields,
    }
    return Check(id=name, **given)


CHECKS: Final = (
    check("CC101", severity="critical"),
    check("CC201", family="declaration"),
    check("CC501", family="http", severity="low", sources=("RFC 9111 (HTTP Caching), section 3",)),
)


def finding(**fields: Any) -> Finding:
    """Return a finding about `_ga`."""
    given: dict[str, Any] = {
        "check": "CC101",
        "state": "none",
        "said": "_ga is set although nobody has said yes",
        "severity": "critical",
        "cookie": "_ga",
        "path": "/",
        "request": "GET / (before)",
        "line": "_ga=<27 octets, sha256 9f3a...>; Path=/; Max-Age=63072000",
        "setter": "header",
        "chain": ("declared name: nothing", "catalogue name: _ga is analytics (decides)"),
        **fields,
    }
    return Finding(**given)


def cookie(name: str = "_ga", **fields: Any) -> CookieRow:
    """Return the row of a cookie."""
    given: dict[str, Any] = {
        "cls": "analytics",
        "needs_consent": True,
        "source": "catalogue",
        "vendor": "Google",
        "kind": "cookie",
        "lifetime": 63_072_000,
        "states": {"none": "/", "accepted": "/shop"},
        "host": "shop.example",
        "attributes": {"path": "/", "domain": "shop.example"},
        **fields,
    }
    return CookieRow(name=name, **given)


def report(**fields: Any) -> Report:
    """Return a report in which there is something of everything."""
    verdicts = (
        Verdict(
            check="CC101",
            state="none",
            findings=(finding(), finding(path="/shop", request="GET /shop (before)")),
        ),
        Verdict(check="CC101", state="accepted"),
        Verdict(
            check="CC201",
            state="none",
            remark="only known findings",
            suppressed=((finding(check="CC201", said="_ga is not declared"), "until the launch"),),
        ),
        Verdict(check="CC501", state="rejected", left_open="no page has a form"),
        Verdict(check="CC501", state="none", left_open="add --browser"),
    )
    given: dict[str, Any] = {
        "version": "0.1.0",
        "target": "shop:app",
        "mode": "wsgi",
        "day": DAY,
        "declaration": "cookieconsent.toml",
        "states": (
            StateRow(name="none", pages=3, unverified=None),
            StateRow(name="rejected", pages=1, unverified="no page has a form"),
            StateRow(name="accepted", pages=3, unverified=None),
        ),
        "pages": ("/", "/shop"),
        "missed": {"/logout": "its link may do something"},
        "cookies": (
            cookie(),
            cookie(
                "sid", cls="authentication", needs_consent=False, source="declared", lifetime=None
            ),
            cookie("theme", cls=None, vendor=None, source=None, kind="localStorage", lifetime=None),
        ),
        "verdicts": verdicts,
        "pictures": {"the banner at /": PIXEL},
        "checks": CHECKS,
        "notes": ("known.toml: suppress[1] covers nothing that was found; take it out (old)",),
        **fields,
    }
    return Report(**given)


def empty() -> Report:
    """Return the report of an audit that saw nothing at all."""
    return report(
        declaration=None,
        states=(),
        pages=(),
        missed={},
        cookies=(),
        verdicts=(),
        pictures={},
        notes=(),
    )


HOSTILE: Final = {
    "control": "a\x1b[31mred\x07\x00b",
    "lines": "a\r\nb\n### c",
    "formula": "=cmd|' /C calc'!A1",
    "plus": "+1+1",
    "minus": "-1+1",
    "mention": "@everyone",
    "tab": "\t=1+1",
    "ticks": "``a`b|c`` [x](http://evil.example) www.evil.example",
    "script": "</style></script><script>alert(1)</script><img src=x onerror=alert(1)>",
    "attribute": "\" onmouseover='alert(1)' x=\"",
    "cdata": "]]>&amp;<!-- --><failure/>",
    "direction": "abc\u202egnp.exe",
    "surrogate": "half \ud800 pair",
    "noncharacter": "x\ufffey",
    "picture": "![x](http://evil.example/x.png) <b>$x$</b> *a* _b_ ~~c~~ #1",
}


def hostile(text: str) -> Report:
    """Return a report in which one text stands wherever a site can put one."""
    bad = finding(
        said=f"{text} is set",
        cookie=text,
        path=text,
        request=f"GET {text} (before)",
        line=f"{text}=; Path={text}",
        setter=f"script {text}",
        chain=(text,),
    )
    whole = report()
    return replace(
        whole,
        target=text,
        declaration=text,
        states=(*whole.states, StateRow(name=f"partial:{text}", pages=1, unverified=text)),
        pages=(text,),
        missed={text: text},
        cookies=(cookie(text, vendor=text, states={"none": text}, host=text),),
        verdicts=(
            Verdict(check="CC101", state="none", findings=(bad,)),
            Verdict(check="CC201", state="none", suppressed=((bad, text),)),
            Verdict(check="CC501", state="none", left_open=text),
        ),
        pictures={text: PIXEL},
        notes=(text,),
    )


# --- a real one -----------------------------------------------------------------------------------

PAGE: Final = b"<!DOCTYPE html><html lang=en><title>x</title><h1>Shop</h1><a href=/about>About</a>"


def shop(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Set three cookies on every page, whoever comes."""
    start_response(
        "200 OK",
        [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Set-Cookie", "_ga=GA1.2.3; Max-Age=63072000; Path=/; Secure"),
            ("Set-Cookie", "sid=1; HttpOnly"),
            ("Set-Cookie", "odd name=1; Path=/about; Max-Age=60"),
        ],
    )
    return [PAGE]


CONFIG: Final = Config(
    secret_key=SECRET,
    cookies=[
        Cookie(
            "sid", "authentication", purpose="Keeps you | in.", provider="We", lifetime="session"
        )
    ],
)


def site(**fields: Any) -> Site:
    """Return what is known of the shop."""
    return Site(**{"config": CONFIG, "registry": CONFIG.registry, "has_secret": True, **fields})


def audited(app: Any = shop, **fields: Any) -> Report:
    """Audit the shop in two states."""
    plan = Plan(
        target="shop:app",
        mode="wsgi",
        base="https://shop.example/",
        site=fields.pop("site", site()),
        client=WsgiClient(app),
        states=("none", "rejected"),
        now=lambda: NOW,
        **fields,
    )
    return audit(plan)
