"""What consent costs: each case beside a middleware that does nothing, and beside other middlewares.

Run by `make bench`. `requests` and `sites` say what is sent and what answers, `asgi` and `wsgi` drive
it, `cases` and `peers` list what is timed, `outcomes` checks it, `timing` times it, `growth`, `memory`
and `imports` measure the rest, `results` and `report` show it.
May not enter: a rule of the package; what is measured comes in by its public doors, but for the codec,
which writes the consent cookies.
"""
