/** A conversation as a list: messages with their replies, and between them what people said and who answered. */

import { fill, h, icon, rendered } from "./dom.js";

const QUIET = ["queued", "resolution"]; // the reply says the one, the line below it the other
const UP = "M7 11v9H4v-9zM7 11l4-8a2 2 0 0 1 2 2v4h6l-2 11H7";
const DOWN = "M17 13V4h3v9zM17 13l-4 8a2 2 0 0 1-2-2v-4H5l2-11h10";

/** The items for `reconcile`. */
export function items(session) {
  const { messages, pending } = session;
  const shown = [];
  if (!messages.length && !pending) shown.push(welcome(session));
  const events = session.events.filter((event) => !QUIET.includes(event.kind));
  for (const message of messages) {
    while (events.length && Date.parse(events[0].at) < Date.parse(message.created_at)) shown.push(happening(session, events.shift()));
    const name = message.key ?? message.id;
    shown.push({ key: `said ${name}`, state: message.text, make: () => said(message.text) });
    if (message.reply?.route === "person") continue; // the person answers
    shown.push(answer(session, message, name));
    if (message.reply) shown.push(thumbs(session, message, name));
  }
  shown.push(...events.map((event) => happening(session, event)));
  if (pending) shown.push(...waiting(session, pending));
  else shown.push(...choices(session), ...asked(session));
  return shown;
}

function welcome(session) {
  const { texts, greeting, examples } = session.shop;
  const make = () =>
    h("div", { class: "welcome" }, h("h3", {}, texts.welcome), h("p", {}, greeting), buttons(examples, (text) => session.send(text)));
  return { key: "welcome", state: session.shop, make };
}

function said(text) {
  return h("p", { class: "said" }, text);
}

function answer(session, { reply }, name) {
  const { texts } = session.shop;
  const awaited = !reply && session.awaited;
  const make = () => {
    if (awaited) return writing(texts);
    if (!reply) return h("p", { class: "reply problem" }, texts.unanswered);
    const sources = reply.sources.map((one) => source(texts, one, reply));
    return h("div", { class: "reply answer", lang: reply.language }, rendered(reply.html ?? "", { class: "text" }), sources);
  };
  return { key: `reply ${name}`, state: [reply, awaited], make };
}

function source(texts, { id, title, version }, reply) {
  return h(
    "details",
    {},
    h("summary", {}, fill(texts.source, { title })),
    h("p", {}, reply.composed ? texts.composed : texts.verbatim),
    h("p", {}, fill(texts.article, { id, version })),
  );
}

function thumbs(session, message, name) {
  const { texts } = session.shop;
  const thumb = (value, label, path) => {
    const onclick = () => session.rate(message, message.feedback === value ? null : value);
    return h("button", { class: "icon", type: "button", onclick, value, "aria-label": label, title: label }, icon(path));
  };
  const make = () => h("div", { class: "thumbs" }, thumb("up", texts.helpful, UP), thumb("down", texts.not_helpful, DOWN));
  // Pressed in place: a button that somebody stands on stays.
  const update = (element) => [...element.children].forEach((one) => one.setAttribute("aria-pressed", String(one.value === message.feedback)));
  return { key: `thumbs ${name}`, state: null, make, update };
}

/** What may be asked next. */
function choices(session) {
  const last = session.messages.at(-1);
  const texts = last?.reply?.suggestions ?? [];
  if (!texts.length) return [];
  return [{ key: `choices ${last.id}`, state: texts, make: () => buttons(texts, (text) => session.send(text)) }];
}

function happening(session, event) {
  const { texts } = session.shop;
  const make = () =>
    event.kind === "message"
      ? h("div", { class: "reply person" }, h("strong", {}, event.author), h("p", {}, event.text))
      : h("p", { class: "notice" }, fill(texts[`event_${event.kind}`] ?? "", { person: event.author }));
  return { key: `event ${event.id}`, state: event, make };
}

/** The message that waits for its reply, and what is there of it. */
function waiting(session, pending) {
  const { texts } = session.shop;
  const reply = () => {
    if (pending.problem) {
      const again = h("button", { type: "button", class: "choice", onclick: () => session.retry() }, texts.retry);
      return h("div", { role: "alert" }, h("p", { class: "reply problem" }, pending.problem), h("div", { class: "choices" }, again));
    }
    return pending.html ? h("div", { class: "reply" }, rendered(pending.html, { class: "text" })) : writing(texts);
  };
  return [
    { key: `said ${pending.key}`, state: pending.text, make: () => said(pending.text) },
    { key: `reply ${pending.key}`, state: [pending.html, pending.problem], make: reply },
  ];
}

function writing(texts) {
  return h("p", { class: "reply writing" }, h("i"), h("i"), h("i"), h("span", { class: "unseen" }, texts.typing));
}

/** Below the newest answer: whether that was it, and how to be reached. */
function asked(session) {
  const { conversation, messages, events, shop } = session;
  const { texts, reach } = shop;
  const found = [];
  const last = messages.at(-1);
  const later = events.filter((event) => last && Date.parse(event.at) >= Date.parse(last.created_at));
  const answers = last?.reply && (last.reply.route === "answer" || last.reply.looked_up);
  if (conversation?.state === "bot" && answers && later.every((event) => event.kind === "resolution")) {
    found.push(settled(session, later.at(-1)?.text ?? "", texts, reach));
  }
  if (conversation?.contact_wanted) found.push(contact(session, texts));
  return found;
}

function settled(session, stands, texts, reach) {
  const press = (label, value) => h("button", { type: "button", class: "choice", onclick: () => session.resolve(value) }, label);
  const make = () => {
    const told = { yes: texts.settled_thanks, no: reach }[stands] ?? texts.settled;
    const person = h("button", { type: "button", class: "choice", onclick: () => session.requestPerson() }, texts.person);
    const choices = stands ? [stands === "no" && person, press(texts.settled_undo, null)] : [press(texts.settled_yes, true), press(texts.settled_no, false)];
    return h("div", { class: "asked" }, h("p", {}, told), h("div", { class: "choices" }, choices));
  };
  return { key: "settled", state: [session.messages.at(-1).id, stands], make };
}

function contact(session, texts) {
  const make = () => {
    const details = h("input", { id: "contact", type: "text", maxlength: "500", required: true, autocomplete: "email" });
    const onsubmit = (event) => {
      event.preventDefault();
      session.leaveContact(details.value);
    };
    const leave = h("button", { class: "choice" }, texts.contact_send);
    return h("form", { class: "asked", onsubmit }, h("label", { for: "contact" }, texts.contact), details, h("div", { class: "choices" }, leave));
  };
  return { key: "contact", state: session.conversation.id, make };
}

function buttons(texts, choose) {
  return texts.length > 0 && h("div", { class: "choices" }, texts.map((text) => h("button", { type: "button", class: "choice", onclick: () => choose(text) }, text)));
}
