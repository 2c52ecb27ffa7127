// answers.js: the answers of one run: each prompt, what the base model said, and what it says at a step.
import { h, refill } from "../panel.js";

/** The rows of the table, and the steps to choose from: `{ steps, rows: [{ prompt, base, then }, …] }`; `chosen`: null is the newest. */
export function sideBySide(run, chosen) {
  const rows = [...run.answers].sort(([a], [b]) => a - b).map(([, o]) => {
    const steps = [...o.by.keys()].filter((s) => s > 0);
    return { prompt: o.prompt, base: o.by.get(0), then: o.by.get(chosen ?? Math.max(...steps)) };
  });
  return { rows, steps: run.steps.filter((s) => s > 0) };
}

/** What may be chosen, newest first, as `[value, words]`. */
export function choices(steps) {
  const word = (s) => `step ${s.toLocaleString("en")}`, newest = steps.at(-1);
  return [["", newest ? `newest: ${word(newest)}` : "newest"], ...[...steps].reverse().map((s) => [String(s), word(s)])];
}

/** A text of a cell; a long one scrolls, also by keys. */
function text(kind, words) {
  const long = words.length > 600 && { class: `${kind} long`, tabindex: 0, role: "group", "aria-label": kind };
  return h("div", long || { class: kind }, words);
}

export class Answers {
  constructor(p, i, named) { // `named`: it is one of several
    Object.assign(this, { p, i, named, run: null, chosen: null });
    this.title = h("span", {}, "Samples");
    this.pick = h("select", { "aria-label": "Step of the answers", onchange: () => this.choose(this.pick.value) });
    this.list = h("div", { class: "scroll open" });
    this.el = h("div", { class: "samples", hidden: true }, h("h4", { class: "row" }, this.title, this.pick), this.list);
  }
  choose(value) {
    this.chosen = value === "" ? null : +value;
    const held = [...this.run.answers.values()].some((o) => o.by.has(this.chosen));
    if (this.chosen !== null && !held) this.p.ask({ kind: "answers", run: this.i, step: this.chosen });
    this.show(this.run);
  }
  whole(o) {
    const ask = () => this.p.ask({ kind: "answer", run: this.i, q: o.q, step: o.step });
    return h("button", { class: "plain", onclick: ask }, "Show all");
  }
  cell(o) {
    if (!o) return h("td", { class: "muted" }, "–");
    const how = h("div", { class: "muted small" }, o.judged, o.cut && this.whole(o));
    return h("td", {}, text("said", o.answer), how);
  }
  row({ prompt, base, then }) {
    const asked = h("td", {}, text("asked", prompt.prompt), prompt.begun && this.whole(prompt));
    return h("tr", {}, asked, this.cell(base), this.cell(then));
  }
  offer(steps) {
    const names = choices(steps), now = [...this.pick.options].map((o) => o.text);
    if (names.map(([, o]) => o).join() !== now.join())
      this.pick.replaceChildren(...names.map(([v, o]) => h("option", { value: v }, o)));
    this.pick.value = this.chosen === null ? "" : String(this.chosen);
  }
  show(run) {
    this.run = run;
    if (!run.steps.includes(this.chosen)) this.chosen = null;
    this.el.hidden = !run.answers.size;
    if (this.el.hidden) return;
    if (this.named) this.title.replaceChildren("Samples of ", h("span", { class: "as-is" }, run.story.place));
    const { rows, steps } = sideBySide(run, this.chosen);
    this.offer(steps);
    const then = this.chosen === null ? "newest" : `step ${this.chosen.toLocaleString("en")}`;
    const heads = ["asked", "base model", then].map((o) => h("th", {}, o));
    refill(this.list, h("table", { class: "fixed" }, h("thead", {}, h("tr", {}, heads)),
      h("tbody", {}, rows.map((o) => this.row(o)))),
    run.story.unshown && h("p", { class: "muted small" }, run.story.unshown));
  }
}
