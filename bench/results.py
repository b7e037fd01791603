"""What one run found, its verdicts, and its JSON.

May not enter: measuring, words for readers (`report`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from bench.audits import AuditRate
from bench.growth import Growth, StartUp
from bench.imports import Import
from bench.memory import Peak
from bench.timing import Case, Figures

REFERENCE_NO_OP_US = 0.62
"""What a no-op cost on the machine that the targets were set on."""
TARGET_PEAK_KIB = 256
STEEPEST = 1.3
"""A growth up to this counts as linear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One timed case."""

    group: str
    name: str
    delta_us: float
    ratio: float
    no_ops: float
    unit_us: float
    target_us: float | None = None

    @property
    def target_no_ops(self) -> float | None:
        """The target in units that do not depend on the machine."""
        return None if self.target_us is None else self.target_us / REFERENCE_NO_OP_US

    @property
    def holds(self) -> bool | None:
        """Whether the target holds, in no-ops; `None` without a target."""
        return None if self.target_no_ops is None else self.no_ops <= self.target_no_ops


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that one run found."""

    written: str
    """The day (ISO 8601)."""
    python: str
    """Implementation and version."""
    machine: str
    """System and processor architecture."""
    versions: dict[str, str]
    """What else was installed."""
    rounds: int
    """How often each case was timed."""
    lines: list[Line] = field(default_factory=list)
    hostile: list[Growth] = field(default_factory=list)
    peaks: list[Peak] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    start_ups: list[StartUp] = field(default_factory=list)
    audits: list[AuditRate] = field(default_factory=list)

    @property
    def no_op_us(self) -> dict[str, float]:
        """What a no-op cost by itself, per door, in microseconds."""
        return {line.group: line.unit_us for line in self.lines if line.group in {"ASGI", "WSGI"}}


def line_of(case: Case, found: Figures) -> Line:
    """Return what is told of a case."""
    return Line(group=case.group, name=case.name, target_us=case.target_us, **asdict(found))


# --- JSON -----------------------------------------------------------------------------------------


def to_json(report: Report) -> str:
    """Return a report as JSON; numbers keep four digits, which is more than the noise leaves."""
    return json.dumps(_rounded(asdict(report)), indent=1) + "\n"


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value


def from_json(text: str) -> Report:
    """Return the report that `to_json` has written."""
    data = json.loads(text)
    kinds = {
        "lines": Line,
        "peaks": Peak,
        "imports": Import,
        "start_ups": StartUp,
        "audits": AuditRate,
    }
    for name, kind in kinds.items():
        data[name] = [kind(**item) for item in data.get(name, [])]
    data["hostile"] = [
        Growth(
            name=item["name"],
            octets=tuple(item["octets"]),
            micros=tuple(item["micros"]),
            slope=item["slope"],
        )
        for item in data["hostile"]
    ]
    return Report(**data)
