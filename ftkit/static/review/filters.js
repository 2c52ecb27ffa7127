// filters.js: which rows, in which order.
import { count, h } from "../panel.js";
import { visible } from "../text.js";

const ORDERS = { model: "worst by model", random: "random order", worst: "worst first", cluster: "by cluster",
  file: "file order" };
const STATES = { none: "not reviewed", keep: "keep", drop: "drop", fix: "fix", unsure: "unsure",
  changed: "changed since" };
const LENGTHS = { short: "shortest tenth", middle: "middle lengths", long: "longest tenth" };

/** The choices there are, as `[name, key, [[value, words], …]]`; one that nothing can be chosen from is left out. */
export function choices(head, request) {
  const named = Object.entries, plain = (o) => [o, visible(o)];
  const able = { worst: head.checks.length > 0, cluster: head.clusters, model: Boolean(head.model) };
  const rest = head.labels_rest ? [[null, head.labels_rest]] : []; // nothing to choose
  const checks = head.checks.map((o) => [o.check, `${visible(o.check)} (${o.n.toLocaleString("en")})`]);
  const all = [["Order", "order", named(ORDERS).filter(([k]) => able[k] !== false)],
    ["Finding", "check", [["", "any finding"], ...checks]],
    ["Verdict", "verdict", [["", "any verdict"], ...named(STATES)]],
    ["Label", "label", [["", "any label"], ...head.labels.map(plain), ...rest]],
    ["Split", "split", [["", "any split"], ...head.splits.map(plain)]],
    ["Length", "length", [["", "any length"], ...named(LENGTHS)]]];
  return all.filter(([, k, some]) => some.length > 1 || request[k]);
}

function select(label, options, value, change) {
  const el = h("select", { "aria-label": label, onchange: () => change(el.value) },
    options.map(([v, word]) => h("option", { value: v, selected: v === value, disabled: v === null }, word)));
  el.classList.toggle("set", value !== options[0][0]);
  return el;
}

export class Filters {
  constructor(request) {
    this.request = request;
    this.lost = h("div"); // lines of the review file that cannot be read
    this.search = h("input", { type: "search", placeholder: "Search  /", "aria-label": "Search the text",
      maxlength: 1000 });
    this.el = h("div", { class: "filters" }, this.search);
  }
  show(head, request) {
    const at = [...this.el.children].indexOf(document.activeElement);
    this.el.querySelectorAll("select").forEach((o) => o.remove());
    this.search.before(...choices(head, request).map(([name, k, some]) => // it stays: somebody may be typing, or composing
      select(name, some, request[k], (v) => this.request({ [k]: v }))));
    if (at >= 0) this.el.children[at]?.focus();
    this.lost.replaceChildren(...(head.unread.length ? [h("details", { class: "note warn" },
      h("summary", {}, `${count(head.unread_n, "line")} of the review file without a decision`),
      h("div", {}, head.unread.join("\n")))] : []));
  }
}
