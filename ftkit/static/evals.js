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

const names = (...all) => h("thead", {}, h("tr", {}, all.map((n) => h("th", { scope: "col" }, n))));
const small = (text) => text && h("span", { class: "muted small" }, `  ${text}`);

function sum(o) {
  return h("tr", {}, h("td", {}, o.name, small(o.sub)), h("td", {}, rate(o.base, "base")), h("td", {}, rate(o.tuned, "tuned")),
    h("td", {}, o.difference ? [h("b", {}, o.difference[0]), small(o.difference[1])] : "–"));
}

function line(r, open) {
  const cell = (text, right) => h("td", {}, h("div", { class: "clip" }, text), right && verdicts(right));
  return h("tr", { tabindex: 0, onclick: () => open(r), onkeydown: (e) => { if (e.key === "Enter") open(r); } },
    cell(r.message), cell(r.reference), cell(r.base.text, r.base.right), cell(r.tuned.text, r.tuned.right));
}

/** One row with all that was answered to it. */
function whole(r, shut) {
  const side = (name, text, right) => h("div", { class: "turn" }, h("h4", {}, name),
    h("div", { class: "says" }, text || "(empty)"), right && verdicts(right));
  const close = h("button", { class: "plain", "aria-label": "Close", onclick: shut }, "×");
  const title = h("h4", { class: "grow" }, r.line ? `line ${r.line}` : `id ${r.id}`);
  return [h("div", { class: "row", style: "margin-top: 16px" }, title, close), side("message", r.message),
    h("div", { class: "three" }, side("reference", r.reference), side("base", r.base.text, r.base.right),
      side("tuned", r.tuned.text, r.tuned.right))];
}

class Evals {
  constructor({ model, el }) {
    this.p = mount({ model, el }, "Base against tuned");
    [this.sums, this.rows, this.foot, this.below] = ["tbody", "tbody", "div", "div"].map((o) => h(o));
    this.filters = h("div", { class: "row grow", role: "group", "aria-label": "Which rows" });
    this.chosen = h("div", { class: "stack", "aria-live": "polite" });
    this.empty = h("div", { class: "empty", hidden: true });
    this.table = h("table", {}, names("", "Base", "Tuned", "Difference, points"), this.sums);
    const answers = h("table", { class: "answers" }, names("Message", "Reference", "Base", "Tuned"), this.rows);
    this.below.append(h("div", { class: "row", style: "margin: 24px 0 8px" }, this.filters, this.foot),
      h("div", { class: "scroll" }, answers), this.chosen);
    this.p.body.append(h("div", { class: "scroll open" }, this.table), this.empty, this.below);
    this.p.hear({ summary: (m) => this.summary(m), page: (m) => this.page(m) });
  }
  open(r) {
    this.chosen.replaceChildren(...whole(r, () => this.chosen.replaceChildren()));
    this.chosen.scrollIntoView({ block: "nearest" });
  }
  summary(m) {
    this.p.state(m.look, m.word, m.place);
    this.table.hidden = this.below.hidden = !m.lines.length;
    this.empty.hidden = Boolean(m.lines.length);
    this.empty.textContent = m.empty;
    this.sums.replaceChildren(...m.lines.map(sum));
  }
  page(m) {
    const chip = (f) => h("button", { class: "chip", "aria-pressed": f.name === m.which,
      onclick: () => this.p.ask({ kind: "filter", which: f.name }) }, f.name, h("span", { class: "n" }, f.n));
    refill(this.filters, m.filters.map(chip));
    refill(this.foot, pager(m, (by) => this.p.ask({ kind: "turn", by })));
    this.rows.replaceChildren(...m.rows.map((r) => line(r, (o) => this.open(o))));
    this.chosen.replaceChildren();
  }
}

function render(context) {
  const evals = new Evals(context);
  return evals.p.close;
}
export default { render };
