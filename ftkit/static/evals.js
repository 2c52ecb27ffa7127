// evals.js: base and tuned side by side: what counts in words, values with intervals, a picture, and the rows behind them.
import { h, mount, pager, refill } from "./panel.js";
import { metrics, names } from "./evals/metrics.js";
import { confusion, press } from "./evals/matrix.js";
import { classes, fields, lengths, recited, reliable } from "./evals/pictures.js";
import { filters, flags, line, whole } from "./evals/rows.js";

class Evals {
  constructor({ model, el }) {
    this.p = mount({ model, el }, "Base against tuned");
    this.ask = (m) => this.p.ask(m);
    [this.top, this.sums, this.matrix, this.pics, this.marks, this.choice, this.foot] = Array.from({ length: 7 }, () => h("div"));
    this.rows = h("tbody");
    this.empty = h("div", { class: "empty", hidden: true });
    this.chosen = h("div", { class: "stack", "aria-live": "polite" });
    const table = h("table", { class: "answers" }, names("Prompt", "Reference", "Base", "Tuned"), this.rows);
    const answers = h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Rows" }, table);
    this.below = h("div", { class: "evals" }, this.top, this.sums, this.matrix, this.pics, this.marks,
      h("div", { class: "row over" }, h("div", { class: "grow" }, this.choice), this.foot), answers, this.chosen);
    this.below.addEventListener("keydown", (e) => this.press(e));
    this.p.body.append(this.empty, this.below);
    this.p.hear({ summary: (m) => this.summary(m), matrix: (m) => this.confusion(m), page: (m) => this.page(m) });
  }
  press(e) { // Escape closes the row that is open, or shows all rows again
    const open = typeof this.opened === "number";
    if (e.key !== "Escape" || e.isComposing || !(open || this.narrowed)) return;
    this.ask({ kind: open ? "shut" : "clear" });
    e.preventDefault();
    e.stopPropagation();
  }
  summary(m) {
    this.head = m;
    this.p.state(m.look, m.word, m.place);
    this.below.hidden = Boolean(m.empty);
    this.empty.hidden = !m.empty;
    this.empty.textContent = m.empty;
    if (m.empty) return;
    const [first, ...rest] = m.verdict, say = (o) => h("p", { class: "small" }, o);
    this.top.replaceChildren(...m.warnings.map((o) => h("div", { class: "note warn" }, o)), h("p", { class: "first" }, first),
      ...rest.slice(0, 1).map((o) => h("p", { class: "first" }, o)), ...rest.slice(1).map(say), ...(m.why ? [say(`${m.task}: ${m.why}`)] : []));
    this.sums.replaceChildren(...metrics(m).filter(Boolean));
    const pics = [fields(m, this.ask), lengths(m), reliable(m), classes(m, m.task === "labels", this.ask), recited(m)];
    this.pics.replaceChildren(...pics.flat().filter(Boolean));
  }
  confusion(m) { refill(this.matrix, ...confusion(m, this.head.models, this.ask)); }
  page(m) {
    for (const box of [this.matrix, this.pics]) press(box, m.pick);
    for (const o of this.pics.querySelectorAll("[data-field]")) o.setAttribute("aria-pressed", o.dataset.field === m.pick.field);
    refill(this.marks, flags(m, this.head, this.ask, this.marks.querySelector("details")?.open ?? true));
    refill(this.choice, ...filters(m, this.ask));
    refill(this.foot, pager(m, (by) => this.ask({ kind: "turn", by })));
    refill(this.rows, m.rows.map((r) => line(r, this.head.task, this.ask)));
    this.narrowed = m.narrowed;
    this.open(m.open);
  }
  open(row) { // or shut the one that is open; `opened`: its number, null for none, undefined before the first page
    const was = this.opened, here = this.chosen.contains(document.activeElement);
    this.opened = row?.n ?? null;
    this.chosen.replaceChildren(...(row ? whole(row, this.head.task, this.ask) : []).flat());
    if (here) (this.chosen.querySelector("button") ?? this.rows.querySelector(`[data-n="${was}"]`))?.focus();
    if (row && was !== undefined && was !== row.n) this.chosen.scrollIntoView({ block: "nearest" });
  }
}

function render(context) {
  const evals = new Evals(context);
  return evals.p.close;
}
export default { render };
