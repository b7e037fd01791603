"""Drafts declarations that people go on with: what is declared, and what somebody must decide.

`from_walk.py` drafts what a site was seen to set, `from_findings.py` what another tool's file says.
Both take the table of each cookie from `cookie.py`; `toml.py` writes it, comments and all.
May not enter: looking at a site (`observation/`), reading files (`migration/`), the command line.
"""
