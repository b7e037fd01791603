"""A visitor's whole life in any order of events: property 19.

A browser with a jar, a site that changes, a sibling that throws cookies, scripts that set them. Beside
them runs a model of what the visitor has said, in a few lines: who answered what, when, and to which
declaration. Whatever happens, the application sees no denied cookie, the jar keeps none for longer
than two views, and the banner is there exactly while something is unanswered.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cookieconsent import CookieClass
from doors import HTML, NOON, Asked, Door, Page, Site, Visitor, both_doors, consent_lines, forms
from oracles.jar import Rejected
from properties.strategies import declared, examples

ORIGIN = "https://www.shop.example"
SIBLING = "https://evil.shop.example"
VALID_DAYS = 182
CLASSES = ("advertising", "analytics")
CLASS_OF = {
    b"sid": "authentication",
    b"cart": "cart",
    b"_ga": "analytics",
    b"_ga_X": "analytics",
    b"ads": "advertising",
    b"_fbp": "advertising",
    b"__Host-cookieconsent": "consent",
}
"""What the declarations and the catalogue say of the names that occur here."""

SCOPES = {
    b"sid": ["; Path=/; HttpOnly", "; Path=/cart"],
    b"cart": ["; Path=/", "; Path=/; Domain=shop.example"],
    b"_ga": ["; Path=/", "; Path=/; Secure; Max-Age=999999"],
    b"_ga_X": ["; Path=/; Domain=shop.example"],
    b"ads": ["; Path=/; Secure; SameSite=None; Partitioned"],
    b"_fbp": ["; Path=/", "; Path=/; Domain=shop.example", "; Path=/; Domain=www.shop.example"],
    b"nobody": ["; Path=/"],
}
"""Where those cookies live: in the scopes whose deletion is promised."""

names_and_scopes = st.sampled_from(
    [(name, scope) for name, scopes in SCOPES.items() for scope in scopes]
)
answers = st.fixed_dictionaries({name: st.booleans() for name in CLASSES})


class Life(RuleBasedStateMachine):
    """One visitor, one site, and whatever may happen to them."""

    door: Door = "asgi"

    @initialize()
    def begin(self) -> None:
        self.keys = ["the first of all the keys, 32 characters"]
        self.versions = dict.fromkeys(CLASSES, 1)
        self.site = self.built(NOON)
        self.visitor = Visitor(self.site, ORIGIN)
        # The model: the answers that are in the cookie, each to a version of its class.
        self.said: dict[str, tuple[bool, int]] = {}
        self.day = 0
        self.key = ""
        # What the application does with the next request.
        self.sets: list[bytes] = []
        self.act = ""
        self.tag = 0

    def built(self, now: float) -> Site:
        """Return the site as it is declared now, with the clock where it was."""
        site = Site(
            self.door,
            self.application,
            secret_keys=self.keys,
            cookies=[
                declared("sid", "authentication"),
                declared("cart", "cart"),
                declared("_ga", "analytics"),
                declared("_ga_*", "analytics", domain="shop.example"),
                declared("ads", "advertising", partitioned=True),
            ],
            classes=[
                CookieClass(name, shares_with_third_parties=True, version=version)
                for name, version in self.versions.items()
            ],
        )
        site.clock.now = now
        return site

    # --- the model ------------------------------------------------------------------------------

    @property
    def today(self) -> int:
        return int(self.site.clock.now // 86_400)

    @property
    def current(self) -> dict[str, bool]:
        """What still counts of what was said."""
        if self.key not in self.keys or not 0 <= self.today - self.day <= VALID_DAYS:
            return {}
        return {
            name: yes
            for name, (yes, version) in self.said.items()
            if version == self.versions[name]
        }

    @property
    def asks(self) -> bool:
        return set(self.current) != set(CLASSES)

    def may_pass(self, name: bytes) -> bool:
        cls = CLASS_OF.get(name)
        return cls in {"authentication", "cart", "consent"} or self.current.get(cls or "", False)

    def say(self, said: dict[str, bool], day: int) -> None:
        self.said = {name: (yes, self.versions[name]) for name, yes in said.items()}
        self.day = day
        self.key = self.keys[-1]

    def say_grant(self, name: str) -> None:
        day = self.day if self.has_cookie else self.today
        self.say({**self.current, name: True}, day)

    @property
    def has_cookie(self) -> bool:
        """Tell whether there is a choice that can be read, even if it answers nothing any more."""
        return self.key in self.keys and 0 <= self.today - self.day <= VALID_DAYS

    # --- the application ------------------------------------------------------------------------

    def application(self, request: Asked) -> Page:
        for piece in (request.cookie or b"").split(b"; "):
            name = piece.partition(b"=")[0]
            assert not piece or self.may_pass(name), f"the application got {piece!r}"
        state = request.state
        assert state.decided == (not self.asks)
        for cls in CLASSES:
            assert state.allows(cls) == self.current.get(cls, False)
        if self.has_cookie:
            assert state.choice is not None
            assert {name: state.choice.answer(name) for name in self.current} == self.current
        else:
            assert state.choice is None
        if self.act == "withdraw":
            state.withdraw()
            if any(self.current.values()):
                self.say(dict.fromkeys(CLASSES, False), self.today)
        elif self.act:
            state.grant(self.act)
            if not self.current.get(self.act):
                self.say_grant(self.act)
        lines = [(b"set-cookie", line) for line in self.sets]
        return Page(headers=[*HTML, *lines])

    def look(self) -> None:
        """Check what the visitor has after a view."""
        fresh = b"app%d" % self.tag
        for cookie in self.visitor.jar:
            if cookie.value == fresh:
                assert self.may_pass(cookie.name), f"{cookie.name!r} was stored"
        self.sets, self.act = [], ""
        if not self.visitor.url.startswith("/cookie-consent"):
            assert self.visitor.sees == ("banner" if self.asks else "settings")

    # --- what may happen ------------------------------------------------------------------------

    @rule(
        cookies=st.lists(names_and_scopes, max_size=4),
        act=st.sampled_from(["", "", "", "withdraw", *CLASSES]),
        path=st.sampled_from(["/", "/cart", "/a/b?c=d"]),
    )
    def view(self, cookies: list[tuple[bytes, str]], act: str, path: str) -> None:
        self.tag += 1
        self.sets = [name + b"=app%d" % self.tag + scope.encode() for name, scope in cookies]
        self.act = act
        sent = self.visitor.jar.send(ORIGIN + path.partition("?")[0], now=self.site.clock.now)
        allowed = [piece for piece in sent.split(b"; ") if self.may_pass(piece.partition(b"=")[0])]
        if not self.may_pass(b"_ga"):
            allowed = [piece.partition(b",_ga=")[0] for piece in allowed]
        self.visitor.visit(path)
        assert (self.site.asked[-1].cookie or b"") == b"; ".join(filter(None, allowed))
        self.look()

    @rule(choice=st.sampled_from(["accept", "reject"]))
    def press_banner(self, choice: str) -> None:
        self.visitor.visit("/")
        self.look()
        if self.visitor.sees == "banner":
            self.choose(choice, dict.fromkeys(CLASSES, choice == "accept"))

    @rule()
    def press_withdrawal(self) -> None:
        self.visitor.visit("/")
        self.look()
        granted = any(self.current.values())
        offered = b"value=withdraw" in self.visitor.page
        assert offered == (granted and not self.asks)
        if offered:
            self.choose("withdraw", dict.fromkeys(CLASSES, False))

    @rule(choice=st.sampled_from(["accept", "reject"]))
    def press_on_the_page(self, choice: str) -> None:
        self.visitor.visit("/cookie-consent")
        self.choose(choice, dict.fromkeys(CLASSES, choice == "accept"))

    @rule(said=answers)
    def save_on_the_page(self, said: dict[str, bool]) -> None:
        self.visitor.visit("/cookie-consent")
        fields = {f"class-{name}": "yes" if yes else "no" for name, yes in said.items()}
        self.choose("save", said, **fields)

    def offers(self, choice: str) -> bool:
        """Tell whether the page in view has a button for `choice`."""
        buttons = [button for form in forms(self.visitor.page) for button in form.buttons]
        return any(button["value"] == choice for button in buttons)

    def choose(self, choice: str, said: dict[str, bool], **fields: str) -> None:
        self.say(said, self.today)
        answer = self.visitor.choose(choice, **fields)
        assert answer.status == 303
        assert self.visitor.fragment == "cookieconsent-saved"
        (line,) = consent_lines(answer)
        assert len(line.partition(b";")[0]) <= 256
        self.look()

    @rule()
    def forget(self) -> None:
        self.visitor.visit("/cookie-consent")
        if not self.offers("forget"):
            assert not self.has_cookie
            return
        self.say({}, self.today)
        self.key = ""
        self.visitor.choose("forget")
        self.look()

    @rule(days=st.sampled_from([1, 1, 30, 181, 182, 183]))
    def wait(self, days: int) -> None:
        self.site.clock.advance(days=days)

    @rule()
    def close_the_browser(self) -> None:
        self.visitor.jar.end_session()

    @rule(of=names_and_scopes, path=st.sampled_from(["/", "/a/b"]))
    def script_sets(self, of: tuple[bytes, str], path: str) -> None:
        name, scope = of
        text = name.decode() + "=script" + scope.replace("; HttpOnly", "")
        self.visitor.jar.script_set(ORIGIN + path, text, now=self.site.clock.now)

    @rule(
        name=st.sampled_from(sorted(CLASS_OF)), value=st.sampled_from(["x", "a.b", "=", "1,_ga=2"])
    )
    def sibling_tosses(self, name: bytes, value: str) -> None:
        """A sibling plants what it can; it cannot plant a `__Host-` cookie."""
        scope = "; Path=/; Domain=shop.example; Secure"
        if CLASS_OF[name] in {"authentication", "cart"}:
            value = "x"  # what the site's own cookies hold is no business of ours
        line = name.decode() + "=" + value + scope
        got = self.visitor.jar.receive(SIBLING + "/", line, now=self.site.clock.now)
        if name.startswith(b"__Host-"):
            assert isinstance(got, Rejected)

    @rule(name=st.sampled_from(["advertising", "analytics"]))
    def declare_anew(self, name: str) -> None:
        self.versions[name] += 1
        self.rebuild()

    @precondition(lambda self: len(self.keys) < 3)
    @rule()
    def add_key(self) -> None:
        self.keys = [*self.keys, f"another key of a good many characters, {len(self.keys)}"]
        self.rebuild()

    @precondition(lambda self: len(self.keys) > 1)
    @rule()
    def drop_oldest_key(self) -> None:
        self.keys = self.keys[1:]
        self.rebuild()

    @rule()
    def restart(self) -> None:
        self.rebuild()

    def rebuild(self) -> None:
        self.site = self.built(self.site.clock.now)
        self.visitor.site = self.site

    @rule()
    def view_twice(self) -> None:
        """Nothing that was denied is left after two views, and then nothing more is deleted."""
        for _ in range(2):
            self.visitor.visit("/")
            self.look()
        sent = self.visitor.jar.send(ORIGIN + "/", now=self.site.clock.now)
        for name in (piece.partition(b"=")[0] for piece in sent.split(b"; ") if piece):
            assert self.may_pass(name) or name not in CLASS_OF, f"{name!r} is still there"
        answer = self.visitor.visit("/")
        assert not answer.values(b"set-cookie")
        self.look()

    @invariant()
    def one_choice_at_most(self) -> None:
        if not hasattr(self, "visitor"):
            return
        kept = self.visitor.jar.find("__Host-cookieconsent")
        assert len(kept) <= 1
        if self.has_cookie and self.current:
            assert kept

    def teardown(self) -> None:
        if hasattr(self, "visitor"):
            self.view_twice()


@pytest.mark.hostile(10, 41, 52, 56, 71, 73, 74, 75, 84, 107, 143, 172)
@both_doors
def test_any_life_keeps_the_promises(door: Door) -> None:
    machine: Any = type(f"Life_{door}", (Life,), {"door": door})
    run_state_machine_as_test(machine, settings=settings(examples(40), stateful_step_count=25))
