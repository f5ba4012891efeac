/** Elements without a framework, and without anything that a strict Content-Security-Policy refuses. */

const SVG = "http://www.w3.org/2000/svg";
// What the service renders is safe to show; a page that wants Trusted Types is told that it is meant.
const policy = globalThis.trustedTypes?.createPolicy("frontdesk", { createHTML: (html) => html });

/** An element: `h("button", { class: "quiet", onclick: send, "aria-label": "Send" }, "Send")`. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An element that shows HTML of the service; links open beside the page. */
export function rendered(html, attributes = {}) {
  const element = h("div", attributes);
  element.innerHTML = policy ? policy.createHTML(html) : html;
  for (const link of element.querySelectorAll("a[href]")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer";
  }
  return element;
}

/** An icon of one path, 24 by 24; it says nothing to screen readers. */
export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "path"));
  svg.firstChild.setAttribute("d", path);
  return svg;
}

/** Fill the gaps of a text: `fill("Source: {title}", { title })`. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);
}

/**
 * Keep a list of elements as `items` say, `{key, state, make, update}`: what has not changed stays, so that nobody hears it twice;
 * `update` changes an element in place.
 */
export function reconcile(parent, items) {
  const there = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  items.forEach(({ key, state, make, update }, place) => {
    const told = JSON.stringify(state);
    let element = there.get(key);
    if (!element || element.told !== told) {
      const next = make();
      next.dataset.key = key;
      next.told = told;
      if (element) element.replaceWith(next);
      element = next;
    }
    update?.(element);
    there.delete(key);
    if (parent.children[place] !== element) parent.insertBefore(element, parent.children[place] ?? null);
  });
  there.forEach((child) => child.remove());
}
