"""What is known of a cookie is found once, however often the cookie is met."""

from __future__ import annotations

from cookieconsent import Config, Cookie
from cookieconsent.audit.site import Site
from doors import SECRET


def site(cls: str) -> Site:
    cookie = Cookie("_ga", cls, purpose="Counts.", provider="We", lifetime="session")
    config = Config(secret_key=SECRET, cookies=[cookie])
    return Site(config=config, registry=config.registry)


def test_search_is_made_once_for_each_cookie() -> None:
    one = site("analytics")
    assert one.chain(b"_ga", "shop.example") is one.chain(b"_ga", "shop.example")
    assert one.classify(b"_ga") is one.classify(b"_ga")


def test_sites_do_not_share_what_is_known() -> None:
    classes = [site(cls).classify(b"_ga").cls for cls in ("analytics", "advertising")]
    assert classes == ["analytics", "advertising"]
    assert site("analytics").chain(b"_ga") != site("advertising").chain(b"_ga")
