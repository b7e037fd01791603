"""Pausing and objecting: what the application is not given, what stays in the browser, what returns."""

from __future__ import annotations

import pytest

from cookieconsent import Cookie, CookieClass
from doors import HTML, Asked, Page, Site, consent_lines, consent_pair
from oracles.drivers import Answer

COOKIES = [
    Cookie("sid", "authentication"),
    Cookie("visits", "statistics", purpose="Counts.", provider="Us", lifetime="1 day"),
]
STATISTICS = CookieClass("statistics", title="Counting", regime="objection")
SENT = b"visits=1; sid=2; _ga=3"
SET = (b"visits=9", b"_ga=9", b"sid=9")


def measuring(request: Asked) -> Page:
    """Answer as a site that counts visits."""
    return Page(headers=[*HTML, *((b"set-cookie", line) for line in SET)])


def withdrawing(request: Asked) -> Page:
    request.state.withdraw()
    return Page()


@pytest.fixture(params=["asgi", "wsgi"])
def site(request: pytest.FixtureRequest) -> Site:
    return Site(request.param, measuring, cookies=COOKIES, classes=[STATISTICS])


def after(site: Site, fields: str, before: bytes | None = None) -> bytes:
    """Return the consent cookie that a form leaves."""
    answer = site.post(b"choice=" + fields.encode(), cookie=before)
    assert answer.status == 303
    return consent_pair(answer)


def view(site: Site, consent: bytes | None) -> tuple[Answer, set[bytes], set[bytes]]:
    """Look at a page: the answer, the names that the application got, the names it could set."""
    answer = site.get(cookie=SENT if consent is None else b"; ".join((SENT, consent)))
    got = site.asked[-1].cookie or b""
    names = {pair.partition(b"=")[0] for pair in got.split(b"; ")}
    kept = {line.partition(b"=")[0] for line in SET if line in answer.values(b"set-cookie")}
    return answer, names - {site.consent.cookie_name}, kept


def deleted(answer: Answer) -> set[bytes]:
    return {
        line.partition(b"=")[0] for line in answer.values(b"set-cookie") if b"Max-Age=0" in line
    }


def test_pause_keeps_cookies_from_the_application_and_in_the_browser(site: Site) -> None:
    accepted = after(site, "accept")
    assert view(site, accepted)[1:] == ({b"visits", b"sid", b"_ga"},) * 2
    paused = after(site, "pause", accepted)
    answer, got, kept = view(site, paused)
    assert (got, kept) == ({b"sid"}, {b"sid"})
    assert deleted(answer) == set()
    assert not site.asked[-1].state.allows("analytics")
    assert b"cookieconsent-banner" not in answer.body


def test_resuming_brings_the_answers_back(site: Site) -> None:
    mixed = after(site, "save&class-analytics=yes&class-statistics=no")
    paused = after(site, "pause", mixed)
    assert paused != mixed
    assert after(site, "resume", paused) == mixed


def test_changed_declaration_does_not_end_a_pause(site: Site) -> None:
    paused = after(site, "pause", after(site, "accept"))
    newer = [CookieClass("analytics", version=2), CookieClass("statistics", regime="objection")]
    changed = Site(site.door, measuring, cookies=COOKIES, classes=[*newer, CookieClass("media")])
    answer, got, kept = view(changed, paused)
    assert (got, kept, deleted(answer)) == ({b"sid"}, {b"sid"}, set())
    assert b"cookieconsent-banner" not in answer.body
    resumed = after(changed, "resume", paused)
    assert b"cookieconsent-banner" in view(changed, resumed)[0].body


@pytest.mark.parametrize("form", ["grant&class=analytics", "object&class=statistics"])
def test_first_answer_during_a_pause_counts_from_its_day(site: Site, form: str) -> None:
    paused = after(site, "pause")
    site.clock.advance(days=100)
    answered = after(site, form, paused)
    site.clock.advance(days=182)
    assert view(site, answered)[0].body == view(site, answered)[0].body
    assert site.asked[-1].state.choice is not None
    site.clock.advance(days=1)
    view(site, answered)
    assert site.asked[-1].state.choice is None


def test_junk_beside_the_answer_deletes_nothing(site: Site) -> None:
    """Of too many consent cookies none is believed, nor that there is none."""
    paused = after(site, "pause", after(site, "accept"))
    junk = b"; ".join(site.consent.cookie_name + b"=%d" % number for number in range(5))
    answer, got, _ = view(site, junk + b"; " + paused)
    assert (got, deleted(answer)) == ({b"sid"}, set())


def test_refused_cookies_are_deleted_during_a_pause(site: Site) -> None:
    mixed = after(site, "save&class-analytics=no&class-statistics=yes")
    answer, got, _ = view(site, after(site, "pause", mixed))
    assert got == {b"sid"}
    assert deleted(answer) == {b"_ga"}


def test_pause_without_an_answer_lasts_until_resumed(site: Site) -> None:
    paused = after(site, "pause")
    answer, got, _ = view(site, paused)
    assert got == {b"sid"}
    assert deleted(answer) == set()
    assert b"cookieconsent-banner" not in answer.body
    resumed = site.post({"choice": "resume"}, cookie=paused)
    assert consent_lines(resumed)[0].startswith(b"__Host-cookieconsent=;")
    assert view(site, None)[1] == {b"sid", b"visits"}


def test_pause_prolongs_nothing(site: Site) -> None:
    accepted = after(site, "accept")
    site.clock.advance(days=100)
    paused = after(site, "pause", accepted)
    assert after(site, "resume", paused) == accepted
    site.clock.advance(days=83)
    assert b"cookieconsent-banner" in view(site, paused)[0].body


@pytest.mark.parametrize("choice", ["accept", "reject", "withdraw", "save", "forget"])
def test_any_new_answer_ends_the_pause(site: Site, choice: str) -> None:
    paused = after(site, "pause", after(site, "accept"))
    site.post({"choice": choice}, cookie=paused)
    assert site.choices[-1].paused == set()


def test_grant_ends_the_pause_of_its_class_alone(site: Site) -> None:
    paused = after(site, "pause", after(site, "accept"))
    assert site.choices[-1].paused == {"analytics", "statistics"}
    granted = after(site, "grant&class=analytics", paused)
    assert site.choices[-1].paused == {"statistics"}
    assert view(site, granted)[1] == {b"_ga", b"sid"}


def test_hidden_cookie_of_a_paused_class_is_cut(site: Site) -> None:
    paused = after(site, "pause", after(site, "accept"))
    site.get(cookie=b"; ".join((b"sid=2,_ga=3", paused)))
    assert (site.asked[-1].cookie or b"").startswith(b"sid=2;")


def test_withdrawing_in_code_ends_a_pause(site: Site) -> None:
    paused = after(site, "pause")
    site._application = withdrawing
    withdrawn = consent_pair(site.get(cookie=paused))
    assert view(site, withdrawn)[1] == {b"sid"}
    assert site.choices[-1].refused == {"analytics", "statistics"}


def test_objection_says_no_to_one_class(site: Site) -> None:
    assert view(site, None)[1] == {b"sid", b"visits"}
    objected = after(site, "object&class=statistics")
    answer, got, _ = view(site, objected)
    assert got == {b"sid"}
    assert b"visits" in deleted(answer)
    assert b"cookieconsent-banner" in answer.body, "analytics is still to be asked for"
    assert site.choices[-1].action == "object"
    assert site.choices[-1].refused == {"statistics"}


def test_objection_leaves_the_other_answers(site: Site) -> None:
    objected = after(site, "object&class=statistics", after(site, "accept"))
    assert view(site, objected)[1] == {b"sid", b"_ga"}


@pytest.mark.parametrize("other", ["forget", "erase", "save&class-statistics=yes", "accept"])
def test_objection_is_not_lost_in_another_answer(other: str, site: Site) -> None:
    """Undecided visitors are counted, so forgetting alone would undo the objection."""
    objected = after(site, f"{other}&choice=object&class=statistics")
    assert b"visits" not in view(site, objected)[1]
    assert site.choices[-1].refused == {"statistics"}


@pytest.mark.parametrize("less", ["reject", "withdraw", "pause", "object", "forget"])
@pytest.mark.parametrize("more", ["accept", "grant", "resume", "save&class-analytics=yes"])
def test_no_yes_comes_of_several_answers(less: str, more: str, site: Site) -> None:
    form = f"choice={more}&choice={less}&class=analytics".encode()
    assert site.post(form).status == 303
    assert site.choices[-1].granted == set()


def test_signal_does_not_end_a_pause(site: Site) -> None:
    paused = after(site, "pause", after(site, "accept"))
    answer = site.get(headers=[(b"sec-gpc", b"1")], cookie=b"; ".join((SENT, paused)))
    assert deleted(answer) == set()
    assert (site.asked[-1].cookie or b"").startswith(b"sid=2;")
