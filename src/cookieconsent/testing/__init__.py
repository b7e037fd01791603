"""For sites' own test suites: visitors with an answer, and a check of what cookies were set.

`states` makes visitors of a site's own configuration, `clients` puts them into a test client, `answers`
reads what a response set, `asserts` judges it. Clients and responses are known by what they can do, so
nothing here imports a framework.
May not enter: rules; the site's own engine decides.
"""

from cookieconsent.testing.asserts import (
    assert_no_cookies_without_consent as assert_no_cookies_without_consent,
)
from cookieconsent.testing.clients import put_into as put_into
from cookieconsent.testing.states import STATE_NAMES as STATE_NAMES
from cookieconsent.testing.states import ConsentStates as ConsentStates
from cookieconsent.testing.states import VisitorState as VisitorState
