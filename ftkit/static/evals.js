// evals.js: base and tuned side by side: rates with their 95 % intervals, then the rows behind them.
import { h, mount, pager, refill } from "./panel.js";

/** A rate's bar and whisker in per cent of the width, kept inside it. */
export function spans({ rate, low, high }) {
  const pc = (x) => Math.min(100, Math.max(0, 100 * x));
  return { bar: pc(rate), from: pc(low), width: pc(high) - pc(low) };
}

function rate(r, model) {
  if (!r) return h("span", { class: "muted" }, "–");
  const s = spans(r);
  const title = `${r.k} of ${r.n}; 95 % interval ${r.span}`;
  return h("div", { class: "rate", title }, h("span", { class: "num" }, r.text),
    h("div", { class: `whisk ${model}`, role: "img", "aria-label": `${r.text}, 95 % interval ${r.span}` },
      h("i", { style: `width: ${s.bar}%` }), h("b", { style: `left: ${s.from}%; width: ${s.width}%` })));
}

const verdicts = (right) => h("div", { class: "verdicts" }, Object.entries(right ?? {}).map(([name, ok]) =>
  h("span", { class: ok ? "right" : "wrong" }, `${ok ? "✓" : "✗"} ${name}`)));

function render({ model, el }) {
  const p = mount({ model, el }, "Base against tuned");
  const sums = h("tbody"), filters = h("div", { class: "row grow", role: "group", "aria-label": "Which rows" });
  const rows = h("tbody"), foot = h("div"), below = h("div");
  const chosen = h("div", { class: "stack", "aria-live": "polite" });
  const empty = h("div", { class: "empty", hidden: true });
  const head = (...names) => h("thead", {}, h("tr", {}, names.map((n) => h("th", { scope: "col" }, n))));
  below.append(h("div", { class: "row", style: "margin: 24px 0 8px" }, filters, foot), h("div", { class: "scroll" },
    h("table", { class: "answers" }, head("Message", "Reference", "Base", "Tuned"), rows)), chosen);
  const table = h("table", {}, head("", "Base", "Tuned", "Difference, points"), sums);
  p.body.append(h("div", { class: "scroll open" }, table), empty, below);
  const open = (r) => {
    const side = (name, text, right) => h("div", { class: "turn" }, h("h4", {}, name),
      h("div", { class: "says" }, text || "(empty)"), right && verdicts(right));
    const close = h("button", { class: "plain", "aria-label": "Close", onclick: () => chosen.replaceChildren() }, "×");
    const title = h("h4", { class: "grow" }, r.line ? `line ${r.line}` : `id ${r.id}`);
    chosen.replaceChildren(h("div", { class: "row", style: "margin-top: 16px" }, title, close),
      side("message", r.message),
      h("div", { class: "three" }, side("reference", r.reference), side("base", r.base.text, r.base.right),
        side("tuned", r.tuned.text, r.tuned.right)));
    chosen.scrollIntoView({ block: "nearest" });
  };
  p.hear({
    summary: (m) => {
      p.state(m.look, m.word, m.place);
      table.hidden = below.hidden = !m.lines.length;
      empty.hidden = Boolean(m.lines.length);
      empty.textContent = m.empty;
      const small = (text) => text && h("span", { class: "muted small" }, `  ${text}`);
      sums.replaceChildren(...m.lines.map((o) => h("tr", {}, h("td", {}, o.name, small(o.sub)),
        h("td", {}, rate(o.base, "base")), h("td", {}, rate(o.tuned, "tuned")),
        h("td", {}, o.difference ? [h("b", {}, o.difference[0]), small(o.difference[1])] : "–"))));
    },
    page: (m) => {
      refill(filters, m.filters.map((f) => h("button", { class: "chip", "aria-pressed": f.name === m.which,
        onclick: () => p.ask({ kind: "filter", which: f.name }) }, f.name, h("span", { class: "n" }, f.n))));
      refill(foot, pager(m, (by) => p.ask({ kind: "turn", by })));
      const cell = (text, right) => h("td", {}, h("div", { class: "clip" }, text), right && verdicts(right));
      rows.replaceChildren(...m.rows.map((r) => h("tr", { tabindex: 0, onclick: () => open(r),
        onkeydown: (e) => { if (e.key === "Enter") open(r); } },
      cell(r.message), cell(r.reference), cell(r.base.text, r.base.right),
      cell(r.tuned.text, r.tuned.right))));
      chosen.replaceChildren();
    },
  });
  return p.close;
}
export default { render };
