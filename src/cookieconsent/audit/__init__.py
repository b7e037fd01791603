"""The cookie audit: visitors in every state of consent, what they met, and what is wrong with it.

`states` sends visitors through a site and writes down what they meet (`evidence`); `checks` judge that,
each by itself; `run` puts both together into a `report`, which `reports` writes in many forms.
May not enter: how requests are sent (`observation`), rules of the middleware.
"""
