/**
 * Frontdesk's HTTP API in JavaScript, for pages and for servers (Node 20 or newer). It needs nothing else.
 *
 *     import { Frontdesk } from "https://desk.example/clients/frontdesk-client.js";
 *
 *     const desk = new Frontdesk("https://desk.example", { site: "shop" });      // on one of the portal's pages
 *     const desk = new Frontdesk("https://desk.example", { key: KEY });          // on the portal's server
 *     const customer = desk.customer(await desk.newCustomer());                  // or a token that the portal signed
 *     const { id } = await customer.begin();
 *     const message = await customer.send(id, "How long does delivery take?");
 *     console.log(message.reply.text, message.reply.sources);
 */

/** What was refused or failed. `status` is 0 where no answer came; `retryAfter` is in seconds, where the service names it. */
export class FrontdeskError extends Error {
  constructor(status, detail, retryAfter = null) {
    super(detail);
    this.name = "FrontdeskError";
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The service, called by a portal: by `key` from its server, by `site` from its pages. */
export class Frontdesk {
  constructor(url, { key = null, site = null } = {}) {
    this.url = String(url).replace(/\/+$/, "");
    this.headers = key ? { Authorization: `Bearer ${key}` } : { "X-Site": site };
  }

  /** The token of a new anonymous customer; whoever keeps it reads their conversations. */
  async newCustomer() {
    return (await this.json("POST", "/v1/customers")).token;
  }

  /** A customer, by their token. */
  customer(token) {
    return new Customer(this, token);
  }

  /** Entries that may answer a question, best first. */
  search(question, limit = 5) {
    return this.json("GET", `/v1/faq/search?${new URLSearchParams({ q: question, limit })}`);
  }

  /** What a request gives as JSON; null where it gives nothing. */
  async json(method, path, options = {}) {
    const response = await this.fetch(method, path, options);
    return response.status === 204 ? null : response.json();
  }

  /** The response to a request, if it was taken. `body` is sent as JSON, `key` as `Idempotency-Key`. */
  async fetch(method, path, { body, key, token, headers, signal } = {}) {
    const sent = { ...this.headers, ...headers };
    if (token) sent["X-Customer-Token"] = token;
    if (key) sent["Idempotency-Key"] = key;
    if (body !== undefined) sent["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(this.url + path, { method, headers: sent, body: body && JSON.stringify(body), signal });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new FrontdeskError(0, `The service cannot be reached: ${error.message}`);
    }
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    const wait = response.headers.get("Retry-After");
    throw new FrontdeskError(response.status, problem.detail || response.statusText, wait === null ? null : Number(wait));
  }
}

/** A customer's conversations. */
export class Customer {
  constructor(desk, token) {
    this.desk = desk;
    this.token = token;
  }

  /** Begin a conversation. */
  begin(key = newKey()) {
    return this.#json("POST", "", { key });
  }

  /** A conversation, with who is answering. */
  conversation(id) {
    return this.#json("GET", `/${id}`);
  }

  /** The customer's conversations, newest first. */
  conversations() {
    return this.#pages("");
  }

  /** A conversation's messages with their replies, oldest first. */
  messages(id) {
    return this.#pages(`/${id}/messages`);
  }

  /** Send a message; gives it with its reply. The same `key` again gives the same answer. */
  send(id, text, key = newKey()) {
    return this.#json("POST", `/${id}/messages`, { body: { text }, key });
  }

  /** Send a message, and get its reply as it is written: `{piece: {text, html}}`, at last `{message}`. */
  async *stream(id, text, { key = newKey(), signal } = {}) {
    const response = await this.#fetch("POST", `/${id}/messages`, { body: { text, stream: true }, key, signal });
    for await (const event of eventsOf(response)) {
      if (event.name === "problem") throw new FrontdeskError(event.data.status, event.data.detail);
      yield { [event.name]: event.data };
      if (event.name === "message") return;
    }
    throw new FrontdeskError(0, "The reply broke off. Send the message again with the same key.");
  }

  /** Say whether a reply helped: "up", "down", or null to take it back. */
  rate(id, message, value) {
    return this.#json("PUT", `/${id}/messages/${message}/feedback`, { body: { value } });
  }

  /** Say whether the last answer settled it: true, false, or null to take it back. */
  resolve(id, resolved) {
    return this.#json("POST", `/${id}/resolution`, { body: { resolved } });
  }

  /** Ask for a person. */
  handOver(id, key = newKey()) {
    return this.#json("POST", `/${id}/hand-over`, { key });
  }

  /** Leave contact details, while the conversation waits for a person. */
  leaveContact(id, details) {
    return this.#json("PUT", `/${id}/contact`, { body: { details } });
  }

  /** What people said and who answered since the event with this id, oldest first. */
  events(id, after = 0) {
    return this.#json("GET", `/${id}/events?after=${after}`);
  }

  /** The same as it happens, until the connection ends. */
  async *follow(id, after = 0, signal = undefined) {
    const response = await this.#fetch("GET", `/${id}/events/stream?after=${after}`, { signal });
    for await (const event of eventsOf(response)) yield event.data;
  }

  /** Everything that is kept about the customer. */
  export() {
    return this.desk.json("GET", "/v1/customers/me", { token: this.token });
  }

  /** Erase it, for good. */
  erase() {
    return this.desk.json("DELETE", "/v1/customers/me", { token: this.token });
  }

  async *#pages(path) {
    for (let cursor = ""; cursor !== null; ) {
      const page = await this.#json("GET", `${path}?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      yield* page.items;
      cursor = page.next_cursor;
    }
  }

  #json(method, path, options = {}) {
    return this.desk.json(method, `/v1/conversations${path}`, { ...options, token: this.token });
  }

  #fetch(method, path, options) {
    return this.desk.fetch(method, `/v1/conversations${path}`, { ...options, token: this.token });
  }
}

/** A key that no other request has. (`crypto.randomUUID` is there on secure pages only.) */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The server-sent events of a response: `{name, data}`, the data read as JSON. */
async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const events = (waiting + value).split("\n\n");
      waiting = events.pop();
      for (const text of events) {
        const fields = text.split("\n").map((line) => line.split(/: ?(.*)/s));
        const data = fields.filter(([name]) => name === "data").map(([, line]) => line);
        const named = fields.findLast(([name]) => name === "event");
        if (data.length) yield { name: named ? named[1] : "message", data: JSON.parse(data.join("\n")) };
      }
    }
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new FrontdeskError(0, `The connection broke off: ${error.message}`);
  } finally {
    reader.cancel().catch(() => {}); // who looks no further needs no more of it
  }
}
