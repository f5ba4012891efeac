// One message at a time, decided with one key: a decision is an event, and the next message stands there at once.
const KEYS = { a: "accept", enter: "accept", q: "no_question", s: "skip", arrowright: "skip", u: "undo" };
const FIELDS = { c: "#review-search input", n: "#new-intent-name :is(input, textarea)" };
const TYPING = "input, textarea, select, [contenteditable], [role=listbox]";
const gone = new Set(); // decided here, which the server may not know yet

const cards = () => [...element.querySelectorAll("[data-item]")];
const shown = () => cards().find((card) => !gone.has(card.dataset.item));
const read = () => { const card = shown(); if (card) card.querySelector("[tabindex]").focus(); };
const button = (decision) => element.querySelector(`[data-decision="${decision}"]`);

const show = () => {
  const card = shown();
  const id = card ? card.dataset.item : "";
  cards().forEach((one) => { one.hidden = one !== card; });
  element.querySelectorAll("[data-words]").forEach((words) => { words.hidden = words.dataset.words !== id; });
  element.querySelectorAll("[data-wait]").forEach((wait) => { wait.hidden = Boolean(card); });
  element.querySelectorAll("[data-decision]:not([data-decision=undo])").forEach((one) => { one.disabled = !card; });
  if (card && button("accept")) button("accept").disabled = !("accept" in card.dataset);
  const before = props.value;
  if (before !== id) props.value = id;
  const focused = document.activeElement;
  if (element.contains(focused) && focused.closest("[hidden]")) read(); // the message moved to another element
  return Boolean(before) && before !== id;
};

const decide = (decision, label) => {
  const card = shown();
  if (!card) return;
  gone.add(card.dataset.item);
  trigger("decide", { item: Number(card.dataset.item), decision, label });
  show();
  read();
};

const onKey = (event) => {
  if (!element.isConnected) { document.removeEventListener("keydown", onKey); return; }
  const key = event.key.toLowerCase();
  const at = event.target;
  if (key === "escape" && at.closest(Object.values(FIELDS).join())) at.blur();
  if (element.offsetParent === null || event.repeat || event.isComposing || at.closest(TYPING)) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (["enter", "arrowright"].includes(key) && at.closest("button, a, summary")) return; // these have a use for it themselves
  const card = shown();
  const pressed = KEYS[key] ? button(KEYS[key]) : /^[1-9]$/.test(key) && card && card.querySelectorAll("[data-label]")[key - 1];
  const field = FIELDS[key] && document.querySelector(FIELDS[key]);
  if (pressed) pressed.click();
  if (field) field.focus();
  if (pressed || field) event.preventDefault();
};

element.addEventListener("click", (event) => {
  const one = event.target.closest("[data-decision], [data-label]");
  if (!one) return;
  if (one.dataset.decision === "undo") trigger("undo", {});
  else if (one.dataset.label) decide("correct", one.dataset.label);
  else decide(one.dataset.decision, "");
});
document.addEventListener("keydown", onKey);

watch("stamp", () => { gone.delete(props.back); if (show()) read(); });
watch(["cards", "actions", "words"], show);
show();
