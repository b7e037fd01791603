"""What visitors do in a state: answers are forged in every way that needs no secret."""

from __future__ import annotations

from audit.fixtures.shop import Shop, Visit, configured, look_at
from cookieconsent.testing.states import ConsentStates

CONFIG = configured(clock=lambda: 1_790_000_000.0)
STATES = ConsentStates(CONFIG)


def test_answers_are_forged_in_every_way_that_needs_no_secret() -> None:
    met: list[str] = []

    def note(visit: Visit) -> list[str]:
        met.append(visit.came.get(CONFIG.cookie_name, ""))
        return []

    run = look_at(Shop(past=note, config=CONFIG), states=["tampered"]).runs["tampered"]
    yes, no = (state.value or "" for state in (STATES.accepted, STATES.rejected))
    forged = [value for value in dict.fromkeys(met) if value not in {"", yes}]
    payload = yes.rpartition(".")[0]
    signed = [value.rpartition(".")[2] for value in forged if value.startswith(f"{payload}.")]
    assert run.unverified is None
    assert len(forged) == 5
    assert len(signed) == 4  # spoilt, cut, of another site, of another answer
    assert no.rpartition(".")[2] in signed
    assert {STATES.consent.codec.read(value.encode()) for value in forged} == {None}


def test_answer_that_the_site_drops_leaves_the_state_open() -> None:
    shop = Shop(spoil=lambda answer: answer.drop("set-cookie"))
    run = look_at(shop, states=["tampered"]).runs["tampered"]
    assert run.unverified == "the site has kept no answer that could be changed"
