"""How files are drafted that people go on with: TOML with the comments that say what to decide.

What is drafted stands in the rooms that know it (`cli`, `audit`).
May not enter: declarations, cookies, what was seen.
"""
