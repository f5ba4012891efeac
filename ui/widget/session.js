/** A customer's conversation as this browser has it: kept across pages, taken up again after an interruption. */

import { Frontdesk, FrontdeskError, newKey } from "../clients/frontdesk-client.js";
import { Identity } from "./identity.js";
import { kept } from "./kept.js";

const TRIES = 6; // of a message, before the customer is asked
const LONGEST_WAIT_S = 30;
const PATIENCE_MS = 60_000; // after which a reply that is written elsewhere will not come

const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));
const passes = (error) => error instanceof FrontdeskError && [0, 409, 429, 502, 503, 504].includes(error.status);

export class Session {
  /**
   * @param {string} server where the service is
   * @param {string} site the portal's id
   * @param {?string} identity a URL of the portal that vouches for who is signed in there
   * @param {string} language as `Accept-Language` has it
   */
  constructor(server, site, identity, language) {
    this.desk = new Frontdesk(server, { site });
    this.language = language;
    this.kept = kept(localStorage, `frontdesk ${server} ${site}`);
    this.identity = new Identity(this.desk, identity, this.kept, () => this.#clear());
    this.page = kept(sessionStorage, `frontdesk ${server} ${site}`); // {open}
    this.shop = null; // names and texts
    this.conversation = null;
    this.messages = [];
    this.events = [];
    this.pending = null; // what was written last, until its reply is there: {text, html, problem, key}
    this.problem = ""; // why the last thing was not done
    this.isOpen = false;
    this.unread = 0;
    this.onchange = () => {};
    addEventListener("online", () => this.#follow(true));
    document.addEventListener("visibilitychange", () => this.#follow(true));
  }

  /** Get the texts, and the conversation that was going on; it is tried until it works. */
  async start() {
    for (let tried = 0; !this.shop; tried++) {
      try {
        if (this.identity.url) await this.identity.require(); // an anonymous customer is one once they write
        if (this.kept.get("conversation")) await this.#load(this.kept.get("conversation"));
        this.shop = await this.desk.json("GET", `/v1/widget?${new URLSearchParams({ language: this.language })}`);
      } catch (error) {
        console.warn(`Frontdesk: ${error.message}`);
        if (!passes(error)) return;
        await this.#wait(error, tried);
      }
    }
    this.onchange();
    this.#follow();
  }

  /** Listen no longer: the element left the page. */
  stop() {
    this.following?.abort();
  }

  setOpen(isOpen) {
    this.isOpen = isOpen;
    if (isOpen) this.unread = 0;
    this.page.set({ open: isOpen });
    this.#follow();
  }

  /**
   * Send a message. Where it cannot be sent it is kept, with what is wrong, and sent before the next one.
   *
   * @return {Promise<boolean>} whether it was taken: one that was written before it comes first
   */
  async send(text) {
    if (this.pending?.problem) await this.retry();
    if (this.pending) return false;
    this.pending = { text, html: "", problem: "", key: newKey() };
    await this.#deliver();
    return true;
  }

  /** Send the message that could not be sent once more: with the same key, so that it arrives once. */
  async retry() {
    this.pending.problem = "";
    await this.#deliver();
  }

  requestPerson() {
    return this.#try(async () => {
      await this.#begin();
      this.messages.push(await this.identity.run((customer) => customer.handOver(this.conversation.id)));
      await this.#refresh();
      this.#follow();
    });
  }

  rate(message, value) {
    return this.#try(async () => {
      await this.identity.run((customer) => customer.rate(this.conversation.id, message.id, value));
      message.feedback = value;
    });
  }

  resolve(resolved) {
    return this.#try(async () => {
      await this.identity.run((customer) => customer.resolve(this.conversation.id, resolved));
      await this.#refresh();
    });
  }

  leaveContact(details) {
    return this.#try(async () => {
      await this.identity.run((customer) => customer.leaveContact(this.conversation.id, details));
      await this.#refresh();
    });
  }

  /** Begin anew; the conversation so far stays with the service. */
  forget() {
    this.#clear();
    this.pending = null;
    this.kept.set({ isNew: true });
    this.stop();
    this.onchange();
  }

  /** Whether the reply to the newest message is being written for another page. */
  get awaited() {
    const last = this.messages.at(-1);
    return Boolean(last && !last.reply && Date.now() - Date.parse(last.created_at) < PATIENCE_MS);
  }

  // A message's way.

  async #deliver() {
    const sent = this.pending;
    this.onchange();
    for (let tried = 0; this.pending === sent; tried++) {
      try {
        await this.identity.run(async (customer) => {
          await this.#begin();
          await this.#stream(customer, sent);
        });
        await this.#refresh();
        this.#follow();
      } catch (error) {
        if (this.pending !== sent) break; // it arrived, or another conversation was begun
        if (tried === 0 && [404, 410].includes(error.status)) {
          this.#clear(); // the service has that conversation no more
          continue;
        }
        if (passes(error) && tried + 1 < TRIES) {
          await this.#wait(error, tried);
          continue;
        }
        sent.problem = this.#told(error);
      }
      break;
    }
    this.onchange();
  }

  async #begin() {
    if (this.conversation) return;
    this.conversation = await this.identity.run((customer) => customer.begin());
    this.kept.set({ conversation: this.conversation.id, isNew: false });
  }

  async #stream(customer, sent) {
    for await (const { piece, message } of customer.stream(this.conversation.id, sent.text, { key: sent.key })) {
      if (this.pending !== sent) return;
      if (piece) sent.html = piece.html;
      if (message) {
        message.key = sent.key; // it is the message that is shown already
        this.messages.push(message);
        this.pending = null;
      }
      this.onchange();
    }
  }

  // What happened.

  /** Read the whole conversation; one that the service no longer has is forgotten. */
  async #load(id) {
    try {
      await this.identity.run(async (customer) => {
        const [conversation, messages, events] = [await customer.conversation(id), [], []];
        for await (const message of customer.messages(id)) messages.push(message);
        for (let part; !part || part.length === 100; events.push(...part)) part = await customer.events(id, events.at(-1)?.id ?? 0);
        if (this.kept.get("conversation") !== id) return; // meanwhile another one was begun
        const keys = new Map(this.messages.map((one) => [one.id, one.key]));
        messages.forEach((one) => { one.key = keys.get(one.id); });
        this.conversation = conversation;
        this.messages = withNewer(messages, this.messages);
        this.events = withNewer(events, this.events);
      });
    } catch (error) {
      if (![404, 410].includes(error.status)) throw error;
      this.#clear();
    }
  }

  async #refresh() {
    const { id } = this.conversation;
    const [conversation, events] = await this.identity.run((customer) =>
      Promise.all([customer.conversation(id), customer.events(id, this.#newest)]),
    );
    if (this.conversation?.id !== id) return;
    this.conversation = conversation;
    events.forEach((event) => this.#add(event));
  }

  #add(event) {
    if (this.events.some((one) => one.id === event.id)) return;
    this.events.push(event);
    if (event.kind === "message" && !this.isOpen) this.unread += 1;
  }

  get #newest() {
    return this.events.at(-1)?.id ?? 0;
  }

  get #isWatched() {
    if (document.visibilityState !== "visible" || !this.conversation) return false; // a browser has few connections to a server
    return this.isOpen || ["queued", "human"].includes(this.conversation.state);
  }

  /**
   * Follow what happens beside the messages while somebody may look; a broken connection is taken up where it was.
   *
   * @param {boolean} anew whether something may have been missed that is no event: what was written on another page
   */
  async #follow(anew = false) {
    if (!this.shop) return;
    this.stop();
    const { signal } = (this.following = new AbortController());
    for (let tried = 0; !signal.aborted && this.#isWatched; ) {
      try {
        if ((anew || tried || this.awaited) && !this.pending) await this.#load(this.conversation.id);
        if (signal.aborted || !this.conversation) return;
        this.onchange();
        await this.identity.run(async (customer) => {
          for await (const event of customer.follow(this.conversation.id, this.#newest, signal)) {
            tried = 0;
            this.#add(event);
            await this.#refresh();
            this.onchange();
          }
        });
        tried = 1;
        await pause(1);
      } catch (error) {
        if (signal.aborted || !passes(error)) return;
        await this.#wait(error, tried++);
      }
    }
  }

  // Throughout.

  #clear() {
    this.conversation = null;
    this.messages = [];
    this.events = [];
    this.kept.set({ conversation: null });
  }

  /** Do something, and show what became of it, or that it was not done. */
  async #try(work) {
    this.problem = "";
    try {
      await work();
    } catch (error) {
      if (!(error instanceof FrontdeskError)) throw error;
      this.problem = this.#told(error);
    }
    this.onchange();
  }

  #told(error) {
    console.warn(`Frontdesk: ${error.message}`);
    return passes(error) ? this.shop.texts.unreachable : this.shop.texts.unanswered;
  }

  #wait(error, tried) {
    return pause((error.retryAfter ?? Math.min(2 ** tried, LONGEST_WAIT_S)) * (0.75 + Math.random() / 2));
  }
}

/** What was read, and what came while it was being read. */
function withNewer(read, known) {
  const newest = read.at(-1)?.id ?? 0;
  return [...read, ...known.filter((one) => one.id > newest)];
}
