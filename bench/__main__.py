"""The command line: `python -m bench`."""

from __future__ import annotations

import logging
import sys

from bench import cases
from bench.timing import measure, stay_on_one_core


def main() -> int:
    """Measure and show."""
    stay_on_one_core()
    logging.getLogger("cookieconsent").propagate = False
    logging.getLogger("cookieconsent").addHandler(logging.NullHandler())
    table = [*cases.asgi_cases(), *cases.wsgi_cases()]
    for case, found in zip(table, measure(table, rounds=15, block=0.01), strict=True):
        print(f"{case.group} {case.name:75} {found.delta_us:8.3f} us {found.ratio:6.2f} {found.no_ops:6.2f} no-ops", '' if case.target_us is None else f"target {case.target_us} us {case.target_us/.62:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
