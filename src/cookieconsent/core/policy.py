"""What a page's Content Security Policies let us do there: inline style, a linked sheet, a form.

Only read, never written: several policies hold together, so each must allow a thing.
Content Security Policy Level 3, sections 6.6 and 6.7.
May not enter: what is shown where something is forbidden.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_Directives = dict[str, list[str]]


def _parse(policy: str) -> _Directives:
    directives: _Directives = {}
    for part in policy.split(";"):
        name, *sources = part.split()[:200] or [""]
        if name:
            directives.setdefault(name.lower(), sources)  # the first of a name counts
    return directives


@dataclass(frozen=True, slots=True)
class PagePolicy:
    """The policies of a page, seen by somebody who serves from the page's own origin."""

    policies: tuple[_Directives, ...]
    hosts: frozenset[str]
    """The hosts (with port) that are the own origin."""

    @classmethod
    def of(cls, values: Iterable[str], hosts: Iterable[str | None]) -> PagePolicy:
        """Read header or `<meta>` values, each a comma-separated list of policies."""
        policies = tuple(_parse(text) for value in values for text in value.split(","))
        own = frozenset(host.lower() for host in hosts if host)
        return cls(tuple(policy for policy in policies if policy), own)

    def with_meta(self, contents: Iterable[str], hosts: Iterable[str | None] = ()) -> PagePolicy:
        """Return the policies with those of `<meta http-equiv>` elements added."""
        added = PagePolicy.of(contents, hosts)
        return PagePolicy(self.policies + added.policies, self.hosts | added.hosts)

    def allows_inline_style(self, source_hash: str) -> bool:
        """Tell whether a `<style>` with this hash-source applies."""
        return all(
            _allows_inline(sources, source_hash)
            for sources in self._sources("style-src-elem", "style-src", "default-src")
        )

    def allows_own_style(self) -> bool:
        """Tell whether a style sheet of the own origin may be loaded."""
        return all(
            self._has_own(sources)
            for sources in self._sources("style-src-elem", "style-src", "default-src")
        )

    def allows_own_form(self) -> bool:
        """Tell whether a form may be sent to the own origin, and be redirected within it."""
        return all(self._has_own(sources) for sources in self._sources("form-action"))

    def is_sandboxed(self) -> bool:
        """Tell whether forms are off altogether."""
        return any(
            "sandbox" in policy and "allow-forms" not in map(str.lower, policy["sandbox"])
            for policy in self.policies
        )

    def _sources(self, *names: str) -> Iterable[list[str]]:
        """Yield, for each policy, the sources of the first of these directives that it has."""
        for policy in self.policies:
            for name in names:
                if name in policy:
                    yield policy[name]
                    break

    def _has_own(self, sources: list[str]) -> bool:
        return any(self._is_own(source.lower()) for source in sources)

    def _is_own(self, source: str) -> bool:
        if source in {"'self'", "*", "https:", "http:"}:
            # `https:` on an http page would not match; then the page is merely unstyled.
            return True
        host, _, path = (
            source.partition("://")[2].partition("/")
            if "://" in source
            else (source.partition("/"))
        )
        return not path and host.removesuffix(":*") in self.hosts


def _allows_inline(sources: list[str], source_hash: str) -> bool:
    if source_hash in sources:
        return True
    lowered = [source.lower() for source in sources]
    # A nonce or hash switches 'unsafe-inline' off (section 6.7.3.2).
    strict = any(
        source.startswith(("'nonce-", "'sha256-", "'sha384-", "'sha512-")) for source in lowered
    )
    return "'unsafe-inline'" in lowered and not strict
