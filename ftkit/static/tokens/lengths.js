// lengths.js: the histogram of lengths, with a cut to drag, and what that does.
import { count, h, later } from "../panel.js";
import { heights } from "../numbers.js";

const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 8, PageDown: -8 };
const MOST = 10_000_000;

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
  const tall = heights(out);
  return out.map((n, i) => [n, tall[i]]);
}

/** "12 of 300 rows (4.0 %)". */
export function share(n, of) {
  return `${n.toLocaleString("en")} (${((100 * n) / Math.max(of, 1)).toFixed(1)} %)`;
}

/** `ask(m)`: python is to count what a cut at `m` does; `cutAt(m)`: show it elsewhere, too. */
export class Lengths {
  constructor(ask, cutAt) {
    Object.assign(this, { cutAt, m: 2048, asked: null, head: null, ask: later(ask, 150) });
    this.facts = h("p", { class: "small", "aria-live": "polite" });
    this.field = h("input", { type: "number", min: 1, max: MOST, step: 1, "aria-label": "max_length, in tokens",
      oninput: () => this.typed(Math.round(Number(this.field.value))),
      onblur: () => { this.field.value = this.m; this.typed(this.m); } });
    this.chart = h("div", { class: "bars" });
    this.line = h("div", { class: "cutline" });
    this.slide = h("div", { class: "lengths", role: "slider", tabindex: 0, "aria-label": "max_length, in tokens",
      "aria-valuemin": 1, title: "Drag to move max_length; arrow keys move it by a step",
      onkeydown: (e) => this.key(e), onpointerdown: (e) => this.grab(e) }, this.chart, this.line);
    this.slide.onpointerup = this.slide.onpointercancel = () => { this.slide.onpointermove = null; };
    this.axis = h("div", { class: "row small muted" });
  }
  say(c) {
    const { bins } = this.head, end = bins.n.length * bins.step;
    this.facts.replaceChildren(h("b", {}, `max_length ${c.max_length.toLocaleString("en")}`), ": ", share(c.cut, c.rows),
      ` of ${count(c.rows, "row")} cut · `, share(c.answers, c.rows), " answers cut · ", share(c.idle, c.rows),
      " train nothing");
    this.line.style.left = `${100 * Math.min(1, c.max_length / Math.max(end, 1))}%`;
    for (const [k, v] of Object.entries({ valuemax: Math.max(end, c.max_length), valuenow: c.max_length,
      valuetext: this.facts.textContent })) this.slide.setAttribute(`aria-${k}`, v);
  }
  typed(to) { // what cannot be a length is marked, and goes back when the field is left
    this.field.setAttribute("aria-invalid", !(to >= 1 && to <= MOST));
    this.cut(to);
  }
  cut(to) { // shown at once from the histograms, settled when python has counted
    if (!this.head || !(to >= 1 && to <= MOST) || to === this.m) return;
    this.m = this.asked = to;
    if (document.activeElement !== this.field) this.field.value = to;
    this.say(tally(this.head.bins, this.head.rows, to));
    this.cutAt(to);
    this.ask(to);
  }
  key(e) {
    const to = this.head && !e.ctrlKey && !e.metaKey ? moved(e.key, this.m, this.head.bins) : null;
    if (to === null) return;
    e.preventDefault();
    e.stopPropagation();
    this.cut(to);
  }
  drag(e) {
    const o = this.slide.getBoundingClientRect();
    this.cut(tokensAt((e.clientX - o.left) / o.width, this.head.bins));
  }
  grab(e) {
    if (!this.head) return;
    this.slide.setPointerCapture(e.pointerId);
    this.slide.focus();
    this.drag(e);
    this.slide.onpointermove = (o) => this.drag(o);
  }
  show(o) { // what python counted
    this.head = o;
    if (this.asked === null || this.asked === o.max_length) [this.m, this.asked] = [o.max_length, null]; // else a newer wish is coming
    if (document.activeElement !== this.field) this.field.value = this.m;
    const bar = ([n, to]) => h("span", { title: count(n, "row") }, h("i", { style: `height: ${to}%` }));
    this.chart.replaceChildren(...bars(o.bins.n).map(bar));
    this.axis.replaceChildren(h("span", { class: "grow" }, "0"),
      h("span", {}, `longest row ${count(o.bins.longest, "token")}`));
    this.say(this.m === o.max_length ? o : tally(o.bins, o.rows, this.m));
  }
}
