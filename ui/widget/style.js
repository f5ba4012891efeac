/**
 * The widget's looks. A portal changes them by variables, in its own style sheet:
 *
 *     frontdesk-chat { --frontdesk-accent: #7c3aed; --frontdesk-font: "Inter", sans-serif; }
 *
 * A constructed style sheet is no inline style: a strict Content-Security-Policy lets it be.
 */

export const sheet = new CSSStyleSheet();

sheet.replaceSync(`
:host {
  --accent: var(--frontdesk-accent, #0f766e);
  --accent-ink: var(--frontdesk-accent-ink, #fff);
  --ink: var(--frontdesk-ink, #1a2433);
  --soft: var(--frontdesk-ink-soft, #56627a);
  --paper: var(--frontdesk-paper, #fff);
  --shade: var(--frontdesk-shade, #f1f5f8);
  --line: var(--frontdesk-line, #d5dce5);
  --alarm: var(--frontdesk-alarm, #b42318);
  --round: var(--frontdesk-radius, 16px);
  position: fixed;
  inset: auto 20px 20px auto;
  z-index: 2147483000;
  font: 15px/1.5 var(--frontdesk-font, system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif);
  color: var(--ink);
  text-align: start;
}
:host([side="left"]) { inset: auto auto 20px 20px; }
:host([hidden]) { display: none; }
@media (prefers-color-scheme: dark) {
  :host {
    --ink: var(--frontdesk-ink, #e6ebf2);
    --soft: var(--frontdesk-ink-soft, #a3aec0);
    --paper: var(--frontdesk-paper, #10161f);
    --shade: var(--frontdesk-shade, #1c2632);
    --line: var(--frontdesk-line, #364354);
    --alarm: var(--frontdesk-alarm, #fda29b);
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
button, textarea, input { font: inherit; color: inherit; }
button { cursor: pointer; }
button:disabled { cursor: default; opacity: 0.45; }
:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
svg { display: block; width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
p, h2, h3 { margin: 0; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.launcher { position: relative; display: grid; place-items: center; width: 56px; height: 56px; border: 0; border-radius: 50%; background: var(--accent); color: var(--accent-ink); box-shadow: 0 4px 16px rgb(0 0 0 / 0.25); }
.launcher svg { width: 26px; height: 26px; }
.count { position: absolute; top: -4px; right: -4px; min-width: 22px; padding: 0 6px; border-radius: 11px; background: var(--alarm); color: var(--paper); font-size: 13px; line-height: 22px; }

.panel { position: absolute; inset: auto 0 0 auto; flex-direction: column; width: min(390px, calc(100vw - 40px)); height: min(640px, calc(100dvh - 40px)); max-width: none; max-height: none; margin: 0; padding: 0; overflow: hidden; border: 1px solid var(--line); border-radius: var(--round); background: var(--paper); color: inherit; box-shadow: 0 12px 40px rgb(0 0 0 / 0.25); }
.panel[open] { display: flex; }
:host([side="left"]) .panel { inset: auto auto 0 0; }
header { display: flex; align-items: center; gap: 4px; padding: 10px 10px 10px 16px; border-bottom: 1px solid var(--line); }
h2 { flex: 1; min-width: 0; overflow: hidden; font-size: 16px; font-weight: 650; text-overflow: ellipsis; white-space: nowrap; }
.icon { display: grid; place-items: center; flex: none; width: 40px; height: 40px; border: 0; border-radius: 10px; background: none; color: var(--soft); }
.icon:hover:enabled { background: var(--shade); color: var(--ink); }
.icon[aria-pressed="true"] { background: var(--shade); color: var(--ink); }
.icon[aria-pressed="true"] svg { fill: var(--accent); }

.log { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; display: flex; flex-direction: column; gap: 10px; padding: 16px; outline-offset: -2px; }
.log > :first-child { margin-top: auto; }
.welcome { display: grid; gap: 8px; margin: auto 0; text-align: center; }
.welcome .choices { justify-content: center; }
.said, .reply { max-width: 88%; padding: 9px 13px; border-radius: var(--round); overflow-wrap: anywhere; white-space: pre-line; }
.said { align-self: flex-end; background: var(--accent); color: var(--accent-ink); border-end-end-radius: 4px; }
.reply { width: fit-content; background: var(--shade); border-end-start-radius: 4px; white-space: normal; }
.person p { white-space: pre-line; }
.person strong { color: var(--soft); font-size: 13px; }
.problem { color: var(--alarm); }
.notice { align-self: center; color: var(--soft); font-size: 14px; text-align: center; }
.text > * + * { margin-top: 8px; }
.text :is(ul, ol) { margin-bottom: 0; padding-inline-start: 22px; }
.text :is(h1, h2, h3, h4) { font-size: 15px; white-space: normal; }
.text table { border-collapse: collapse; font-size: 14px; }
.text :is(td, th) { padding: 3px 8px; border: 1px solid var(--line); }
.text pre { overflow-x: auto; }
.text a { color: inherit; }
details { margin-top: 8px; color: var(--soft); font-size: 13px; }
summary { cursor: pointer; }
.thumbs { display: flex; margin-top: 2px; }
.thumbs .icon { width: 34px; height: 34px; }
.thumbs svg { width: 17px; height: 17px; }
.choices { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 6px; }
.choice { min-height: 40px; padding: 6px 14px; border: 1px solid var(--line); border-radius: 20px; background: var(--paper); color: var(--ink); text-align: start; }
.choice:hover { border-color: var(--ink); }
.asked { font-size: 14px; color: var(--soft); }
.asked input { width: 100%; min-height: 40px; margin-top: 4px; padding: 6px 10px; border: 1px solid var(--soft); border-radius: 10px; background: var(--paper); color: var(--ink); }
.writing { display: flex; gap: 5px; padding: 15px 14px; }
.writing i { width: 7px; height: 7px; border-radius: 50%; background: var(--soft); animation: beat 1.2s infinite; }
.writing i:nth-child(2) { animation-delay: 0.15s; }
.writing i:nth-child(3) { animation-delay: 0.3s; }
@keyframes beat { 50% { opacity: 0.25; } }

.alert { padding: 0 16px; color: var(--alarm); font-size: 14px; }
.panel > form { display: flex; align-items: flex-end; gap: 8px; padding: 10px; border-top: 1px solid var(--line); }
textarea { flex: 1; min-width: 0; min-height: 44px; padding: 9px 12px; border: 1px solid var(--soft); border-radius: 12px; background: var(--paper); resize: none; }
textarea::placeholder { color: var(--soft); opacity: 1; }
.send { display: grid; place-items: center; flex: none; width: 44px; height: 44px; border: 0; border-radius: 12px; background: var(--accent); color: var(--accent-ink); }

@media (max-width: 640px) {
  .panel, :host([side="left"]) .panel { position: fixed; inset: 0; width: 100vw; height: 100dvh; border: 0; border-radius: 0; }
  textarea, .asked input { font-size: 16px; } /* below that, phones zoom in */
  .panel > form { padding-bottom: max(10px, env(safe-area-inset-bottom)); }
}
@media (prefers-reduced-motion: reduce) { .writing i { animation: none; } }
`);
