"""The template tags, `{% load cookieconsent %}`."""
