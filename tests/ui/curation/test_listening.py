"""What a page asks for while it stops listening is answered all the same (page.js)."""

import pytest
from playwright.sync_api import expect

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


def test_nothing_asked_is_lost_when_the_last_word_comes_late(sign_in: SignIn) -> None:
    page = sign_in(script=LATE)
    expect(page.locator("#range")).to_contain_text("of")
    page.wait_for_function("window.late > 0")  # from now on, and for a second, the page is about to stop listening
    open_entry(page, "delivery-express")
    page.locator("#back").click()
    search(page, "return-window")
    expect(page.locator("#entries-table")).to_contain_text("return-window")
    expect(page.locator("#entries-table")).not_to_contain_text("delivery-express")
