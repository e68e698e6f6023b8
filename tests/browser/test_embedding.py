"""Tests the pages within a page of a platform on another site: sign-in, the whole way, attackers, cookies, look."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.platform_page import HOUR
from tests.system import eventually

LIST = b"""Account name;Client code;First name;Last name;E-mail
Bakery Peeters;C1;An;Peeters;an@peeters.example
Garage Dubois;C2;Luc;Dubois;luc at dubois
Mia Jansen BV;C3;Mia;Jansen;mia@jansen.example
"""
FILE = {"name": "clients.csv", "mimeType": "text/csv", "buffer": LIST}
#: what a page of a platform does; `heard` are the calls of its functions
OPEN = """({token, ...options}) => {
  window.heard = [];
  const on = Object.fromEntries(["onImported", "onFailed", "onUndone", "onClosed", "onError"]
    .map((name) => [name, (value) => heard.push([name, value])]));
  const getToken = token === undefined ? async () => (await fetch("/carryover-token")).text() : undefined;
  window.carryover = Carryover.open({ token, getToken, ...on, ...options });
}"""


@pytest.fixture
def embed(wizard, platform):
    """A person at the platform: opens the pages there; gives the person and what is in the iframe."""

    def opened(person=None, address=None, wait=True, **options):
        person = person or wizard(phone=options.pop("phone", False), dark=options.pop("dark_browser", False))
        platform.firm = person.client.firm
        if options.pop("one_token", False):
            options["token"] = platform.token()
        person.page.goto(address or platform.url)
        person.page.evaluate(OPEN, options)
        inside = person.page.frame_locator("iframe")
        if wait:
            expect(inside.locator("#upload")).to_be_visible()
            person.page.frames[1].wait_for_load_state()  # scripts see a file that is chosen from then on
        return person, inside

    yield opened
    platform.seconds, platform.claims = HOUR, {}


def heard(page, name):
    return page.evaluate("name => heard.filter(([what]) => what === name).map(([, value]) => value)", name)


def go_to_review(inside):
    """Upload the list, and go on with what is suggested until the rows are checked."""
    inside.locator("input[type=file]").set_input_files(FILE)
    inside.get_by_role("link", name="Continue to accounts").click()
    for button in ("Continue to settings", "Continue to contacts", "Check the rows"):
        inside.get_by_role("button", name=button).click()
    expect(inside.get_by_role("button", name="Start import of 2 rows")).to_be_visible()


def start(inside):
    """Start the import; the question is asked within the page, because a browser may refuse one of its own."""
    inside.get_by_role("button", name="Start import of 2 rows").click()
    inside.get_by_role("dialog").get_by_role("button", name="Go on").click()
    expect(inside.get_by_role("heading", name="Your list is imported")).to_be_visible()


def test_a_list_goes_all_the_way_and_the_platform_hears_of_it_once(embed, platform):
    seen = []
    person, inside = embed(kind="accounts_and_contacts", wait=False)
    page = person.page
    page.on("request", lambda request: seen.append((request.url, request.headers.get("referer", ""))))
    expect(inside.locator("#upload")).to_be_visible()
    expect(inside.locator("header.top")).to_have_count(0)
    cookie = "document.cookie = 'plain=1; samesite=none; secure'; document.cookie.includes('plain=1')"
    assert page.frames[1].evaluate(cookie) is False, "the browser blocks cookies of third parties"
    person.picture("start")
    go_to_review(inside)
    person.picture("review")
    start(inside)
    (job,) = (one["id"] for one in person.client.get("/jobs")["items"])
    eventually(lambda: page.evaluate("heard.length > 0"), 10, "the platform hears of the import")
    expected = person.client.get(f"/jobs/{job}/result")["result"]
    assert heard(page, "onImported") == [{"job": job, "result": expected}]
    assert (expected["rows_loaded"], expected["rows_skipped"]) == (2, 1)
    person.picture("result")

    with page.expect_download() as archive:
        inside.get_by_role("link", name="CSV, zipped").click()
    assert archive.value.path().read_bytes().startswith(b"PK")
    assert archive.value.suggested_filename == "rows-left-out.zip"

    inside.get_by_role("link", name="See what it would do").click()
    inside.get_by_label("Yes, undo the import").check()
    inside.get_by_role("button", name="Undo it now").click()
    expect(inside.get_by_role("heading", name="The import was undone")).to_be_visible()
    eventually(lambda: page.evaluate("heard.length > 1"), 10, "the platform hears of the undo")
    inside.get_by_role("button", name="Close").click()
    expect(page.locator("iframe")).to_have_count(0)
    assert [name for name, _ in page.evaluate("heard")] == ["onImported", "onUndone", "onClosed"]
    assert all("eyJ" not in url and "eyJ" not in referrer for url, referrer in seen)
    assert len(seen) > 20


@pytest.mark.long
def test_a_token_that_ends_on_the_way_is_renewed_and_nothing_typed_is_lost(embed, platform):
    platform.seconds = -26  # within the leeway of 30 s for clocks that differ: it ends in 4 s
    platform.asked = 0
    person, inside = embed()
    inside.locator("input[type=file]").set_input_files(FILE)
    inside.get_by_role("link", name="Continue to accounts").click()
    person.page.wait_for_timeout(5000)
    for button in ("Continue to settings", "Continue to contacts", "Check the rows"):
        inside.get_by_role("button", name=button).click()
    expect(inside.get_by_role("button", name="Start import of 2 rows")).to_be_visible()
    assert platform.asked == 2
    assert heard(person.page, "onError") == []
    person.errors.clear()  # the browser reports each 401


def test_a_token_that_is_refused_is_asked_for_again_once_and_the_person_reads_why(embed, platform):
    person, inside = embed(token="no token", wait=False)
    expect(inside.get_by_role("alert")).to_contain_text("could not sign you in")
    codes = [error["code"] for error in heard(person.page, "onError")]
    assert codes == ["no_token", "token_refused"]
    person.errors.clear()  # the browser reports the 401


def test_a_platform_without_new_tokens_leaves_a_sentence_and_no_loop(embed, platform):
    platform.seconds = -26
    person, inside = embed(one_token=True)
    person.page.wait_for_timeout(4500)
    inside.get_by_role("link", name="Webhooks").click()
    expect(inside.get_by_text("Your session has ended")).to_be_visible()
    opened = person.page.frames[1].evaluate("performance.timeOrigin")
    person.page.wait_for_timeout(1500)
    assert person.page.frames[1].evaluate("performance.timeOrigin") == opened
    assert heard(person.page, "onError")[-1] == {"code": "token_refused"}
    person.errors.clear()  # the browser reports the 401


def test_the_platform_hears_of_an_import_that_failed_and_of_pages_that_cannot_be_reached(embed, platform):
    person, inside = embed()
    broken = {"name": "clients.xlsx", "mimeType": "application/zip", "buffer": b"PK\x03\x04" + bytes(400)}
    inside.locator("input[type=file]").set_input_files(broken)
    eventually(lambda: heard(person.page, "onFailed"), 15, "the platform hears of the failure")
    (job,) = person.client.get("/jobs")["items"]
    assert heard(person.page, "onFailed") == [{"job": job["id"], "code": job["reason"]["code"]}]
    person.page.clock.install()
    person.page.route("**/embed*", lambda route: route.abort())
    person, _ = embed(person, wait=False)
    assert heard(person.page, "onError") == []
    person.page.clock.fast_forward(20_000)
    assert heard(person.page, "onError") == [{"code": "not_reachable"}]
    person.errors.clear()  # the browser reports the request that was cut


def test_a_page_of_a_stranger_cannot_embed_and_gets_no_message(embed, platform):
    person, _ = embed(address=platform.stranger, wait=False)
    person.page.evaluate("addEventListener('message', ({ data }) => heard.push(['message', data]))")
    person.page.wait_for_timeout(1500)
    assert person.page.evaluate("heard") == []
    assert [frame.url for frame in person.page.frames[1:]] == ["chrome-error://chromewebdata/"]
    assert any("frame-ancestors" in error for error in person.errors)
    person.errors.clear()


def test_messages_of_others_are_ignored_on_both_sides(wizard, platform, system):
    person, stranger = wizard(), wizard()
    page = person.page
    page.goto(platform.url)
    page.evaluate("""() => {
      window.heard = [];
      const onImported = (value) => heard.push(value);
      Carryover.open({ getToken: () => new Promise((go) => { window.give = go; }), onImported, onClosed: onImported });
    }""")
    eventually(lambda: page.evaluate("'give' in window"), 10, "the iframe waits for its token")
    with page.expect_popup() as window:
        page.evaluate("url => void window.open(url)", platform.stranger)
    window.value.evaluate(
        """token => {
      for (const to of [opener, opener.frames[0]]) {
        to.postMessage({ carryover: 1, type: "token", token }, "*");
        to.postMessage({ carryover: 1, type: "imported", job: "0", result: { rows_loaded: 9 } }, "*");
        to.postMessage({ carryover: 1, type: "closed" }, "*");
        to.postMessage(null, "*");
      }
    }""",
        stranger.bearer,
    )
    page.evaluate(
        "url => [2, '1', {}, null].map((carryover) => frames[0].postMessage({ carryover, type: 'token' }, url))",
        system.url,
    )
    page.wait_for_timeout(500)
    assert page.evaluate("heard") == []
    page.evaluate("token => give(token)", person.bearer)
    inside = page.frame_locator("iframe")
    expect(inside.locator("#upload")).to_be_visible()
    page.frames[1].wait_for_load_state()
    inside.locator("input[type=file]").set_input_files(FILE)
    inside.get_by_role("link", name="Continue to accounts").wait_for()
    assert len(person.client.get("/jobs")["items"]) == 1
    assert stranger.client.get("/jobs")["items"] == []


def test_where_no_cookie_is_kept_a_tab_opens_with_the_ordinary_sign_in(embed, wizard):
    person = wizard()

    def without_cookies(route):
        answer = route.fetch()
        headers = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
        route.fulfill(response=answer, headers=headers)

    person.page.route("**/embed/signin", without_cookies)
    person, inside = embed(person, wait=False, kind="contacts")
    expect(inside.get_by_role("alert")).to_contain_text("no cookies for Carryover")
    person.picture("no-cookies")
    assert [error["code"] for error in heard(person.page, "onError")] == ["no_cookies"]
    with person.page.context.expect_page() as tab:
        inside.get_by_role("button", name="Open in a new tab").click()
    expect(tab.value.locator("#upload")).to_be_visible()
    assert tab.value.locator("#kind").input_value() == "contacts"
    assert "eyJ" not in tab.value.url
    assert tab.value.evaluate("window.opener") is None
    person.errors.clear()  # the browser reports the 401


THEME = {
    "accent": "#FFD400",
    "background": "#101820",
    "text": "#fff",
    "radius": 0,
    "font": "DejaVu Serif, serif",
}
HOSTILE = {
    "accent": "red; } body { display: none",
    "background": "url(https://evil.example/x)",
    "radius": "calc(1px)",
    "font": 'x"; } * { color: red',
    "dark": "</style><script>alert(1)</script>",
}


def style(inside, selector, name):
    return inside.locator(selector).first.evaluate("(one, name) => getComputedStyle(one)[name]", name)


def test_the_theme_is_seen_on_every_page_and_a_hostile_one_changes_nothing(embed):
    person, inside = embed(theme=THEME)
    for link in ("Webhooks", None):
        assert style(inside, "body", "backgroundColor") == "rgb(16, 24, 32)"
        assert style(inside, ".button.main", "backgroundColor") == "rgb(255, 212, 0)"
        assert style(inside, ".button.main", "color") == "rgb(0, 0, 0)"
        assert style(inside, ".button.main", "borderRadius") == "0px"
        assert "DejaVu Serif" in style(inside, "body", "fontFamily")
        person.picture("theme")
        if link:
            inside.get_by_role("link", name=link).click()
            expect(inside.locator("h1")).to_have_text(link)
    person, inside = embed(person, theme=HOSTILE, dark_browser=True)
    assert style(inside, "body", "backgroundColor") == "rgb(245, 246, 244)"
    assert style(inside, ".button.main", "backgroundColor") == "rgb(15, 107, 92)"
    errors = heard(person.page, "onError")
    assert errors == [{"code": "theme_refused", "values": list(HOSTILE)}]


def test_the_dialog_is_used_with_the_keyboard_on_a_phone_and_gives_the_focus_back(embed, wizard, platform):
    person = wizard(phone=True, locale="fr")
    page = person.page
    page.set_viewport_size({"width": 375, "height": 700})
    platform.firm = person.client.firm
    page.goto(platform.url)
    page.locator("#import").focus()
    page.evaluate(OPEN, {"language": "fr"})
    inside = page.frame_locator("iframe")
    expect(inside.locator("h1")).to_have_text("Importer une liste de clients")
    expect(page.get_by_role("dialog", name="Importer une liste de clients")).to_be_visible()
    expect(page.get_by_role("button", name="Fermer")).to_be_focused()
    assert inside.locator("html").evaluate("page => page.scrollWidth <= page.clientWidth")
    assert page.locator("iframe").evaluate("frame => frame.clientWidth") == 375
    person.picture("phone")
    for _ in range(40):  # the page behind the dialog is never reached
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") != "import"
    inside.locator("#kind").focus()
    page.keyboard.press("Escape")
    expect(page.locator("iframe")).to_have_count(1)  # Escape belongs to the field
    inside.get_by_role("link", name="Excel").first.focus()
    page.keyboard.press("Escape")
    expect(page.locator("iframe")).to_have_count(0)
    expect(page.locator("#import")).to_be_focused()
    assert page.evaluate("heard") == [["onClosed", None]]


def test_the_example_of_the_guide_works_and_a_target_gets_as_high_as_the_page(embed, wizard, platform):
    person = wizard()
    page = person.page
    platform.firm = person.client.firm
    page.goto(platform.url)
    page.locator("#import").click()
    expect(page.frame_locator("iframe").locator("#upload")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("iframe")).to_have_count(0)
    page.evaluate("""() => { window.first = Carryover.open(
      { token: fetch("/carryover-token").then((answer) => answer.text()), target: "#outcome", language: "nl" }); }""")
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("Een klantenlijst importeren")
    page.evaluate("first.close()")
    person, inside = embed(person, target="#outcome")
    height = inside.locator("body").evaluate("body => Math.ceil(body.getBoundingClientRect().height)")
    expect(page.locator("iframe")).to_have_js_property("offsetHeight", height)
    assert page.get_by_role("dialog").count() == 0
    page.evaluate("carryover.close(), carryover.close()")
    assert page.evaluate("heard") == [["onClosed", None]]
