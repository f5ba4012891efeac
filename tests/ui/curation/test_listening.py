"""Everything a page asks for is answered, and what it asked for last is what it shows (page.js)."""

import time
from typing import Any

import pytest
from playwright.sync_api import expect

from knowledge_base.curation.listing import EntryList
from tests.ui.curation.curating import open_entry, search
from tests.ui.staffing import SignIn

pytestmark = pytest.mark.browser

# The moment between the server's last word and the page's hearing it is a few milliseconds; here it is one second.
LATE = """
const ask = window.fetch;
window.late = 0;
window.fetch = async (...asked) => {
  const response = await ask(...asked);
  if (!(asked[0].url ?? String(asked[0])).includes("/queue/data")) return response;
  const split = new TransformStream({ async transform(text, out) {
    for (const message of text.split(/(?<=\\n\\n)/)) {
      if (message.includes('"close_stream"')) {
        window.late += 1;
        await new Promise((done) => setTimeout(done, 1000));
      }
      out.enqueue(message);
    }
  } });
  const body = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(split).pipeThrough(new TextEncoderStream());
  return new Response(body, response);
};
"""
# What a busy page finds when it has time again: the list of all and that of a search, and only then that it searched.
TOGETHER = """
const ask = window.fetch;
let answers = 0, release;
window.together = new Promise((done) => { release = done; });
setTimeout(release, 10_000); // an answer that another stream brought
const later = window.setTimeout;
window.setTimeout = (done, ms, ...rest) => later(done, ms || 100, ...rest);
window.fetch = async (...asked) => {
  const response = await ask(...asked);
  const url = asked[0].url ?? String(asked[0]);
  if (url.includes("/queue/join") && String(asked[1].body).includes('"delivery-express"')) {
    const text = await response.text();
    await window.together;
    return new Response(text, response);
  }
  if (!url.includes("/queue/data")) return response;
  let kept = "";
  const gather = new TransformStream({ transform(text, out) {
    kept += text;
    answers += text.split('"process_completed"').length - 1;
    if (answers === 3) return;
    out.enqueue(kept);
    kept = "";
    if (answers === 4) later(release, 20);
  }, flush(out) { out.enqueue(kept); } });
  const body = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(gather).pipeThrough(new TextEncoderStream());
  return new Response(body, response);
};
"""


def test_nothing_asked_is_lost_when_the_last_word_comes_late(sign_in: SignIn) -> None:
    page = sign_in(script=LATE)
    expect(page.locator("#range")).to_contain_text("of")
    page.wait_for_function("window.late > 0")  # from now on, and for a second, the page is about to stop listening
    open_entry(page, "delivery-express")
    page.locator("#back").click()
    search(page, "return-window")
    expect(page.locator("#entries-table")).to_contain_text("return-window")
    expect(page.locator("#entries-table")).not_to_contain_text("delivery-express")


def test_what_was_asked_for_first_is_not_shown_after_what_was_asked_for_last(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    page_of = EntryList.page

    def slow_page(*asked: Any) -> Any:
        time.sleep(1)
        return page_of(*asked)

    monkeypatch.setattr(EntryList, "page", slow_page)
    page = sign_in(script=TOGETHER)
    search(page, "delivery-express")  # while the page still waits for the list of all
    page.evaluate("window.together")
    expect(page.locator("#entries-table")).to_contain_text("delivery-express")
    page.wait_for_timeout(500)  # an older answer would come now
    expect(page.locator("#entries-table tbody tr")).to_have_count(1)
