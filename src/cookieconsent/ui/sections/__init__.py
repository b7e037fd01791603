"""The sections of the preferences page, a module each; `ui.preferences` puts them in order.

A section is a function of what the site says of itself, what differs between two views, and a language.
May not enter: what an answer leads to.
"""
