// tokens.js: a set's rows as tokens, a cut to drag on the histogram of lengths, and what the doctor found.
import { h, count, later, mark, mount } from "./panel.js";

const ROLES = ["system", "user", "assistant", "tool"];
const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 8, PageDown: -8 };
const MOST = 10_000_000, HINT = "Point at a token, or move with the arrow keys.";

/** What a cut does, from the histograms: exact where `m` is a whole number of steps, else as of the step above it. */
export function tally(bins, rows, m) {
  const above = (counts) => counts.slice(Math.ceil(m / bins.step)).reduce((a, b) => a + b, 0);
  const idle = above(bins.first);
  return { max_length: m, rows, cut: above(bins.n), answers: above(bins.last) - idle, idle: idle + bins.none };
}

/** A place on the axis, 0 to 1, as a number of tokens: a whole number of steps, at least one. */
export function tokensAt(x, bins) {
  const steps = Math.max(1, bins.n.length);
  return Math.min(steps, Math.max(1, Math.round(x * steps))) * bins.step;
}

/** Where a key moves the cut; null if it does not. */
export function moved(key, m, bins) {
  const end = Math.max(1, bins.n.length) * bins.step;
  if (key === "Home") return bins.step;
  if (key === "End") return end;
  if (!(key in KEYS)) return null;
  const at = m / bins.step, by = KEYS[key];
  const to = (by > 0 ? Math.floor(at) : Math.ceil(at)) + by;
  return Math.min(Math.max(end, m), Math.max(bins.step, to * bins.step));
}

/** Bars of the histogram, no more than `most`, as shares of the tallest in percent. */
export function bars(counts, most = 60) {
  const each = Math.max(1, Math.ceil(counts.length / most)), out = [];
  for (let i = 0; i < counts.length; i += each) out.push(counts.slice(i, i + each).reduce((a, b) => a + b, 0));
  const top = Math.max(...out, 1);
  return out.map((n) => [n, n ? Math.max(3, Math.round((100 * n) / top)) : 0]);
}

/** "12 of 300 rows (4.0 %)". */
export function share(n, of) {
  return `${n.toLocaleString("en")} (${((100 * n) / Math.max(of, 1)).toFixed(1)} %)`;
}

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

function render({ model, el }) {
  const p = mount({ model, el }, "Tokens");
  const facts = h("p", { class: "small", "aria-live": "polite" });
  const field = h("input", { type: "number", min: 1, max: MOST, step: 1, "aria-label": "max_length, in tokens" });
  const chart = h("div", { class: "bars" }), line = h("div", { class: "cutline" });
  const slide = h("div", { class: "lengths", role: "slider", tabindex: 0, "aria-label": "max_length, in tokens",
    "aria-valuemin": 1, title: "Drag to move max_length; arrow keys move it by a step" }, chart, line);
  const axis = h("div", { class: "row small muted" });
  const found = h("div", { class: "found", role: "group", "aria-label": "Doctor findings" });
  const view = h("select", { "aria-label": "Which rows, in which order", onchange: () => go(0, view.value) });
  const at = h("span", { class: "small muted place", role: "status" });
  const step = (by, sign, label) => h("button", { class: "plain", "aria-label": label, title: label,
    onclick: () => go(row.at + by) }, sign);
  const back = step(-1, "‹", "Previous row (p)"), on = step(1, "›", "Next row (n)");
  const seek = (n) => p.ask({ kind: "line", line: n });
  const search = h("input", { type: "number", min: 1, placeholder: "line", "aria-label": "Go to the row of a line",
    onkeydown: (e) => { if (e.key === "Enter" && search.value > 0) seek(Math.round(Number(search.value))); } });
  const missing = h("span", { class: "small muted", role: "alert" });
  const key = h("div", { class: "legend small muted", "aria-hidden": "true" });
  const about = h("p", { class: "small muted" }), why = h("div");
  const box = h("div", { class: "tokens", role: "listbox",
    "aria-label": "Tokens of the row; arrow keys move from one to the next" });
  const tip = h("p", { class: "small mono tip", "aria-live": "polite" }, HINT);
  const parts = h("div", { class: "row small" });
  let head = null, row = { at: 0, of: 0 }, m = 2048, asked = null;

  const ask = later((to) => p.ask({ kind: "length", to }), 150);
  const go = (to, v = row.view ?? "file") => p.ask({ kind: "go", view: v, at: to });
  const say = (c) => {
    facts.replaceChildren(h("b", {}, `max_length ${c.max_length.toLocaleString("en")}`), ": ", share(c.cut, c.rows),
      ` of ${count(c.rows, "row")} cut · `, share(c.answers, c.rows), " answers cut · ", share(c.idle, c.rows),
      " train nothing");
    const end = head.bins.n.length * head.bins.step;
    line.style.left = `${100 * Math.min(1, c.max_length / Math.max(end, 1))}%`;
    for (const [k, v] of Object.entries({ valuemax: Math.max(end, c.max_length), valuenow: c.max_length, valuetext:
      facts.textContent })) slide.setAttribute(`aria-${k}`, v);
  };
  const cut = (to) => { // shown at once from the histograms, settled when python has counted
    if (!head || !(to >= 1 && to <= MOST) || to === m) return;
    m = asked = to;
    if (document.activeElement !== field) field.value = to;
    say(tally(head.bins, head.rows, to));
    mend();
    ask(to);
  };
  field.oninput = () => cut(Math.round(Number(field.value)));
  slide.onkeydown = (e) => {
    const to = head && !e.ctrlKey && !e.metaKey ? moved(e.key, m, head.bins) : null;
    if (to !== null) { e.preventDefault(); e.stopPropagation(); cut(to); }
  };
  const drag = (e) => {
    const o = slide.getBoundingClientRect();
    cut(tokensAt((e.clientX - o.left) / o.width, head.bins));
  };
  slide.onpointerdown = (e) => {
    if (!head) return;
    slide.setPointerCapture(e.pointerId);
    slide.focus();
    drag(e);
    slide.onpointermove = drag;
  };
  slide.onpointerup = slide.onpointercancel = () => { slide.onpointermove = null; };

  const tokens = () => [...box.querySelectorAll(".tok")];
  const mend = () => { // the cut line, and what is greyed beyond it
    box.querySelector(".cut")?.remove();
    for (const o of tokens()) o.classList.toggle("beyond", Number(o.dataset.at) >= m);
    const first = tokens().find((o) => Number(o.dataset.at) >= m);
    first?.before(h("span", { class: "cut", role: "separator" },
      `✂ max_length: ${count(row.n - m, "token")} beyond train nothing`));
  };
  const point = (o) => {
    const t = row.tokens[Number(o.dataset.at) - row.start];
    tip.textContent = told(t, Number(o.dataset.at), row.roles[t[3]], m);
  };
  const token = ([t, place]) => {
    const role = row.roles[t[3]], o = h("span", { class: `tok${t[2] ? " learned" : ""}${t[4] ? " special" : ""}`,
      role: "option", tabindex: place === row.start ? 0 : -1, "data-at": place, "aria-selected": "false",
      "aria-label": told(t, place, role, Infinity),
      title: `${t[0]} · ${role || "template"} · ${t[2] ? "learned" : "read only"}` }, t[1]);
    return t[5] ? [o, h("br")] : o;
  };
  const pointed = (e) => { if (e.target.dataset.at) point(e.target); };
  for (const k of ["mouseover", "focusin"]) box.addEventListener(k, pointed);
  const turn = (role, part) => h("div", { class: `turn ${ROLES.includes(role) ? role : "template"}`, role: "group",
    "aria-label": role || "template" }, h("h4", {}, role || "template"), h("div", {}, part.map(token)));
  box.onkeydown = (e) => {
    const all = tokens(), i = all.indexOf(e.target);
    const to = { ArrowRight: i + 1, ArrowDown: i + 10, ArrowLeft: i - 1, ArrowUp: i - 10, Home: 0,
      End: all.length - 1 }[e.key];
    if (i < 0 || to === undefined || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    const next = all[Math.min(all.length - 1, Math.max(0, to))];
    all[i].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  };
  el.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|SELECT)$/.test(e.target.tagName)) return;
    if (e.key === "n" && row.at + 1 < row.of) go(row.at + 1);
    if (e.key === "p" && row.at > 0) go(row.at - 1);
  });

  const sample = (cls, word) => h("span", {}, h("span", { class: `tok ${cls}` }, "word"), ` ${word}`);
  key.append(sample("learned", "learned"), sample("", "read only"), sample("special", "control token"),
    sample("beyond", "beyond the cut"), ...ROLES.map((o) => h("span", { class: `who ${o}` }, o)));
  p.body.append(facts, slide, axis, found,
    h("div", { class: "row", style: "margin: 16px 0 8px" }, h("label", { class: "row small" }, "max_length", field),
      view, back, on, at, missing, search), key, about, why, box, parts, tip);
  Object.assign(field.style, { width: "8em" });
  Object.assign(search.style, { width: "7em" });
  Object.assign(view.style, { width: "auto", maxWidth: "16em" });

  const issue = (o) => h("div", { class: "issue" }, mark(o), h("div", {}, o.message, h("div", { class: "row tight" },
    o.lines.map((n) => h("button", { class: "plain", onclick: () => seek(n) }, `line ${n}`)),
    h("button", { class: "plain", onclick: () => go(0, o.check) },
      o.n > o.lines.length ? `all ${count(o.n, "row")}` : "go through them"))));
  p.hear({
    head: (o) => {
      head = o;
      if (asked === null || asked === o.max_length) { m = o.max_length; asked = null; } // else a newer wish is coming
      if (document.activeElement !== field) field.value = m;
      p.state(o.look, o.word, o.place);
      chart.replaceChildren(...bars(o.bins.n).map(([n, to]) => h("span", { title: count(n, "row") },
        h("i", { style: `height: ${to}%` }))));
      axis.replaceChildren(h("span", { class: "grow" }, "0"),
        h("span", {}, `longest row ${count(o.bins.longest, "token")}`));
      say(m === o.max_length ? o : tally(o.bins, o.rows, m));
      found.replaceChildren(...o.findings.map(issue));
      view.replaceChildren(...o.views.map((v) => h("option", { value: v.name, selected: v.name === row.view },
        `${v.word} (${v.n.toLocaleString("en")})`)));
    },
    row: (o) => {
      const focus = box.contains(document.activeElement);
      row = { tokens: [], roles: [], ...o };
      view.value = o.view;
      missing.textContent = "";
      back.disabled = o.at <= 0;
      on.disabled = o.at + 1 >= o.of;
      at.textContent = !o.of ? "no rows"
        : `row ${(o.at + 1).toLocaleString("en")} of ${o.of.toLocaleString("en")} · line ${o.line}`;
      about.textContent = !o.of ? "" : [count(o.n, "token"), `${o.learned.toLocaleString("en")} learned`,
        o.how && `mask: ${o.how}`, ...o.found].filter(Boolean).join(" · ");
      why.replaceChildren(o.refused ? h("div", { class: "note failed" }, o.refused) : "");
      box.replaceChildren(...turnsOf(row.tokens, o.start).map(([r, part]) => turn(row.roles[r], part)));
      if (focus) tokens()[0]?.focus();
      const part = (start) => p.ask({ kind: "part", start });
      const more = (to, word) => h("button", { class: "plain", onclick: () => part(to) }, word);
      const end = o.start + row.tokens.length;
      parts.replaceChildren(...[o.start > 0 && more(Math.max(0, o.start - 1000), "‹ tokens before"),
        end < o.n && more(end, `${count(o.n - end, "more token")} ›`)].filter(Boolean));
      tip.textContent = HINT;
      mend();
    },
    missing: (o) => { missing.textContent = o.what; },
  });
  return p.close;
}
export default { render };
