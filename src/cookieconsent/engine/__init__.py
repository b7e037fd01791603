"""Ring 2: one exchange from end to end, still without I/O.

A `Config` is checked once, a `Consent` is built once from it, and an `Exchange` takes one request head
and response through it. What reaches a visitor or an application is decided below, in `core`.
May import: core, ui, errors.
"""
