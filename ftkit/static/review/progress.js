// progress.js: how far the review is, and what is not on disk yet.
import { count, h } from "../panel.js";
import { wilson } from "../numbers.js";

/** Python's progress with what is not saved yet counted in. */
export function counted(progress, waiting) {
  const res = { ...progress, counts: { ...progress.counts } };
  const add = (said, sign, sampled) => {
    if (!said?.verdict || said.changed) return;
    res.reviewed += sign;
    res.counts[said.verdict] += sign;
    if (sampled) res.in_sample += sign;
    if (said.chance) res.chance += sign;
    if (said.chance && said.verdict === "drop") res.chance_drop += sign;
  };
  for (const o of waiting) { add(o.before, -1, o.sampled); add(o.after, 1, o.sampled); }
  return res;
}

/** Share dropped with Wilson's 95 % interval, in words; nothing reached at random is not an estimate. */
export function estimate(k, n) {
  if (!n) return "share dropped: not an estimate";
  const { rate, low, high } = wilson(k, n), pct = (x) => (100 * x).toFixed(1);
  return `${pct(rate)} % dropped (95 %: ${pct(low)}–${pct(high)})`;
}

/** Pace and time left, in words; empty before there is a pace. */
export function timing({ pace, size, in_sample }) {
  if (!pace) return "";
  const left = Math.ceil((size - in_sample) / pace);
  return `${pace < 10 ? pace.toFixed(1) : Math.round(pace)} rows/min` + (left > 0 ? ` · ${left} min left` : "");
}

/** How many decisions wait, and how long the first that python did not refuse: `age` in ms, -1 if there is none. */
export function unsaved(waiting, now) {
  const first = [...waiting.values()].find((o) => !o.refused);
  return { n: waiting.size, age: first ? now - first.n : -1 };
}

const KEPT = (n, lasting) => `The kernel does not answer: ${count(n, "decision")} ${n === 1 ? "is" : "are"} kept in ` +
  (lasting ? "this browser and handed over when it does. Go on reading. After a restart of it, run this cell again."
    : "this page only: leave it open until they are saved.");

function bar(o) {
  const width = `width:${o.size ? Math.min(100, (100 * o.in_sample) / o.size) : 0}%`;
  return h("div", { class: "bar", role: "progressbar", "aria-label": "Reviewed", "aria-valuemin": 0,
    "aria-valuemax": o.size, "aria-valuenow": o.in_sample }, h("i", { style: width }));
}

function told(o) {
  const others = o.reviewed - o.in_sample, verdicts = Object.entries(o.counts).filter(([, k]) => k);
  return [bar(o), h("b", {}, `${o.in_sample} of ${o.size.toLocaleString("en")}`),
    h("span", { class: "muted" }, others > 0 ? `reviewed, and ${count(others, "other row")}` : "reviewed"),
    ...verdicts.map(([v, k]) => h("span", { class: `say ${v}` }, `${k} ${v}`)),
    h("span", { title: "Counts only rows reached in random order, without a filter" }, estimate(o.chance_drop, o.chance)),
    timing(o) && h("span", { class: "muted" }, timing(o))].filter(Boolean);
}

export class Progress {
  constructor(p, send) {
    this.p = p;
    this.el = h("div", { class: "prog" });
    this.late = h("div", { class: "note warn", hidden: true });
    this.again = h("button", { hidden: true, onclick: send }, "Send again");
  }
  show({ progress, head, waiting }, lasting) {
    if (!progress) return;
    const { n, age } = unsaved(waiting, Date.now()), o = counted(progress, waiting.values());
    const saved = o.reviewed ? "all saved" : "nothing decided yet";
    if (!n) this.p.state(o.reviewed ? "done" : "", saved, head.place);
    else if (age > 700 || age < 0) this.p.state("warn", `${n} not saved yet`, head.place);
    this.again.hidden = this.late.hidden = age < 2900;
    if (!this.late.hidden) this.late.textContent = KEPT(n, lasting);
    this.el.replaceChildren(...told(o));
  }
}
