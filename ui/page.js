// What every page does by itself, before Gradio builds it.
//
// Gradio's page stops listening when all that it asked for is answered. What it asks for in that very moment is answered to
// nobody, and a button seems dead (Gradio 6.31: its client closes the stream whatever is still awaited). The answer waits on
// the server for a page that listens again: this has it listen.
(() => {
  const SOON_MS = 300;
  const ask = window.fetch;
  const awaited = new Set(), answered = new Set();
  let streams = 0;

  // Each is woken for once: what a server that was restarted has forgotten never comes.
  const wake = () => {
    if (!awaited.size || streams) return;
    awaited.clear();
    document.querySelector("#listen")?.click();
  };

  const note = async (response) => {
    const id = (await response.json()).event_id;
    if (id && !answered.delete(id)) awaited.add(id);
  };

  const hear = (message) => {
    if (!message.includes('"process_completed"')) return;
    const { msg, event_id: id } = JSON.parse(message.replace(/^data:/, ""));
    if (msg === "process_completed" && !awaited.delete(id)) answered.add(id);
  };

  const listen = async (response) => {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    streams += 1;
    try {
      for (let rest = "", part = await reader.read(); !part.done; part = await reader.read()) {
        const messages = (rest + part.value).split("\n\n");
        rest = messages.pop();
        messages.forEach(hear);
      }
    } catch (error) {
      if (error.name !== "AbortError" && error.name !== "TypeError") throw error; // left by the page, or cut off
    } finally {
      streams -= 1;
      setTimeout(wake, SOON_MS);
    }
  };

  // What is asked first arrives first: two requests at once may overtake each other, and "undo" would take back something else.
  let turn = Promise.resolve();
  const inTurn = (asked) => {
    const mine = turn.then(() => ask(...asked));
    turn = mine.catch(() => {}); // whoever asked is told
    return mine;
  };

  window.fetch = async (...asked) => {
    const url = asked[0].url ?? String(asked[0]);
    const joins = url.includes("/queue/join");
    const response = await (joins ? inTurn(asked) : ask(...asked));
    if (response.ok && joins) note(response.clone());
    if (response.ok && url.includes("/queue/data")) listen(response.clone());
    return response;
  };
})();
