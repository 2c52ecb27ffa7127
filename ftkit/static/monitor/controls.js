// controls.js: what may be done to a run, and to its charts.
import { h } from "../panel.js";

const LOST = "There is no checkpoint yet: every step is lost.";

/** What Stop, Stop now and Resume say and which of them are there; `pending`: what was clicked and not answered yet. */
export function buttons(story, pending, sure) {
  const asked = pending || story.asked, idle = !story.live, step = story.checkpoint;
  const says = (what, word, then) => (asked === what ? then : word);
  const asking = Boolean(sure && story.live && asked !== "now");
  const words = { stop: story.stopping ? "Stopping" : says("stop", "Stop", "Stop requested"),
    now: says("now", "Stop now", "Stop now requested"), resume: says("resume", "Resume", "Resume requested") };
  if (pending) words[pending] = "Asking…";
  return { asking, lost: step ? `Steps after the checkpoint of step ${step} are lost.` : LOST,
    stop: { hidden: idle || asking, disabled: Boolean(asked || story.stopping), textContent: words.stop },
    now: { hidden: idle || asking, disabled: asked === "now", textContent: words.now },
    resume: { hidden: !story.resumable && pending !== "resume", disabled: asked === "resume", textContent: words.resume,
      title: step ? `Goes on from step ${step}` : "Begins again: there is no checkpoint" } };
}

/** Stop, Stop now and Resume of a run: each says what was asked, and then what the run says. */
export class Verbs {
  constructor(p, i) {
    Object.assign(this, { p, i, story: {}, pending: "", sure: false });
    const button = (look, word, onclick) => h("button", { class: look, onclick }, word);
    const stop = () => this.send("stop", { kind: "stop", now: false });
    const resume = () => this.send("resume", { kind: "resume" });
    this.stop = button("danger", "Stop", stop);
    this.now = button("danger", "Stop now", () => this.turn(true));
    this.yes = button("danger", "Yes, stop now", () => this.send("now", { kind: "stop", now: true }));
    this.no = button(null, "No", () => this.turn(false));
    this.resume = button("main", "Resume", resume);
    this.lost = h("span", { class: "small" });
    this.asking = h("span", { class: "row sure", role: "group", "aria-label": "Stop now?",
      onkeydown: (e) => { if (e.key === "Escape") this.no.click(); } }, this.lost, this.yes, this.no);
    this.el = h("span", { class: "row" }, this.stop, this.now, this.asking, this.resume);
  }
  send(what, m) {
    [this.pending, this.sure] = [what, what === "now" ? false : this.sure];
    this.p.say("");
    this.show();
    this.p.ask({ ...m, run: this.i });
  }
  turn(sure) {
    this.sure = sure;
    this.show();
    (sure ? this.yes : this.now).focus();
  }
  tell(story, news) {
    this.story = story;
    if (!news || "asked" in news || "live" in news) this.pending = "";
    this.show();
  }
  show() {
    const o = buttons(this.story, this.pending, this.sure);
    this.sure = o.asking;
    this.asking.hidden = !o.asking;
    this.lost.textContent = o.lost;
    for (const name of ["stop", "now", "resume"]) Object.assign(this[name], o[name]);
  }
}

/** Above the charts: smoothing, log scale, and the way back to the whole run. */
export class Controls {
  constructor(draw, whole) {
    this.smooth = h("input", { type: "range", min: 0, max: 0.99, step: 0.01, value: 0.8, "aria-label": "Smoothing",
      oninput: draw });
    this.box = h("input", { type: "checkbox", onchange: draw });
    this.whole = h("button", { class: "chip-back", hidden: true, onclick: whole }, "Whole run");
    const hint = h("span", { class: "muted hint" }, "Drag to zoom, double click for the whole run");
    this.el = h("div", { class: "row small controls" }, h("label", { class: "row" }, "Smoothing", this.smooth),
      h("label", { class: "row" }, this.box, "Log scale"), this.whole, hint);
  }
  get keep() { return +this.smooth.value; }
  get log() { return this.box.checked; }
}

const MOVES = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 };

/** What a key on a chart does: `{ hover: place }` in a curve of `n` rows, `{ zoom: ends }`, or null. */
export function keyed(key, { at, i, n, shown: [lo, hi] }) {
  const here = at ?? hi, wide = (hi - lo) / 4;
  if (MOVES[key] && n) return { hover: Math.min(Math.max(0, i + MOVES[key]), n - 1) };
  if (key === "+" || key === "=") return { zoom: [here - wide, here + wide] };
  if (key === "-") return { zoom: [lo - 2 * wide, hi + 2 * wide] };
  return key === "0" || key === "Escape" ? { zoom: null } : null;
}
