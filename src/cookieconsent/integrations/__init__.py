"""Ring 4: one module per framework, imported by path, never by the package root or each other."""
