"""What workers heard comes together, and what any of them has lost leaves nothing clean."""

from __future__ import annotations

import errno
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from audit.samples import report
from audit.test_recorder import heard
from cookieconsent.audit.report import Report
from cookieconsent.pytest_plugin import recording, sharing
from cookieconsent.pytest_plugin.recording import Recording

DIED = "a worker ended before its time, and what it heard is lost"
OPTIONS = {
    "cookie_audit_baseline": None,
    "cookie_audit_fail_on": "medium",
    "cookie_audit_strict": False,
    "cookie_audit_declaration": None,
}


class Session:
    """A run of pytest as the recorder knows it."""

    def __init__(
        self, folder: Path, *, worker: bool = False, source: str = "TESTPATHS", **options: Any
    ) -> None:
        self.exitstatus: int = 0
        config: Any = SimpleNamespace(
            getini=lambda _name: "true",
            getoption=lambda name, *_: {**OPTIONS, **options}.get(name),
            args_source=SimpleNamespace(name=source),
            invocation_params=SimpleNamespace(dir=folder),
            rootpath=folder,
        )
        if worker:
            config.workerinput = config.workeroutput = {}
        self.config = config
        self.recording = Recording(config)

    def hear(self, *names: str) -> None:
        for name in names:
            self.recording._recorder.hear(heard(url=f"http://shop/{name}"))

    def end(self) -> dict[str, Any]:
        self.recording.pytest_sessionfinish(self, self.exitstatus)  # type: ignore[arg-type]
        self.recording.pytest_unconfigure()
        return getattr(self.config, "workeroutput", {})

    def take(self, output: dict[str, Any] | None) -> None:
        node = SimpleNamespace() if output is None else SimpleNamespace(workeroutput=output)
        self.recording.pytest_testnodedown(node, None)

    @property
    def report(self) -> Report:
        assert self.recording._report is not None
        return self.recording._report

    def said(self) -> str:
        lines: list[str] = []
        reporter: Any = SimpleNamespace(
            section=lambda *_, **__: None, write_line=lambda line, **_: lines.append(line)
        )
        self.recording.pytest_terminal_summary(reporter)
        return "\n".join(lines)


def worker(folder: Path, *names: str, lost: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return what a worker hands over."""
    session = Session(folder, worker=True)
    session.hear(*names)
    for why in lost:
        session.recording._recorder.lose(why)
    return session.end()


def outcomes(session: Session) -> set[str]:
    return {verdict.outcome for verdict in session.report.verdicts}


def test_workers_that_lost_nothing_are_judged(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.take(worker(tmp_path, "a"))
    session.end()
    assert outcomes(session) == {"pass", "unverified"}
    assert "1 answer heard (1 none)." in session.said()


UNREADABLE = {
    "cookie_audit_report": b"\x80no",
    "cookie_audit_problem": [],
    "cookie_audit_loss": [],
    "cookie_audit_part": False,
}


@pytest.mark.parametrize(
    ("handed", "said"),
    [(None, DIED), (UNREADABLE, "what a worker heard cannot be read (ValueError)")],
    ids=["died", "unreadable"],
)
def test_lost_worker_leaves_nothing_clean(
    tmp_path: Path, handed: dict[str, Any] | None, said: str
) -> None:
    session = Session(tmp_path)
    session.take(worker(tmp_path, "a"))
    session.take(handed)
    session.end()
    assert outcomes(session) == {"unverified"}
    assert {row.unverified for row in session.report.states} == {said}
    assert f"States: none ({said})." in session.said()
    assert session.exitstatus == 1


@pytest.mark.parametrize("names", [(), ("b",)], ids=["heard nothing", "heard something"])
def test_what_one_worker_lost_leaves_no_other_clean(tmp_path: Path, names: tuple[str, ...]) -> None:
    session = Session(tmp_path)
    session.take(worker(tmp_path, "a"))
    session.take(worker(tmp_path, *names, lost=("TypeError",)))
    session.end()
    assert outcomes(session) == {"unverified"}
    assert "Nothing could be verified: " in session.said()
    assert session.exitstatus == 0
    assert "1 answer was not kept" in session.said()


def test_all_that_was_lost_is_not_nothing_heard(tmp_path: Path) -> None:
    session = Session(tmp_path, cookie_audit_strict=True)
    session.recording._recorder.lose("TypeError")
    session.end()
    assert "1 answer was not kept" in session.said()
    assert session.exitstatus == 1


@pytest.mark.parametrize(
    ("given", "ended", "code"),
    [
        ({}, 0, 1),
        ({}, 2, 2),
        ({}, pytest.ExitCode.NO_TESTS_COLLECTED, pytest.ExitCode.NO_TESTS_COLLECTED),
        ({"source": "ARGS"}, 0, 0),
        ({"keyword": "one"}, 0, 0),
        ({"lf": True}, 0, 0),
        ({"collectonly": True}, 0, 0),
        ({"source": "ARGS", "cookie_audit_strict": True}, 0, 1),
    ],
)
def test_whole_run_that_nobody_heard_fails(
    tmp_path: Path, given: dict[str, Any], ended: int, code: int
) -> None:
    session = Session(tmp_path, **given)
    session.exitstatus = ended
    session.end()
    assert session.said().startswith("No answer was heard: ")
    assert ("All tests ran, so this fails" in session.said()) is (given == {} and ended == 0)
    assert session.exitstatus == code


def test_worker_is_told_which_tests_and_that_is_no_choice(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.take(Session(tmp_path, worker=True, source="ARGS").end())
    session.end()
    assert session.exitstatus == 1


@pytest.mark.parametrize("where", ["here", "in a worker"])
def test_tests_that_another_plugin_left_out_might_have_been_heard(
    tmp_path: Path, where: str
) -> None:
    session = Session(tmp_path)
    other = session if where == "here" else Session(tmp_path, worker=True)
    other.recording.pytest_deselected()
    if where != "here":
        session.take(other.end())
    session.end()
    assert session.exitstatus == 0


def test_report_that_cannot_be_packed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_report: Report) -> bytes:
        raise RecursionError

    monkeypatch.setattr(recording, "packed", failing)
    session = Session(tmp_path)
    session.take(worker(tmp_path, "a"))
    session.end()
    assert session.said() == "what a worker heard cannot be handed over (RecursionError)"
    assert session.exitstatus == 1


def test_broken_baseline_loses_nothing_of_what_was_heard(tmp_path: Path) -> None:
    session = Session(tmp_path, cookie_audit_baseline="missing.toml")
    session.hear("a")
    session.end()
    assert "1 answer heard (1 none)." in session.said()
    assert session.exitstatus == 1


# --- the audit that workers share -----------------------------------------------------------------


@pytest.fixture
def shared(tmp_path: Path) -> tuple[Any, list[str]]:
    """A worker's configuration, and what was run."""
    config = SimpleNamespace(
        workerinput={}, getoption=lambda _name, _default: tmp_path / "worker-1"
    )
    return config, []


def ask(shared: tuple[Any, list[str]]) -> Report:
    config, ran = shared

    def run() -> Report:
        ran.append("audit")
        return report(checks=())

    return sharing.once(config, run)


def test_workers_read_the_audit_of_the_first(shared: tuple[Any, list[str]]) -> None:
    assert ask(shared) == ask(shared)
    assert shared[1] == ["audit"]


def test_full_disk_loses_no_audit(
    shared: tuple[Any, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert ask(shared).target == "shop:app"
    assert [path.name for path in tmp_path.iterdir()] == ["cookie-audit.lock"]


@pytest.mark.parametrize("data", [b"", b"\x80no", b"N."], ids=["empty", "no pickle", "no report"])
def test_unreadable_audit_is_made_again(
    shared: tuple[Any, list[str]], tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "cookie-audit.pickle").write_bytes(data)
    assert ask(shared).target == "shop:app"
    assert ask(shared).target == "shop:app"
    assert shared[1] == ["audit"]


def test_folder_that_cannot_be_used_loses_no_audit(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    config: Any = SimpleNamespace(
        workerinput={}, getoption=lambda _name, _default: tmp_path / "file" / "worker-1"
    )
    assert ask((config, [])).target == "shop:app"
