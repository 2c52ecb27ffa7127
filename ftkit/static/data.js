// data.js: examples on the left, the focused one on the right; j/k move, [ ] turn the page, / searches.
import { h, count, later, mark, mount, pager, refill } from "./panel.js";

const NOTES = { error: "failed", warning: "warn", note: "" };
const KEYS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

/** Where `at` goes by `by` on a page of `n` rows: a place on it, or the page to turn to. */
export function move(at, by, n) {
  const to = at + by;
  return to < 0 || to >= n ? { turn: by } : { at: to };
}

function item(row, i, on, pick) {
  return h("div", { class: "item", role: "option", "aria-selected": on, "data-at": i, onclick: () => pick(i) },
    h("div", { class: "line", title: "line in the file" }, row.line || row.n),
    h("div", {}, h("div", { class: "one" }, row.asks || "(no text)"),
      h("div", { class: "one muted small" }, row.says || "(no answer)"),
      row.marks.length > 0 && h("div", { class: "marks" }, row.marks.map((m) => mark(m, m.n)))));
}

function detail(row, whole) {
  const facts = [row.line && `line ${row.line}`, row.label && `label ${row.label}`, `id ${row.id}`].filter(Boolean);
  return [
    h("p", { class: "muted small", style: "margin-bottom: 12px" }, facts.join(" · ")),
    row.issues.length > 0 && h("div", { style: "margin-bottom: 16px" }, row.issues.map((o) =>
      h("div", { class: "issue" }, mark(o), h("span", {}, o.message)))),
    ...row.turns.map((t) => turnOf(t, whole)),
  ];
}

function turnOf(t, whole) {
  const json = t.parts[0]?.[0].startsWith("{") ? "mono" : "", marked = t.parts.some(([, sev]) => sev);
  const piece = ([text, sev]) => (sev ? h("mark", { class: sev }, text) : text);
  const says = h("div", { class: `says ${json}` }, t.parts.map(piece),
    !t.parts.length && h("span", { class: "muted" }, "(empty)"),
    t.more > 0 && h("button", { class: "plain", onclick: whole }, `… ${count(t.more, "more character")}`));
  const look = t.role === "assistant" ? "turn assistant" : "turn";
  if (t.role !== "system") return h("div", { class: look }, h("h4", {}, t.role), says);
  const head = h("summary", {}, h("h4", { class: "inline" }, t.role)); // folded: the same in many rows
  return h("details", { class: "turn", open: marked }, head, says);
}

function render({ model, el }) {
  const p = mount({ model, el }, "Examples");
  const top = h("div"), chips = h("div", { class: "row grow", role: "group", "aria-label": "Filter by check" });
  const search = h("input", { type: "search", placeholder: "Search  /", "aria-label": "Search the text" });
  const list = h("div", { class: "list", role: "listbox", tabindex: 0, "aria-label": "Examples" });
  const side = h("div", { class: "detail", tabindex: 0, "aria-label": "The chosen example", "aria-live": "polite" });
  const foot = h("div", { style: "padding-top: 8px; border-top: 1px solid var(--ft-border)" });
  let rows = [], at = 0;
  p.body.append(top, h("div", { class: "row", style: "margin-bottom: 12px; align-items: flex-start" }, chips, search),
    h("div", { class: "sides" }, list, side), foot);

  const turn = (by, last = false) => p.ask({ kind: "turn", by, last });
  const pick = (i) => {
    at = i;
    [...list.children].forEach((o, j) => o.setAttribute?.("aria-selected", i === j));
    list.children[i]?.scrollIntoView({ block: "nearest" });
    const row = rows[at];
    side.replaceChildren(...(row ? detail(row, () => p.ask({ kind: "whole", id: row.id })).filter(Boolean) : []));
    side.scrollTop = 0;
  };
  search.oninput = later(() => p.ask({ kind: "search", text: search.value }));
  search.onkeydown = (e) => { if (e.key === "Escape" || e.key === "Enter") list.focus(); };
  const keys = (e) => {
    if (e.target === search || e.ctrlKey || e.metaKey || e.altKey || !el.contains(e.target)) return;
    if (KEYS[e.key]) {
      const to = move(at, KEYS[e.key], rows.length);
      if (to.turn) turn(to.turn, to.turn < 0); else pick(to.at);
    } else if (e.key === "[" || e.key === "]") turn(e.key === "]" ? 1 : -1);
    else if (e.key === "/") search.focus();
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  el.addEventListener("keydown", keys);

  p.hear({
    head: (m) => {
      p.state(m.look, m.word, m.place);
      top.replaceChildren(...m.whole.map((o) => h("div", { class: `note ${NOTES[o.severity]}` },
        h("b", {}, o.check), ` ${o.message}`)), m.dropped.length > 0 && h("details", { style: "margin-bottom: 12px" },
        h("summary", {}, m.lost), h("table", {}, h("tbody", {}, m.dropped.map((d) => h("tr", {},
          h("td", { class: "num" }, d.line), h("td", {}, d.reason), h("td", { class: "mono" }, d.text)))))) || "");
      refill(chips, m.checks.map((c) => h("button", { class: "chip", "aria-pressed": c.check === m.check,
        onclick: () => p.ask({ kind: "filter", check: c.check === m.check ? "" : c.check }) },
      c.check ? mark(c) : "all", h("span", { class: "n" }, c.n.toLocaleString("en")))));
    },
    page: (m) => {
      const same = rows.length === m.rows.length && rows.every((r, i) => r.id === m.rows[i].id);
      rows = m.rows;
      list.replaceChildren(...rows.map((r, i) => item(r, i, false, (j) => { pick(j); list.focus(); })));
      if (!rows.length) list.append(h("div", { class: "empty" }, m.empty));
      refill(foot, pager(m, (by) => turn(by)));
      pick(same ? at : Math.max(0, Math.min(m.at, rows.length - 1)));
    },
    row: (m) => { rows = rows.map((r) => (r.id === m.row.id ? m.row : r)); if (rows[at]?.id === m.row.id) pick(at); },
  });
  return () => { el.removeEventListener("keydown", keys); p.close(); };
}
export default { render };
