"""Between engine and integrations: the consent state in template languages, one module each."""
