"""The plugin for pytest, in projects of its own."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from textwrap import dedent
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from audit.fixtures.shop import CONFIG as SHOP_CONFIG
from audit.suites import CONFIG, SUITES, WSGI
from cookieconsent.audit.checks import CHECKS
from cookieconsent.middleware.wsgi import CookieConsentMiddleware

pytest_plugins = ("pytester",)

OTHERS = ("randomly", "faker", "hypothesispytest", "anyio")
"""Plugins that happen to be installed; loading them takes longer than most of these projects."""
PLAIN = (*(word for name in OTHERS for word in ("-p", f"no:{name}")), "-p", "no:cacheprovider")
GA_IS_SET = "critical: _ga is set although nobody has said yes"
RECORDER = "-ocookie_audit_recorder=true"


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a faultless shop and one that does not enforce; no test yet."""
    write(pytester, "facts", CONFIG.replace("ENFORCE", "True"))
    write(pytester, "shop", WSGI)
    write(pytester, "facts_of_open", CONFIG.replace("ENFORCE", "False"))
    write(pytester, "made", "from shop import app\n\n\ndef make():\n    return app\n")
    write(pytester, "open_shop", WSGI.replace("from facts", "from facts_of_open"))
    return pytester


def write(pytester: pytest.Pytester, name: str, text: str) -> None:
    (pytester.path / f"{name}.py").write_text(dedent(text), encoding="utf-8")


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess(*PLAIN, *arguments)


def ids(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if line.startswith("cookie-audit::")]


# --- one test per check and state -----------------------------------------------------------------


def test_every_check_in_every_state_is_a_test(project: pytest.Pytester) -> None:
    found = ids(run(project, "--cookie-audit=shop:app", "--collect-only", "-q"))
    assert "cookie-audit::CC101[none]" in found
    assert "cookie-audit::CC109[partial:analytics]" in found
    assert {name[14:19] for name in found} == {check.id for check in CHECKS}
    assert len(set(found)) == len(found)


def test_states_choose_the_tests(project: pytest.Pytester) -> None:
    options = ("--cookie-audit=shop:app", "--cookie-audit-state=none", "--cookie-audit-state=gpc")
    found = ids(run(project, *options, "--collect-only", "-q"))
    assert {name.split("[")[1] for name in found} == {"none]", "gpc]"}


def test_a_faultless_shop_passes(project: pytest.Pytester) -> None:
    result = run(project, "--cookie-audit=shop:app")
    outcomes = result.parseoutcomes()
    assert result.ret == 0
    assert "failed" not in outcomes
    assert outcomes["passed"] > 100


def test_an_open_shop_is_convicted(project: pytest.Pytester) -> None:
    result = run(project, "--cookie-audit=open_shop:app", "-k", "CC101")
    result.assert_outcomes(failed=2, deselected=result.parseoutcomes()["deselected"])
    assert result.ret == 1


def test_a_failure_says_what_where_why_and_what_to_do(project: pytest.Pytester) -> None:
    write(project, "facts_of_open", CONFIG.replace("ENFORCE", "False").replace('"_ga"', '"_pk_id"'))
    options = ("--cookie-audit=open_shop:app", "--cookie-audit-state=none", "-k", "CC101")
    result = run(project, *options)
    result.stdout.fnmatch_lines(
        [
            "* CC101?none? *",
            "CC101  No cookie that needs consent is set before there is an answer",
            "  state    none",
            GA_IS_SET,
            "  request  GET / (before)",
            "  line     _ga=<11 octets, sha256 2bbf...>; Path=/; Secure; SameSite=Lax; *",
            "  set by   header",
            "  class    declared name: nothing",
            "           catalogue name: _ga is analytics (decides)",
            "  fix      Put CookieConsentMiddleware outermost*",
            "Declare it:",
            "[[][[]cookieconsent.cookies]]",
            'name = "_ga"',
            'cls = "analytics"',
            "FAILED cookie-audit::CC101?none? - CC101 *",
        ]
    )
    shown = result.stdout.str()
    assert "known-value" not in shown
    assert "Traceback" not in shown
    assert "items.py" not in shown


def test_what_is_declared_is_not_to_be_declared_again(project: pytest.Pytester) -> None:
    result = run(project, "--cookie-audit=open_shop:app", "-k", "CC101")
    result.stdout.fnmatch_lines(["*declared name: _ga is analytics (decides)"])
    result.stdout.no_fnmatch_line("Declare it:")


def test_unverified_is_skipped_with_its_reason(project: pytest.Pytester) -> None:
    options = ("--cookie-audit=shop:app", "--cookie-audit-state=none", "-k", "CC102", "-rs")
    result = run(project, *options)
    result.stdout.fnmatch_lines(
        ["SKIPPED [[]1] cookie-audit: unverified: only a browser can tell; *"]
    )
    assert result.ret == 0


def test_strict_fails_what_is_unverified(project: pytest.Pytester) -> None:
    options = ("--cookie-audit=shop:app", "--cookie-audit-state=none", "-k", "CC102")
    result = run(project, *options, "--cookie-audit-strict")
    result.stdout.fnmatch_lines(["CC102?none? is unverified: only a browser can tell; *"])
    assert result.ret == 1


def test_audit_of_nothing_fails_once(project: pytest.Pytester) -> None:
    write(project, "dead", "def app(environ, start_response):\n    raise ValueError\n")
    options = ("--cookie-audit=dead:app", "--cookie-audit-state=none")
    result = run(project, *options)
    assert result.ret == 1
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["Nothing could be looked at: / could not be read: *ValueError*"])


def test_less_severe_findings_pass(project: pytest.Pytester) -> None:
    options = ("--cookie-audit=shop:app", "-k", "CC505")
    assert run(project, *options).ret == 0
    assert run(project, *options, "--cookie-audit-fail-on=info").ret == 1


def test_known_findings_pass_until_their_day(project: pytest.Pytester) -> None:
    options = ("--cookie-audit=open_shop:app", "--cookie-audit-baseline=known.toml", "-k", "CC101")
    known = '[[suppress]]\ncheck = "CC101"\nreason = "mended in May"\nuntil = {}\n'
    (project.path / "known.toml").write_text(known.format("2999-12-31"), encoding="utf-8")
    assert run(project, *options).ret == 0
    (project.path / "known.toml").write_text(known.format("2001-01-01"), encoding="utf-8")
    ended = run(project, *options)
    assert ended.ret == 1
    ended.stdout.fnmatch_lines(["*= cookie audit =*", "*: suppress?0?: ended on 2001-01-01 and *"])


def test_pages_are_looked_at_first(project: pytest.Pytester) -> None:
    hidden = """
    from open_shop import shop

    def app(environ, start_response):
        if environ["PATH_INFO"] == "/unlinked":
            return shop(environ, start_response)
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<!DOCTYPE html><p>Shop"]
    """
    write(project, "hidden", hidden)
    options = ("--cookie-audit=hidden:app", "--cookie-audit-state=none", "-k", "CC101")
    assert run(project, *options).ret == 0
    assert run(project, *options, "--cookie-audit-page=/unlinked").ret == 1


def test_a_declaration_may_be_named(project: pytest.Pytester) -> None:
    write(project, "bare", WSGI.replace("app = CookieConsentMiddleware(shop, config=CONFIG)", ""))
    (project.path / "named.toml").write_text(
        '[cookieconsent]\n[[cookieconsent.cookies]]\nname = "_ga"\ncls = "analytics"\n',
        encoding="utf-8",
    )
    options = ("--cookie-audit=bare:shop", "--cookie-audit-state=none", "-k", "CC201", "-rs")
    run(project, *options).stdout.fnmatch_lines(["SKIPPED *there is no declaration*"])
    run(project, *options, "--cookie-audit-declaration=named.toml").assert_outcomes(
        passed=1, deselected=run(project, *options).parseoutcomes()["deselected"]
    )


def test_what_is_declared_in_the_root_folder_is_found(project: pytest.Pytester) -> None:
    write(project, "bare", WSGI.replace("app = CookieConsentMiddleware(shop, config=CONFIG)", ""))
    (project.path / "cookieconsent.toml").write_text(
        '[cookieconsent]\n[[cookieconsent.cookies]]\nname = "_ga"\ncls = "analytics"\n',
        encoding="utf-8",
    )
    options = ("--cookie-audit=bare:shop", "--cookie-audit-state=none", "-k", "CC201")
    assert run(project, *options).parseoutcomes()["passed"] == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--cookie-audit=nowhere:app"], "there is no module 'nowhere'"),
        (["--cookie-audit=shop:missing"], "module 'shop' has no 'missing'"),
        (["--cookie-audit=made:make"], "as factories do. Add --cookie-audit-factory."),
        (["--cookie-audit=shop:app", "--cookie-audit-host=a b"], "--cookie-audit-host=a b: "),
        (["--cookie-audit-factory"], "needs --cookie-audit"),
        (["--cookie-audit=shop"], "'shop' is neither module:attribute nor an address"),
        (["--cookie-audit=shop:app", "--cookie-audit-state=asleep"], "'asleep' is no state"),
        (["--cookie-audit=shop:app", "--cookie-audit-baseline=no.toml"], "it cannot be read"),
        (
            ["--cookie-audit=shop:app", "--cookie-audit-declaration=no"],
            "=no: there is no such file",
        ),
        ([RECORDER, "--cookie-audit-declaration=no"], "=no: there is no such file"),
        (["--cookie-audit=shop:app", "--cookie-audit-page=elsewhere"], "'elsewhere' is no path"),
        (["--cookie-audit=shop:app", "--cookie-audit-language=d"], "'d' is no tag of a language"),
        (["--cookie-audit=shop:app", "--cookie-audit-alias=a"], "write HOST=NAME"),
        (["--cookie-audit=shop:app", "--cookie-audit-minutes=0"], "no number of minutes"),
        (["--cookie-audit=shop:app", "--cookie-audit-login=shop"], "write module:function"),
        (["--cookie-audit=shop:app", "--cookie-audit-login=shop:PAGE"], "it is no function"),
        (["--cookie-audit-state=none"], "needs --cookie-audit"),
        (["--cookie-audit-limit=1"], "needs --cookie-audit"),
    ],
)
def test_wrong_options_are_refused(project: pytest.Pytester, options: list[str], said: str) -> None:
    result = run(project, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


def test_wrong_target_is_refused_before_workers_start(project: pytest.Pytester) -> None:
    result = run(project, "--cookie-audit=nowhere:app", "-n2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--cookie-audit=nowhere:app: there is no module 'nowhere'" in result.stderr.str()
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()


def test_other_tests_stay_and_may_be_chosen(project: pytest.Pytester) -> None:
    write(project, "test_own", "def test_own(): pass")
    result = run(project, "--cookie-audit=shop:app", "-k", "test_own or CC301")
    assert result.parseoutcomes()["passed"] >= 2


def test_what_failed_last_may_run_alone(project: pytest.Pytester) -> None:
    options = ("-p", "no:randomly", "--cookie-audit=open_shop:app", "-k", "CC101 or CC301")
    first = project.runpytest_subprocess(*options, "--junit-xml=tests.xml")
    again = project.runpytest_subprocess(*options, "--lf")
    assert first.parseoutcomes()["failed"] == again.parseoutcomes()["failed"] == 2
    assert "passed" not in again.parseoutcomes()
    written = (project.path / "tests.xml").read_text(encoding="utf-8")
    assert 'classname="cookie-audit" name="CC101[none]"' in written


def test_a_factory_is_called_and_asked_as_a_host(project: pytest.Pytester) -> None:
    write(
        project,
        "asking",
        """
        def sign_in(visitor):
            assert "//shop.example" in visitor.base
        """,
    )
    options = ("--cookie-audit=made:make", "--cookie-audit-state=none", "-k", "CC101")
    more = ("--cookie-audit-factory", "--cookie-audit-host=shop.example")
    result = run(project, *options, *more, "--cookie-audit-login=asking:sign_in")
    assert result.parseoutcomes()["passed"] == 1


def test_a_hook_signs_in(project: pytest.Pytester) -> None:
    write(project, "signing", "def sign_in(visitor): raise KeyError('lost-key')")
    options = ("--cookie-audit=shop:app", "--cookie-audit-state=none", "-k", "CC101")
    result = run(project, *options, "--cookie-audit-login=signing:sign_in")
    result.stdout.fnmatch_lines(["*: the hook (--login) raised KeyError in signing.py*"])
    assert "lost-key" not in result.stdout.str()


def test_visitors_ask_for_a_language(project: pytest.Pytester) -> None:
    tell = "open('asked', 'a').write(environ['HTTP_ACCEPT_LANGUAGE'] + ' ')"
    write(project, "speaking", WSGI.replace("    status =", f"    {tell}\n    status ="))
    options = ("--cookie-audit=speaking:app", "--cookie-audit-state=none", "-k", "CC101")
    run(project, *options, "--cookie-audit-language=pt-BR")
    assert set((project.path / "asked").read_text(encoding="utf-8").split()) == {"pt-BR"}


def test_aliases_are_what_was_looked_up(project: pytest.Pytester) -> None:
    page = WSGI.replace("PAGE.encode()", "(PAGE + '<img src=//m.shop.example/x>').encode()")
    write(project, "loading", page)
    options = ("--cookie-audit=loading:app", "--cookie-audit-state=none", "-k", "CC507", "-rs")
    run(project, *options).stdout.fnmatch_lines(["SKIPPED *m.shop.example*"])
    result = run(project, *options, "--cookie-audit-alias=m.shop.example=")
    assert result.parseoutcomes()["passed"] == 1


@pytest.mark.browser
def test_a_real_browser_looks(project: pytest.Pytester) -> None:
    options = ("--cookie-audit=shop:app", "--cookie-audit-state=none", "-k", "CC102")
    result = run(project, *options, "--cookie-audit-browser")
    assert result.parseoutcomes()["passed"] == 1


@pytest.mark.browser
def test_a_real_browser_looks_inside_a_test(project: pytest.Pytester) -> None:
    tests = """
    from shop import app

    def test_scripts(cookie_audit):
        report = cookie_audit(app, states=["none"], browser=True, language="de")
        verdicts = {verdict.check: verdict.outcome for verdict in report.verdicts}
        assert verdicts["CC102"] == "pass"
        assert (report.mode, report.language) == ("browser", "de")
    """
    write(project, "test_scripts", tests)
    run(project).assert_outcomes(passed=1)


def test_a_site_over_the_network_is_audited(project: pytest.Pytester, served: str) -> None:
    result = run(project, f"--cookie-audit={served}", "--cookie-audit-state=none", "-k", "CC101")
    result.stdout.fnmatch_lines([GA_IS_SET + "*"])


@pytest.fixture
def served() -> Iterator[str]:
    """The address of a server that sets `_ga`."""

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - its name there

    def app(environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html"), ("Set-Cookie", "_ga=1")])  # type: ignore[operator]
        return [b"<!DOCTYPE html><p>Shop"]

    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


# --- several workers ------------------------------------------------------------------------------


def test_workers_share_one_audit(project: pytest.Pytester) -> None:
    """As many requests reach the shop as with one worker."""
    counting = """
    from shop import app as inner

    def app(environ, start_response):
        with open("asked.txt", "a") as file:
            file.write("x")
        return inner(environ, start_response)
    """
    write(project, "counted", counting)
    asked = project.path / "asked.txt"
    options = ("--cookie-audit=counted:app", "-k", "CC1")
    alone = run(project, *options)
    number = len(asked.read_text(encoding="utf-8"))
    asked.unlink()
    together = run(project, *options, "-n2", "--dist=load")
    assert len(asked.read_text(encoding="utf-8")) == number > 50
    assert together.ret == alone.ret == 0
    wanted = alone.parseoutcomes()
    assert {name: together.parseoutcomes()[name] for name in ("passed", "skipped")} == {
        name: wanted[name] for name in ("passed", "skipped")
    }


def test_workers_tell_the_same_failures(project: pytest.Pytester) -> None:
    useless = '[[suppress]]\ncheck = "CC999"\nreason = "old"\nuntil = 2999-12-31\n'
    (project.path / "known.toml").write_text(useless, encoding="utf-8")
    options = ("--cookie-audit=open_shop:app", "--cookie-audit-baseline=known.toml", "-n2")
    result = run(project, *options, "-k", "CC101")
    assert result.parseoutcomes()["failed"] == 2
    result.stdout.fnmatch_lines([GA_IS_SET])
    assert result.stdout.str().count("nothing that was found is covered") == 1


# --- the recorder ---------------------------------------------------------------------------------


def given(pytester: pytest.Pytester, client: str, *, enforce: bool) -> None:
    application, tests = SUITES[client]
    write(pytester, "facts", CONFIG.replace("ENFORCE", str(enforce)))
    write(pytester, "shop", application)
    write(pytester, "test_shop", tests)


@pytest.mark.parametrize("client", SUITES)
def test_recorder_convicts_an_open_shop(pytester: pytest.Pytester, client: str) -> None:
    given(pytester, client, enforce=False)
    result = run(pytester, RECORDER)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["2 answers heard (2 none).", GA_IS_SET])
    assert result.ret == 1
    assert "known-value" not in result.stdout.str()


@pytest.mark.parametrize("client", SUITES)
def test_recorder_acquits_a_faultless_shop(pytester: pytest.Pytester, client: str) -> None:
    given(pytester, client, enforce=True)
    result = run(pytester, RECORDER)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["2 answers heard (2 none).", "0 findings at medium or worse."])
    assert result.ret == 0


@pytest.mark.parametrize("client", ["webtest", "starlette"])
def test_recorder_hears_all_workers(pytester: pytest.Pytester, client: str) -> None:
    given(pytester, client, enforce=False)
    tests = (pytester.path / "test_shop.py").read_text(encoding="utf-8")
    (pytester.path / "test_twin.py").write_text(tests, encoding="utf-8")
    result = run(pytester, RECORDER, "-n2", "--dist=loadfile")
    result.stdout.fnmatch_lines(["4 answers heard (4 none).", GA_IS_SET])
    assert result.ret == 1


def test_recorder_says_that_a_worker_died(project: pytest.Pytester) -> None:
    write(project, "test_death", "import os\ndef test_death(): os._exit(3)")
    write(project, "test_life", "def test_life(): pass")
    result = run(project, RECORDER, "-n2", "--dist=loadfile", "--max-worker-restart=0")
    result.stdout.fnmatch_lines(["a worker ended before its time, and what it heard is lost*"])
    assert result.ret != 0


def test_recorder_may_be_told_the_application(project: pytest.Pytester) -> None:
    """Its declarations count for what the tests ask of the bare application, too."""
    tests = "import webtest, shop\ndef test_it(): webtest.TestApp(shop.shop).get('/')"
    write(project, "test_bare", tests)
    project.makeini("[pytest]\ncookie_audit_recorder = shop:app")
    result = run(project)
    result.stdout.fnmatch_lines(["1 answer heard (1 recorded)."])
    result.stdout.no_fnmatch_line("*CC201*there is no declaration*")
    assert result.ret == 0


def test_recorder_refuses_an_application_that_is_not_there(project: pytest.Pytester) -> None:
    tests = "import webtest, shop\ndef test_it(): webtest.TestApp(shop.app).get('/')"
    write(project, "test_shop", tests)
    result = run(project, "-ocookie_audit_recorder=nowhere:app")
    result.stdout.fnmatch_lines(
        ["cookie_audit_recorder = nowhere:app: there is no module 'nowhere'. *"]
    )
    assert result.ret == 1


def test_recorder_that_heard_nothing_says_so(project: pytest.Pytester) -> None:
    write(project, "test_own", "def test_own(): pass")
    result = run(project, RECORDER)
    result.stdout.fnmatch_lines(["No answer was heard: * All tests ran, so this fails: *"])
    assert result.ret == 1
    assert run(project, RECORDER, "test_own.py").ret == 0


def test_recorder_leaves_a_failed_run_failed(project: pytest.Pytester) -> None:
    tests = "import webtest, shop\ndef test_it():\n webtest.TestApp(shop.app).get('/')\n assert 0"
    write(project, "test_shop", tests)
    result = run(project, RECORDER)
    result.assert_outcomes(failed=1)
    assert result.ret == 1


def test_recorder_keeps_to_the_severity_and_the_baseline(pytester: pytest.Pytester) -> None:
    given(pytester, "webtest", enforce=False)
    known = '[[suppress]]\ncheck = "CC101"\nreason = "mended soon"\nuntil = 2999-12-31\n'
    (pytester.path / "known.toml").write_text(known, encoding="utf-8")
    result = run(pytester, RECORDER, "--cookie-audit-baseline=known.toml")
    result.stdout.fnmatch_lines(["0 findings at medium or worse."])
    assert result.ret == 0


def test_recorder_may_run_beside_the_tests_of_an_audit(pytester: pytest.Pytester) -> None:
    """Our own visitors are none of the project's tests."""
    given(pytester, "webtest", enforce=True)
    result = run(pytester, RECORDER, "--cookie-audit=shop:app", "-k", "test_pages or CC101")
    result.stdout.fnmatch_lines(["2 answers heard (2 none)."])


# --- the fixtures ---------------------------------------------------------------------------------


def test_an_application_is_audited_inside_a_test(project: pytest.Pytester) -> None:
    tests = """
    import asyncio
    import open_shop, shop, pytest

    def test_clean(cookie_audit):
        report = cookie_audit(shop.app, states=["none", "rejected"])
        report.assert_clean()
        assert [row.name for row in report.states] == ["none", "rejected"]

    def test_named(cookie_audit):
        cookie_audit("shop:app", states=["none"]).assert_clean()

    def test_open(cookie_audit):
        cookie_audit(open_shop.app, states=["none"]).assert_clean()

    def test_less_severe(cookie_audit):
        with pytest.raises(pytest.fail.Exception, match="CC101"):
            cookie_audit(open_shop.app, states=["none"]).assert_clean(fail_on="critical")

    def test_strict(cookie_audit):
        with pytest.raises(pytest.fail.Exception, match="could not be answered"):
            cookie_audit(shop.app, states=["none"]).assert_clean(strict=True)

    def test_within_a_loop(cookie_audit):
        async def audited():
            return cookie_audit(shop.app, states=["none"])

        asyncio.run(audited()).assert_clean()

    def test_dead(cookie_audit):
        def dead(environ, start_response):
            raise OSError

        with pytest.raises(pytest.fail.Exception, match="could not be answered"):
            cookie_audit(dead, states=["none"]).assert_clean()

    def test_signed_in(cookie_audit):
        met = []
        cookie_audit(shop.app, states=["none"], prepare=met.append)
        assert len(met) == 1
    """
    write(project, "test_audits", tests)
    result = run(project)
    result.assert_outcomes(passed=7, failed=1)
    result.stdout.fnmatch_lines(["* test_open *", "CC101  *", GA_IS_SET])
    result.stdout.no_fnmatch_line("*fixtures.py*")


def test_a_test_may_listen_to_itself(project: pytest.Pytester) -> None:
    tests = """
    import open_shop, shop, pytest, webtest

    client = webtest.TestApp(shop.app)

    def test_clean(cookie_recorder):
        client.get("/", headers={"Accept": "text/html"})
        cookie_recorder.report().assert_clean()
        assert cookie_recorder.heard == 1

    def test_open(cookie_recorder):
        webtest.TestApp(open_shop.app).get("/")
        with pytest.raises(pytest.fail.Exception, match="CC101"):
            cookie_recorder.report().assert_clean()

    def test_any_client(cookie_recorder):
        app = cookie_recorder.wrap(open_shop.app)
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_ACCEPT": "text/html"}
        list(app(environ, lambda *head: None))
        with pytest.raises(pytest.fail.Exception, match="CC101"):
            cookie_recorder.report().assert_clean()

    def test_nothing_heard_is_not_clean(cookie_recorder):
        with pytest.raises(pytest.fail.Exception, match="Nothing was looked at"):
            cookie_recorder.report().assert_clean()
    """
    write(project, "test_recorded", tests)
    run(project).assert_outcomes(passed=4)


def test_both_recorders_hear(pytester: pytest.Pytester) -> None:
    given(pytester, "webtest", enforce=True)
    write(
        pytester,
        "test_own",
        """
        import webtest, shop

        def test_own(cookie_recorder):
            webtest.TestApp(shop.app).get("/")
            assert cookie_recorder.heard == 1
        """,
    )
    result = run(pytester, RECORDER)
    result.stdout.fnmatch_lines(["3 answers heard (3 none)."])


# --- who does not use it --------------------------------------------------------------------------


def test_nothing_heavy_is_loaded_unasked(pytester: pytest.Pytester) -> None:
    tests = """
    import sys, json

    def test_modules():
        print("LOADED", json.dumps(sorted(sys.modules)))
    """
    write(pytester, "test_modules", tests)
    result = run(pytester, "-s")
    result.assert_outcomes(passed=1)
    [line] = [line for line in result.outlines if "LOADED" in line]
    loaded = set(json.loads(re.sub(r"^.*LOADED ", "", line)))
    assert "cookieconsent.pytest_plugin" in loaded
    ours = {name for name in loaded if name.startswith("cookieconsent.")}
    rooms = {name.split(".")[1] for name in ours}
    assert rooms <= {"audit", "core", "engine", "errors", "pytest_plugin"}
    assert {name for name in ours if name.startswith("cookieconsent.audit.")} == {
        "cookieconsent.audit.names",
        "cookieconsent.audit.severity",
    }
    assert {name for name in ours if name.startswith("cookieconsent.pytest_plugin.")} == set()
    assert loaded.isdisjoint({"babel", "webtest", "starlette", "flask", "httpx", "httpx2"})


def test_nothing_is_collected_or_said_unasked(project: pytest.Pytester) -> None:
    tests = "import webtest, open_shop\ndef test_it(): webtest.TestApp(open_shop.app).get('/')"
    write(project, "test_shop", tests)
    result = run(project)
    result.assert_outcomes(passed=1)
    assert "cookie audit" not in result.stdout.str()
    assert result.ret == 0


@pytest.mark.parametrize("value", ["", "false", "no", "off", "0"])
def test_recorder_can_be_switched_off(project: pytest.Pytester, value: str) -> None:
    write(project, "test_own", "def test_own(): pass")
    result = run(project, f"-ocookie_audit_recorder={value}")
    assert "cookie audit" not in result.stdout.str()


def test_an_application_of_ours_is_found_in_djangos_chain() -> None:
    """Django wraps each layer, and keeps what it wraps in `__wrapped__`."""
    from types import SimpleNamespace

    from cookieconsent.testing.sites import consent_behind

    door = CookieConsentMiddleware(lambda environ, start: [], SHOP_CONFIG)
    layer = SimpleNamespace(get_response=SimpleNamespace(__wrapped__=door))
    handler = SimpleNamespace(_middleware_chain=SimpleNamespace(__wrapped__=layer))
    assert consent_behind(handler) is door.consent
