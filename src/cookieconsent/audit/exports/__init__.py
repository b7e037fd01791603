"""What else an audit's cookies are good for: a draft of declarations, a disclosure, a table to print.

May not enter: findings; those are in `reports`.
"""
