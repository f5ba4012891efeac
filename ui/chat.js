// What the page does by itself in the browser, once, after Gradio has built it.
() => {
  const isPhone = () => matchMedia("(max-width: 768px)").matches;
  const toggle = document.querySelector(".sidebar .toggle-button");
  const isOpen = () => toggle.parentElement.classList.contains("open");

  document.documentElement.lang = navigator.languages.find((tag) => /^(en|zh)/i.test(tag)) ?? "en";

  // On a phone the conversations cover the page: they open on demand and close after a choice.
  if (!isPhone() && !isOpen()) toggle.click();
  toggle.parentElement.addEventListener("click", (event) => {
    if (isPhone() && isOpen() && event.target.closest("#conversations input, #new-chat")) toggle.click();
  });

  // Screen readers hear when the line below the newest reply changes, and what its buttons are about.
  const settled = document.querySelector("#settled");
  settled.setAttribute("role", "group");
  settled.setAttribute("aria-labelledby", "settled-text");
  settled.setAttribute("aria-live", "polite");
  // What it needs of the page's height the conversation loses at its top, and not the end of the reply.
  new ResizeObserver(() => document.querySelector("#chat .bubble-wrap").scrollTo({ top: 1e9 })).observe(settled);

  // Gradio labels each message with its HTML, which screen readers would read out.
  const unlabel = () => document.querySelectorAll("#chat [data-testid][aria-label]").forEach((e) => e.removeAttribute("aria-label"));
  new MutationObserver(unlabel).observe(document.querySelector("#chat"), {
    subtree: true,
    childList: true,
    attributeFilter: ["aria-label"],
  });
}
