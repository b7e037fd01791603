"""What the tests of real applications share."""

from __future__ import annotations

import pytest

# Its assertions explain themselves like those in the tests.
pytest.register_assert_rewrite("realapps.visits")
