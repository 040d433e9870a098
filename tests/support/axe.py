"""Asks axe-core what is wrong with a page for people who cannot see or point."""

from dataclasses import dataclass

from playwright.sync_api import Page

from tests.support.browser_setup import AXE

RUN = """async (within) => {
  const {violations} = await axe.run(within ?? document, {resultTypes: ["violations"]});
  return violations.map(({id, impact, help, nodes}) =>
    ({rule: id, impact, help, places: nodes.map((node) => node.target.join(" "))}));
}"""


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule; ``places`` are CSS selectors of the elements that break it."""

    rule: str
    impact: str
    help: str
    places: tuple[str, ...]

    @property
    def is_serious(self) -> bool:
        """Whether it keeps somebody from working: impact ``serious`` or ``critical``."""
        return self.impact in {"serious", "critical"}


def axe(page: Page, *, within: str | None = None) -> list[Violation]:
    """Check the page as it stands, or only what the selector ``within`` finds."""
    if not page.evaluate("() => 'axe' in window"):
        # Not a script tag: the page's own content policy would refuse it, and rightly.
        page.evaluate(AXE.read_text("utf-8") + "; undefined")
    found = page.evaluate(RUN, within)
    return [
        Violation(one["rule"], one["impact"] or "", one["help"], tuple(one["places"]))
        for one in found
    ]


def serious(page: Page, *, within: str | None = None) -> list[Violation]:
    """Give only what keeps somebody from working."""
    return [violation for violation in axe(page, within=within) if violation.is_serious]
