/**
 * Frontdesk in a portal's page:
 *
 *     <script type="module" src="https://desk.example/widget/frontdesk.js?site=shop"></script>
 *
 * puts <frontdesk-chat site="shop"> at the end of the page, or set it yourself:
 *
 *     <frontdesk-chat site="shop" identity="/frontdesk-token" lang="zh-CN" side="left"></frontdesk-chat>
 *
 * Attributes: `site` is the portal's id. `identity` is a URL of the portal that answers {"token": "..."} for who is signed in
 * there, and 204 for who is not. `lang` is the language; without it, it is the page's, then the browser's. `side` is "left" or
 * "right". `server` is where the service is, if it is not where this script came from. `open` opens it.
 */

import { Session } from "./session.js";
import { View } from "./view.js";

const SCRIPT = new URL(import.meta.url);

class FrontdeskChat extends HTMLElement {
  static observedAttributes = ["open"];

  connectedCallback() {
    if (this.session) return this.session.setOpen(this.session.isOpen); // it was only moved
    const server = this.getAttribute("server") || SCRIPT.origin + SCRIPT.pathname.replace(/\/widget\/[^/]*$/, "");
    this.session = new Session(server, this.getAttribute("site"), this.getAttribute("identity"), this.#language());
    if (this.session.page.get("open")) this.setAttribute("open", "");
    const view = new View(this.attachShadow({ mode: "open" }), this.session, (open) => this.toggleAttribute("open", open));
    this.session.onchange = () => view.render();
    this.session.start();
    view.setOpen(this.hasAttribute("open"), false);
    this.view = view;
  }

  disconnectedCallback() {
    this.session.stop();
  }

  attributeChangedCallback() {
    if (this.view) this.view.setOpen(this.hasAttribute("open"));
  }

  #language() {
    return this.lang || this.closest("[lang]")?.lang || navigator.languages.join(",") || "en";
  }
}

if (!customElements.get("frontdesk-chat")) {
  customElements.define("frontdesk-chat", FrontdeskChat);
  const site = SCRIPT.searchParams.get("site");
  if (site && !document.querySelector("frontdesk-chat")) {
    const chat = document.createElement("frontdesk-chat");
    for (const [name, value] of SCRIPT.searchParams) chat.setAttribute(name, value);
    if (document.body) document.body.append(chat);
    else addEventListener("DOMContentLoaded", () => document.body.append(chat));
  }
}
