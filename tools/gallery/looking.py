"""Says what is wrong with a page as it is shown: too wide, too heavy, not accessible, not usable by keyboard."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: Bytes of a page at most, without its styles and scripts.
LIGHT = 200_000
#: Controls that are followed by keyboard at most.
MOST_STOPS = 400

#: What a person reaches with the Tab key: one of each group of radio buttons, nothing disabled, nothing unseen.
_STOPS = """() => {
  const seen = (one) => one.checkVisibility({ checkVisibilityCSS: true }) && one.getClientRects().length > 0;
  const groups = new Set();
  const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]");
  return [...all].filter((one) => {
    if (one.matches(":disabled, [type=hidden], [tabindex='-1']") || !seen(one)) return false;
    if (one.type !== "radio") return true;
    const group = `${one.form?.id}/${one.name}`;
    return !groups.has(group) && groups.add(group);
  }).length;
}"""
#: The element that has the focus: whether it was there before, and whether one sees that it has it.
_FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const again = one.dataset.visited === "1";
  one.dataset.visited = "1";
  const style = getComputedStyle(one);
  const shown = style.outlineStyle !== "none" || style.boxShadow !== "none" || one.matches("iframe");
  const box = one.getBoundingClientRect();
  const name = `${one.tagName.toLowerCase()} ${one.id || one.name || one.textContent.trim().slice(0, 30)}`;
  return { again, shown, inside: box.width > 0 && box.right > 0 && box.left < innerWidth, name };
}"""
#: The first element that ends behind the edge of the window.
_WIDEST = """(width) => [...document.querySelectorAll("body *")]
  .filter((one) => !one.closest(".scroll, .table, .unseen") && one.getBoundingClientRect().right > width + 1)
  .map((one) => `${one.tagName.toLowerCase()} ${one.id || one.className}`)[0]"""


def faults_of(page: Page, body: bytes) -> list[str]:
    """What is wrong with the page that is open; `body` is the document as it came."""
    faults = [f"{len(body):,} bytes"] if len(body) > LIGHT else []
    headings = page.locator("h1").count()
    faults += [f"{headings} first headings"] if headings != 1 else []
    return [*faults, *too_wide(page), *not_accessible(page)]


def too_wide(page: Page) -> list[str]:
    """Whether the page scrolls sideways, and the first element that makes it."""
    width, has = page.evaluate("[document.documentElement.clientWidth, document.documentElement.scrollWidth]")
    if has <= width:
        return []
    return [f"{has} px wide in {width}: {page.evaluate(_WIDEST, width)}"]


def not_accessible(page: Page) -> list[str]:
    """What axe finds wrong (https://github.com/dequelabs/axe-core)."""
    found = Axe().run(page).response["violations"]
    return [f"axe: {one['id']} at {one['nodes'][0]['target']}" for one in found]


def not_by_keyboard(page: Page) -> list[str]:
    """Controls that the Tab key does not reach, or where one does not see the focus."""
    wanted, reached, faults = page.evaluate(_STOPS), 0, list[str]()
    page.evaluate(
        "document.body.tabIndex = -1, document.body.focus()"
    )  # from the beginning, wherever the focus was
    for _ in range(min(wanted, MOST_STOPS) + 5):
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUSED)
        if focus is None or focus["again"]:
            break
        reached += 1
        faults += [] if focus["shown"] else [f"no focus is seen at {focus['name']}"]
        faults += [] if focus["inside"] else [f"the focus is out of sight at {focus['name']}"]
    if reached < min(wanted, MOST_STOPS):
        faults.append(f"the keyboard reaches {reached} of {wanted} controls")
    return faults
