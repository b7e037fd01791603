"""Banners of others, and by which ids their buttons are found: facts of the commonest platforms.

A platform is here only if its ids are the same on every site that has it.
May not enter: words on buttons, which differ from site to site.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A consent platform; its elements as CSS selectors, which reach into open shadow trees."""

    name: str
    accept: str
    reject: str

    @property
    def buttons(self) -> dict[str, str]:
        """The buttons, by what they answer."""
        return {"accept": self.accept, "reject": self.reject}


PLATFORMS: Final = (
    Platform(
        name="OneTrust",
        accept="#onetrust-accept-btn-handler",
        reject="#onetrust-reject-all-handler",
    ),
    Platform(
        name="Cookiebot",
        accept="#CybotCookiebotDialogBodyLevelButtonLevelOptinAllowAll",
        reject="#CybotCookiebotDialogBodyButtonDecline",
    ),
    Platform(
        name="Usercentrics",
        accept='[data-testid="uc-accept-all-button"]',
        reject='[data-testid="uc-deny-all-button"]',
    ),
    Platform(
        name="Didomi",
        accept="#didomi-notice-agree-button",
        reject="#didomi-notice-disagree-button",
    ),
    Platform(name="Klaro", accept=".klaro .cm-btn-success", reject=".klaro .cn-decline"),
    Platform(
        name="orestbida/cookieconsent",
        accept='#cc-main [data-role="all"]',
        reject='#cc-main [data-role="necessary"]',
    ),
    Platform(
        name="CookieYes",
        accept=".cky-consent-container .cky-btn-accept",
        reject=".cky-consent-container .cky-btn-reject",
    ),
    Platform(
        name="Complianz",
        accept="#cmplz-cookiebanner-container .cmplz-accept",
        reject="#cmplz-cookiebanner-container .cmplz-deny",
    ),
)
