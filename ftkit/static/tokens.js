// tokens.js: a set's rows as tokens, a cut to drag on the histogram of lengths, and what the doctor found.
import { count, h, mark, mount } from "./panel.js";
import { Lengths } from "./tokens/lengths.js";
import { legend, Row } from "./tokens/row.js";

class Tokens {
  constructor({ model, el }) {
    this.p = mount({ model, el }, "Tokens");
    this.lengths = new Lengths((to) => this.p.ask({ kind: "length", to }), (m) => this.row.cut(m));
    this.row = new Row(this.p.ask);
    this.frame();
    el.addEventListener("keydown", (e) => this.key(e));
    this.p.hear({ head: (o) => this.head(o), row: (o) => this.show(o),
      missing: (o) => { this.missing.textContent = o.what; } });
  }
  frame() {
    const step = (by, sign, label) => h("button", { class: "plain", "aria-label": label, title: label,
      onclick: () => this.go(this.row.row.at + by) }, sign);
    [this.back, this.on] = [step(-1, "‹", "Previous row (p)"), step(1, "›", "Next row (n)")];
    this.found = h("div", { class: "found", role: "group", "aria-label": "Doctor findings" });
    this.view = h("select", { "aria-label": "Which rows, in which order", onchange: () => this.go(0, this.view.value) });
    this.at = h("span", { class: "small muted place", role: "status" });
    this.missing = h("span", { class: "small muted", role: "alert" });
    const seek = (e) => { if (e.key === "Enter" && search.value > 0) this.seek(Math.round(Number(search.value))); };
    const search = h("input", { type: "number", min: 1, placeholder: "line", "aria-label": "Go to the row of a line",
      onkeydown: seek });
    const { facts, slide, axis, field } = this.lengths, { about, why, box, parts, tip } = this.row;
    Object.assign(field.style, { width: "8em" });
    Object.assign(search.style, { width: "7em" });
    Object.assign(this.view.style, { width: "auto", maxWidth: "16em" });
    const bar = h("div", { class: "row", style: "margin: 16px 0 8px" }, h("label", { class: "row small" }, "max_length", field),
      this.view, this.back, this.on, this.at, this.missing, search);
    this.p.body.append(facts, slide, axis, this.found, bar, legend(), about, why, box, parts, tip);
  }
  go(to, view = this.row.row.view ?? "file") { this.p.ask({ kind: "go", view, at: to }); }
  seek(line) { this.p.ask({ kind: "line", line }); }
  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|SELECT)$/.test(e.target.tagName)) return;
    const { at, of } = this.row.row;
    if (e.key === "n" && at + 1 < of) this.go(at + 1);
    if (e.key === "p" && at > 0) this.go(at - 1);
  }
  issue(o) {
    const line = (n) => h("button", { class: "plain", onclick: () => this.seek(n) }, `line ${n}`);
    const all = o.n > o.lines.length ? `all ${count(o.n, "row")}` : "go through them";
    return h("div", { class: "issue" }, mark(o), h("div", {}, o.message, h("div", { class: "row tight" }, o.lines.map(line),
      h("button", { class: "plain", onclick: () => this.go(0, o.check) }, all))));
  }
  head(o) {
    this.lengths.show(o);
    this.p.state(o.look, o.word, o.place);
    this.found.replaceChildren(...o.findings.map((f) => this.issue(f)));
    this.view.replaceChildren(...o.views.map((v) => h("option", { value: v.name, selected: v.name === this.row.row.view },
      `${v.word} (${v.n.toLocaleString("en")})`)));
  }
  show(o) {
    const n = (x) => x.toLocaleString("en");
    this.row.show(o, this.lengths.m);
    this.view.value = o.view;
    this.missing.textContent = "";
    this.back.disabled = o.at <= 0;
    this.on.disabled = o.at + 1 >= o.of;
    this.at.textContent = o.of ? `row ${n(o.at + 1)} of ${n(o.of)} · line ${o.line}` : "no rows";
  }
}

function render(context) {
  const tokens = new Tokens(context);
  return tokens.p.close;
}
export default { render };
