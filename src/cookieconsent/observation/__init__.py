"""Looking at an application or a live site from outside: clients, a jar, a walk over a few pages.

What belongs here: sending GET requests, in process or over HTTP, and writing down what came back.
May not enter: what is concluded from it, the middleware, words for visitors.
"""
