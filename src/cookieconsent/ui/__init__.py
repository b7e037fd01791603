"""Ring 1: words and markup. Facts in, HTML out; plain forms, no script.

Words stand in the catalogues under `locales/`, style in `styles/`, and nothing here decides anything.
May import: core, errors, markupsafe, babel.
"""
