/** What the customer sees: a button, and the conversation that it opens. */

import { h, icon, reconcile } from "./dom.js";
import { sheet } from "./style.js";
import { items } from "./timeline.js";

const PHONE = matchMedia("(max-width: 640px)");
const CHAT = "M4 4h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H9l-5 4v-4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z";
const CLOSE = "M6 9l6 6 6-6";
const NEW = "M12 5v14M5 12h14";
const PERSON = "M12 12a4 4 0 1 0-4-4 4 4 0 0 0 4 4zM4 20a8 8 0 0 1 16 0";
const SEND = "M5 12h14M13 6l6 6-6 6";

export class View {
  /**
   * @param {ShadowRoot} root where it goes
   * @param {Session} session what it shows
   * @param {function(boolean)} toggle called when the customer opens or closes it
   */
  constructor(root, session, toggle) {
    this.session = session;
    this.toggle = toggle;
    root.adoptedStyleSheets = [sheet];
    this.count = h("span", { class: "count", hidden: true });
    this.launcher = h("button", { class: "launcher", part: "launcher", onclick: () => toggle(true), "aria-haspopup": "dialog" }, icon(CHAT), this.count);
    this.title = h("h2", { id: "title" });
    this.person = this.#button(PERSON, () => session.requestPerson());
    this.anew = this.#button(NEW, () => session.forget());
    this.close = this.#button(CLOSE, () => toggle(false));
    this.log = h("div", { class: "log", role: "log", tabindex: "0" });
    this.alert = h("p", { class: "alert", role: "alert" });
    this.box = h("textarea", { rows: "1", maxlength: "2000", onkeydown: (event) => this.#onKey(event), oninput: () => this.#grow() });
    this.send = h("button", { class: "send", type: "submit" }, icon(SEND));
    const form = h("form", { onsubmit: (event) => this.#onSubmit(event) }, this.box, this.send);
    const head = h("header", {}, this.title, this.person, this.anew, this.close);
    this.panel = h("dialog", { class: "panel", part: "panel", "aria-labelledby": "title" }, head, this.log, this.alert, form);
    this.panel.addEventListener("cancel", (event) => { event.preventDefault(); toggle(false); });
    this.panel.addEventListener("keydown", (event) => event.key === "Escape" && toggle(false));
    this.region = h("section", {}, this.panel, this.launcher);
    root.append(this.region);
    this.launcher.hidden = true;
    PHONE.addEventListener("change", () => this.panel.open && this.#show());
  }

  /** Show or hide the conversation; the focus moves along if the customer asked for it now, and not on the page before. */
  setOpen(isOpen, isAsked = true) {
    if (isOpen === this.panel.open) return;
    this.session.setOpen(isOpen);
    if (!isOpen) this.panel.close();
    else if (isAsked) this.#show();
    else this.panel.setAttribute("open", ""); // `show` would take the focus
    this.render();
    if (isOpen) this.log.scrollTop = this.log.scrollHeight;
    if (isAsked) (isOpen ? this.box : this.launcher).focus();
  }

  render() {
    const { session } = this;
    if (!session.shop) return;
    const { texts, name, language } = session.shop;
    this.panel.lang = this.launcher.lang = language;
    this.title.textContent = name;
    this.region.setAttribute("aria-label", texts.title);
    this.#name(this.launcher, session.unread ? `${texts.open_chat} (${session.unread})` : texts.open_chat);
    this.#name(this.person, texts.person);
    this.#name(this.anew, texts.new_chat);
    this.#name(this.close, texts.minimise);
    this.#name(this.send, texts.send);
    this.#name(this.log, texts.conversation);
    this.box.placeholder = texts.placeholder;
    this.box.setAttribute("aria-label", texts.message);
    this.launcher.hidden = session.isOpen;
    this.count.hidden = !session.unread;
    this.count.textContent = session.unread;
    this.person.disabled = ["queued", "human"].includes(session.conversation?.state);
    this.anew.disabled = !session.messages.length && !session.pending;
    this.send.disabled = Boolean(session.pending && !session.pending.problem);
    this.alert.textContent = session.problem;
    this.log.setAttribute("aria-busy", String(this.send.disabled)); // a reply is read out when it is whole
    const wasAtEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    const focused = this.panel.getRootNode().activeElement;
    reconcile(this.log, items(session));
    if (focused && !focused.isConnected && session.isOpen) this.box.focus();
    if (wasAtEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  #show() {
    if (this.panel.open) this.panel.close();
    if (PHONE.matches) this.panel.showModal();
    else this.panel.show();
  }

  #onKey(event) {
    // Enter that ends a Chinese word is not meant for us.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) this.#onSubmit(event);
  }

  async #onSubmit(event) {
    event.preventDefault();
    const text = this.box.value.trim();
    if (!text || this.send.disabled) return;
    this.box.value = "";
    this.#grow();
    this.log.scrollTop = this.log.scrollHeight;
    if (!(await this.session.send(text)) && !this.box.value) this.box.value = text;
  }

  #grow() {
    this.box.rows = Math.min(5, Math.max(1, this.box.value.split("\n").length));
  }

  #button(path, onclick) {
    return h("button", { class: "icon", type: "button", onclick }, icon(path));
  }

  #name(element, text) {
    element.setAttribute("aria-label", text);
    if (element.localName === "button") element.title = text;
  }
}
