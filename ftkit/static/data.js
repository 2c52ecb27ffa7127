// data.js: the set in two figures, examples on the left, the focused one on the right; j/k move, [ ] turn, / searches.
import { h, count, inSight, later, mark, mount, pager, refill } from "./panel.js";
import { heights } from "./numbers.js";
import { visible } from "./text.js";

const NOTES = { error: "failed", warning: "warn", note: "" };
const KEYS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

/** Where `at` goes by `by` on a page of `n` rows: a place on it, or the page to turn to. */
export function move(at, by, n) {
  const to = at + by;
  return to < 0 || to >= n ? { turn: by } : { at: to };
}

function item(row, i, uid, pick) {
  return h("div", { class: "item", role: "option", "aria-selected": false, id: `${uid}-${i}`, "data-at": i, onclick: () => pick(i) },
    h("div", { class: "line", title: "line in the file" }, row.line || row.n),
    h("div", {}, h("div", { class: "one" }, row.asks || "(no text)"),
      h("div", { class: "one muted small" }, row.says || "(no answer)"),
      row.marks.length > 0 && h("div", { class: "marks" }, row.marks.map((m) => mark(m, m.n)))));
}

function counted(checks, pick) {
  const some = checks.filter((c) => c.name), shown = some.slice(0, 10), most = Math.max(...some.map((c) => c.n), 1);
  const bar = (c) => [h("span", { class: "name" }, mark(c)), h("span", { class: "track", onclick: () => pick(c.name),
    title: `${c.check}: ${count(c.n, "row")}` }, h("i", { class: c.severity, style: `width: ${(100 * c.n) / most}%` })),
  h("span", { class: "num" }, c.n.toLocaleString("en"))];
  const rest = some.length - shown.length;
  return some.length > 0 && h("section", { "aria-label": "Rows by check" }, h("h4", {}, "rows by check"),
    h("div", { class: "counted" }, shown.map(bar)),
    rest > 0 && h("p", { class: "muted small" }, `and ${count(rest, "more check")}`));
}

function labelled(labels, pick) {
  if (!labels) return null;
  const most = Math.max(...labels.bars.map(([, n]) => n), 1);
  const bar = ([name, n], i) => {
    const on = i === labels.chosen, show = () => pick(on ? -1 : i);
    return [h("button", { class: "plain name", "aria-pressed": on, title: `${name}: ${count(n, "row")}`, onclick: show }, name || "(empty)"),
      h("span", { class: "track", onclick: show }, h("i", { class: "label", style: `width: ${(100 * n) / most}%` })),
      h("span", { class: "num" }, n.toLocaleString("en"))];
  };
  return h("section", { "aria-label": "Rows by label" }, h("h4", {}, "rows by label"),
    h("div", { class: "counted" }, labels.bars.map(bar)), labels.rest && h("p", { class: "muted small" }, labels.rest));
}

function histogram(part, o) {
  const edge = (i) => Math.round((o.top * i) / part.bars.length).toLocaleString("en");
  const upto = (i) => (i < part.bars.length - 1 ? `–${edge(i + 1)}` : " or more");
  const bar = (to, i) => h("span", { title: `${edge(i)}${upto(i)} characters: ${count(part.bars[i], "row")}` },
    h("i", { style: `height: ${to}%` }));
  return h("section", { "aria-label": `Length of what is ${part.name}` }, h("h4", {}, `length ${part.name}`),
    h("div", { class: "bars", role: "img",
      "aria-label": `Half of them have ${count(part.median, "character")} or more` },
      heights(part.bars).map(bar)),
    h("div", { class: "row small muted" }, h("span", { class: "grow" }, "0"),
      h("span", {}, `${o.top.toLocaleString("en")} characters or more`)),
    h("p", { class: "small muted" }, `median ${part.median.toLocaleString("en")}`,
      o.rows < o.of && ` of ${o.rows.toLocaleString("en")} rows spread over all`));
}

function figures(m, pick, label) {
  const hists = (m.lengths?.parts ?? []).map((part) => histogram(part, m.lengths));
  const parts = [counted(m.checks, pick), labelled(m.labels, label), ...hists].filter(Boolean);
  return parts.length > 0 && h("div", { class: "figures" }, parts);
}

function detail(row, whole, other) {
  const facts = [row.line && `line ${row.line}`, row.label && `label ${row.label}`, `id ${visible(row.id)}`].filter(Boolean);
  return [
    h("p", { class: "muted small", style: "margin-bottom: 12px" }, facts.join(" · ")),
    row.issues.length > 0 && h("div", { style: "margin-bottom: 16px" }, row.issues.map((o) =>
      h("div", { class: "issue" }, mark(o), h("span", {}, o.message, o.partner && other &&
        h("button", { class: "plain", onclick: () => other(o.partner) }, "Show it"))))),
    ...row.turns.map((t) => turnOf(t, whole)),
  ];
}

function turnOf(t, whole) {
  const json = t.parts[0]?.[0].startsWith("{") ? "mono" : "", marked = t.parts.some(([, sev]) => sev);
  const piece = ([text, sev]) => (sev ? h("mark", { class: sev }, text) : text);
  const says = h("div", { class: `says ${json}` }, t.parts.map(piece),
    !t.parts.length && h("span", { class: "muted" }, "(empty)"),
    t.more > 0 && (whole ? h("button", { class: "plain", onclick: whole }, `… ${count(t.more, "more character")}`)
      : h("span", { class: "muted" }, ` … ${count(t.more, "more character")}`)));
  const look = t.role === "assistant" ? "turn assistant" : "turn";
  if (t.role !== "system") return h("div", { class: look }, h("h4", {}, t.role), says);
  const head = h("summary", {}, h("h4", { class: "inline" }, t.role)); // folded: the same in many rows
  return h("details", { class: "turn", open: marked }, head, says);
}

/** What holds for the whole set: notes, findings about all of it, and the rows that could not be read. */
function notes(m) {
  const row = (d) => h("tr", {}, h("td", { class: "num" }, d.line), h("td", {}, d.reason), h("td", { class: "mono" }, d.text));
  const dropped = m.dropped.length > 0 && h("details", { style: "margin-bottom: 12px" }, h("summary", {}, m.lost),
    h("table", {}, h("tbody", {}, m.dropped.map(row))));
  return [...m.notes.map((o) => h("p", { class: "muted small" }, o)),
    ...m.whole.map((o) => h("div", { class: `note ${NOTES[o.severity]}` }, h("b", {}, o.check), ` ${o.message}`)),
    m.rest && h("p", { class: "muted small" }, m.rest), dropped].filter(Boolean);
}

class Data {
  constructor({ model, el }) {
    Object.assign(this, { el, p: mount({ model, el }, "Examples"), list: [], at: 0 });
    this.uid = `ft-${Math.random().toString(36).slice(2)}`;
    this.frame();
    this.keys = (e) => this.press(e);
    el.addEventListener("keydown", this.keys);
    this.p.hear({ head: (m) => this.head(m), page: (m) => this.page(m), other: (m) => this.other(m), row: (m) => this.row(m) });
  }
  frame() {
    const label = (o) => ({ "aria-label": o });
    [this.top, this.figs] = [h("div"), h("div")];
    this.chips = h("div", { class: "row", style: "flex: 1 1 20em", role: "group", ...label("Filter by check") });
    this.search = h("input", { type: "search", placeholder: "Search  /", ...label("Search the text"),
      oninput: later(() => this.p.ask({ kind: "search", text: this.search.value })),
      onkeydown: (e) => { if (e.key === "Escape" || e.key === "Enter") this.rows.focus(); } });
    this.rows = h("div", { class: "list", role: "listbox", tabindex: 0, ...label("Examples") });
    this.side = h("div", { class: "detail", tabindex: 0, role: "group", "aria-live": "polite", ...label("The chosen example") });
    this.sides = h("div", { class: "sides" }, this.rows, this.side);
    this.foot = h("div", { style: "padding-top: 8px; border-top: 1px solid var(--ft-border)" });
    this.order = h("button", { class: "chip", onclick: () => this.turnOrder(),
      title: "Rows with the most severe findings first; otherwise in file order" }, "worst first");
    const bar = { class: "row", style: "margin-bottom: 12px; align-items: flex-start" };
    this.p.body.append(this.top, this.figs, h("div", bar, this.chips, this.order, this.search),
      this.sides, this.foot);
  }

  // ---- what the reader does
  turn(by, last = false) { this.p.ask({ kind: "turn", by, last }); }
  turnOrder() { this.p.ask({ kind: "order", order: this.order.ariaPressed === "true" ? "file" : "worst" }); }
  pick(i) {
    this.at = i;
    [...this.rows.children].forEach((o, j) => o.setAttribute?.("aria-selected", i === j));
    inSight(this.rows, this.rows.children[i]);
    this.rows.setAttribute("aria-activedescendant", this.list[i] ? `${this.uid}-${i}` : "");
    const row = this.list[i], whole = () => this.p.ask({ kind: "whole", id: row.id });
    const other = (id) => this.p.ask({ kind: "other", id });
    this.side.replaceChildren(...(row ? detail(row, whole, other).filter(Boolean) : []));
    this.side.scrollTop = 0;
  }
  choose(i) { // by hand: what is read of it comes into sight, too
    this.pick(i);
    this.sides.scrollIntoView({ block: "nearest" });
  }
  press(e) {
    if (e.target === this.search || e.ctrlKey || e.metaKey || e.altKey || !this.el.contains(e.target)) return;
    if (KEYS[e.key]) {
      const to = move(this.at, KEYS[e.key], this.list.length);
      if (to.turn) this.turn(to.turn, to.turn < 0); else this.choose(to.at);
    } else if (e.key === "[" || e.key === "]") this.turn(e.key === "]" ? 1 : -1);
    else if (e.key === "/") this.search.focus();
    else return;
    e.preventDefault();
    e.stopPropagation();
  }

  // ---- what python says
  head(m) {
    const only = (name) => this.p.ask({ kind: "filter", check: name === m.check ? "" : name });
    const chip = (c) => h("button", { class: "chip", "aria-pressed": c.name === m.check, title: c.says || null,
      onclick: () => only(c.name) },
      c.name ? mark(c) : "all", h("span", { class: "n" }, c.n.toLocaleString("en")));
    this.p.state(m.look, m.word, m.place);
    this.order.setAttribute("aria-pressed", m.order === "worst");
    this.order.hidden = m.checks.length === 0;
    this.top.replaceChildren(...notes(m));
    refill(this.figs, figures(m, only, (at) => this.p.ask({ kind: "label", at })));
    refill(this.chips, m.checks.map(chip));
  }
  page(m) {
    const same = this.list.length === m.rows.length && this.list.every((r, i) => r.id === m.rows[i].id);
    this.list = m.rows;
    this.rows.replaceChildren(...m.rows.map((r, i) => item(r, i, this.uid, (j) => { this.choose(j); this.rows.focus({ preventScroll: true }); })));
    if (!m.rows.length) this.rows.append(h("div", { class: "empty", role: "option", "aria-disabled": true, "aria-selected": false }, m.empty));
    refill(this.foot, pager(m, (by) => this.turn(by)));
    this.pick(same ? this.at : Math.max(0, Math.min(m.at, m.rows.length - 1)));
  }
  other(m) {
    this.side.querySelector(".partner")?.remove();
    this.side.append(h("section", { class: "partner", "aria-label": "The other row" },
      h("h4", {}, "the other row"), detail(m.row)));
    this.side.querySelector(".partner").scrollIntoView({ block: "nearest" });
  }
  row(m) {
    this.list = this.list.map((r) => (r.id === m.row.id ? m.row : r));
    if (this.list[this.at]?.id === m.row.id) this.pick(this.at);
  }
  close() {
    this.el.removeEventListener("keydown", this.keys);
    this.p.close();
  }
}

function render(context) {
  const data = new Data(context);
  return () => data.close();
}
export default { render };
