// row.js: the tokens of one row, turn by turn.
import { count, h } from "../panel.js";

const ROLES = ["system", "user", "assistant", "tool"];
const HINT = "Point at a token, or move with the arrow keys.";

/** What is said of a token when it is pointed at or has the focus. */
export function told([id, text, learn, , special], place, role, max) {
  const fate = place >= max ? "beyond the cut" : learn ? "learned" : "read only";
  return `token ${(place + 1).toLocaleString("en")} · id ${id} · ${role || "template"} · ${fate}` +
    `${special ? " · control token" : ""} · ${text.slice(0, 80)}`;
}

/** Tokens in turns: `[[role, [[token, place], …]], …]`. */
export function turnsOf(tokens, start) {
  const out = [];
  tokens.forEach((t, i) => {
    if (out.at(-1)?.[0] !== t[3]) out.push([t[3], []]);
    out.at(-1)[1].push([t, start + i]);
  });
  return out;
}

/** Where a key goes from token `i` of `n`; null if nowhere. */
export function step(key, i, n) {
  const to = { ArrowRight: i + 1, ArrowDown: i + 10, ArrowLeft: i - 1, ArrowUp: i - 10, Home: 0, End: n - 1 }[key];
  return i < 0 || to === undefined ? null : Math.min(n - 1, Math.max(0, to));
}

/** What the colours mean. */
export function legend() {
  const sample = (cls, word) => h("span", {}, h("span", { class: `tok ${cls}` }, "word"), ` ${word}`);
  return h("div", { class: "legend small muted", "aria-hidden": "true" }, sample("learned", "learned"),
    sample("", "read only"), sample("special", "control token"), sample("beyond", "beyond the cut"),
    ROLES.map((o) => h("span", { class: `who ${o}` }, o)));
}

/** What is known of a row, in a line. */
function about(o) {
  if (!o.of) return "";
  return [count(o.n, "token"), `${o.learned.toLocaleString("en")} learned`, o.how && `mask: ${o.how}`, ...o.found]
    .filter(Boolean).join(" · ");
}

export class Row {
  constructor(ask) {
    Object.assign(this, { ask, row: { at: 0, of: 0 }, m: 2048 });
    this.about = h("p", { class: "small muted" });
    this.why = h("div");
    this.tip = h("p", { class: "small mono tip", "aria-live": "polite" }, HINT);
    this.parts = h("div", { class: "row small" });
    this.box = h("div", { class: "tokens", role: "listbox", onkeydown: (e) => this.key(e),
      "aria-label": "Tokens of the row; arrow keys move from one to the next" });
    const pointed = (e) => { if (e.target.dataset.at) this.point(Number(e.target.dataset.at)); };
    for (const k of ["mouseover", "focusin"]) this.box.addEventListener(k, pointed);
  }
  get tokens() { return [...this.box.querySelectorAll(".tok")]; }
  point(place) {
    const t = this.row.tokens[place - this.row.start];
    this.tip.textContent = told(t, place, this.row.roles[t[3]], this.m);
  }
  cut(m) { // the cut line, and what is greyed beyond it
    this.m = m;
    this.box.querySelector(".cut")?.remove();
    for (const o of this.tokens) o.classList.toggle("beyond", Number(o.dataset.at) >= m);
    const first = this.tokens.find((o) => Number(o.dataset.at) >= m);
    first?.before(h("span", { class: "cut", "aria-hidden": true }, // each token says it
      `✂ max_length: ${count(this.row.n - m, "token")} beyond train nothing`));
  }
  key(e) {
    const all = this.tokens, i = all.indexOf(e.target), to = step(e.key, i, all.length);
    if (to === null || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    all[i].tabIndex = -1;
    all[to].tabIndex = 0;
    all[to].focus();
  }
  token([t, place]) {
    const { roles, start } = this.row, role = roles[t[3]], learned = t[2] ? "learned" : "read only";
    const o = h("span", { class: `tok${t[2] ? " learned" : ""}${t[4] ? " special" : ""}`,
      role: "option", tabindex: place === start ? 0 : -1, "data-at": place, "aria-selected": "false",
      "aria-label": told(t, place, role, Infinity), title: `${t[0]} · ${role || "template"} · ${learned}` }, t[1]);
    return t[5] ? [o, h("br")] : o;
  }
  turn(role, part) {
    return h("div", { class: `turn ${ROLES.includes(role) ? role : "template"}`, role: "group",
      "aria-label": role || "template" }, h("h4", { "aria-hidden": true }, role || "template"), h("div", {}, part.map((o) => this.token(o))));
  }
  more({ start, n }) { // of a long row one part is here
    const end = start + this.row.tokens.length;
    const part = (to, word) => h("button", { class: "plain", onclick: () => this.ask({ kind: "part", start: to }) }, word);
    return [start > 0 && part(Math.max(0, start - 1000), "‹ tokens before"),
      end < n && part(end, `${count(n - end, "more token")} ›`)].filter(Boolean);
  }
  show(o, m) {
    const focus = this.box.contains(document.activeElement);
    this.row = { tokens: [], roles: [], ...o };
    this.about.textContent = about(o);
    this.why.replaceChildren(o.refused ? h("div", { class: "note failed" }, o.refused) : "");
    const turns = turnsOf(this.row.tokens, o.start).map(([r, part]) => this.turn(this.row.roles[r], part));
    this.box.replaceChildren(...turns);
    if (focus) this.tokens[0]?.focus();
    this.parts.replaceChildren(...this.more(o));
    this.tip.textContent = HINT;
    this.cut(m);
  }
}
