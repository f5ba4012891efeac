// What every page does by itself, before Gradio builds it: what is asked for is answered, in the order it was asked in.
//
// Gradio's client (6.31) hears answers on a stream that the server ends when all is answered. What is asked for in that very
// moment is answered to nobody, and a button seems dead. And an answer that comes before the client knows what it answers is
// shown before older ones, so a list shows what was searched for first. Here the client is given one stream that never ends;
// the server's are heard behind it, as long as something is awaited.
(() => {
  const ask = window.fetch;
  const awaited = new Set(); // what the server was asked for and has not answered
  let turn = Promise.resolve(); // over when all that was asked so far is known to the client by its id
  let client = null; // what the client hears, and how it asks for it
  let listening = false;

  const soon = () => new Promise((done) => setTimeout(done));

  // Two requests at once may overtake each other, and "undo" would take back something else.
  const join = (asked) => {
    const answer = turn.then(async () => {
      const response = await ask(...asked);
      const text = await response.text();
      if (response.ok) awaited.add(JSON.parse(text).event_id);
      return Object.assign(response, { text: async () => text, json: async () => JSON.parse(text) });
    });
    turn = answer.catch(() => {}).then(soon); // whoever asked is told, and then has the id
    return answer;
  };

  const tell = (out, message) => {
    if (message.includes('"msg":"close_stream"')) return;
    if (message.includes('"msg":"process_completed"')) awaited.delete(JSON.parse(message.replace(/^data:/, "")).event_id);
    out.enqueue(`${message}\n\n`);
  };

  const listen = async () => {
    if (listening || !client || !awaited.size) return;
    listening = true;
    const { out, asked } = client;
    try {
      const response = await ask(...asked);
      if (!response.ok) throw new TypeError(`Answers are not to be had: ${response.status}`);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = "", part = await reader.read(); !part.done; part = await reader.read()) {
        const messages = (rest + part.value).split("\n\n");
        rest = messages.pop();
        await turn;
        messages.forEach((message) => tell(out, message));
      }
    } catch (error) {
      out.error(error); // the client says that the connection is lost, and comes back
      if (client.out === out) client = null;
      awaited.clear();
    }
    listening = false;
    listen(); // what was asked for while the stream ended
  };

  const stream = (asked) => {
    const body = new ReadableStream({ start: (out) => { client = { out, asked }; } });
    listen();
    return new Response(body.pipeThrough(new TextEncoderStream()), { headers: { "Content-Type": "text/event-stream" } });
  };

  window.fetch = async (...asked) => {
    const url = asked[0].url ?? String(asked[0]);
    if (url.includes("/queue/data")) return stream(asked);
    if (!url.includes("/queue/join")) return ask(...asked);
    const response = await join(asked);
    listen();
    return response;
  };
})();
