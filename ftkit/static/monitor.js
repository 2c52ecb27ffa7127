// monitor.js: runs, live. Python sends whole curves once, then only what is new.
import { h, mount } from "./panel.js";
import { Answers } from "./monitor/answers.js";
import { charts, colourOf, Inks } from "./monitor/charts.js";
import { Controls, keyed, Verbs } from "./monitor/controls.js";
import { COUNT, domain, MEAN, nearest, smoothed, STEP, values } from "./monitor/curves.js";
import { Overview, runsTable, RunLine, together } from "./monitor/overview.js";
import { logged, opened, reduce } from "./monitor/state.js";

const BUSY = "The kernel is busy with another cell: this click waits for it. In a terminal, ftkit stop RUN does not wait.";

class Monitor {
  constructor({ model, el }) {
    Object.assign(this, { model, el, p: mount({ model, el }, "Training", BUSY), plots: [], parts: [], smooth: [] });
    Object.assign(this, { quiet: false, due: 0, inView: true, inks: new Inks(el) });
    this.state = opened(Math.floor(Math.random() * 2 ** 48).toString(36));
    this.frame();
    this.watch();
    this.p.hear({ all: (m) => this.all(m), more: (m) => this.more(m) });
    this.p.ask({ kind: "open", view: this.state.view }, "", true);
  }
  get many() { return this.state.runs.length > 1; }
  get shown() { return this.state.zoomed ?? domain(this.state.runs); }

  frame() {
    const [table, main, minis, said] = ["runs", null, "minis", null].map((o) => h("div", { class: o }));
    const beside = h("div", { class: "beside-loss" });
    Object.assign(this, { table, main, minis, said, beside, top: new Overview(), legend: h("div", { class: "at-step small" }) });
    this.controls = new Controls(() => this.draw(), () => this.zoom(null));
    this.charts = h("div", { onkeydown: (e) => this.keys(e) }, this.controls.el, this.legend,
      h("div", { class: "charts" }, main, beside), minis);
    this.pre = h("pre", { class: "mono log", tabindex: 0, "aria-label": "Log" });
    this.logName = h("summary", {}, "Log");
    this.logBox = h("details", { ontoggle: () => this.openLog() }, this.logName, this.pre);
    const { trouble, bar, line, stages, tiles, figures, empty } = this.top;
    this.p.body.append(table, trouble, bar, line, stages, tiles, figures, this.charts, empty, said, this.logBox);
  }
  watch() { // shown, hidden, given another width or other colours
    const again = () => { this.inks.clear(); this.draw(); };
    this.sized = new ResizeObserver(() => this.draw());
    this.looked = new IntersectionObserver((o) => { this.inView = o.at(-1).isIntersecting; this.draw(); });
    this.themed = new MutationObserver(again);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.again = again;
    this.looked.observe(this.el);
    this.themed.observe(document.body, { attributes: true });
    this.scheme.addEventListener("change", again);
  }

  // ---- what python says
  all(m) {
    const same = this.state.runs.length === m.runs.length;
    this.state = reduce(this.state, m);
    if (same) m.runs.forEach((_r, i) => this.stand(i, {})); else this.build();
    if (this.state.zoomed) this.zoom(this.state.zoomed); else this.draw();
  }
  more(m) {
    const before = this.state;
    this.state = reduce(before, m);
    if (this.state === before) return;
    if ("log" in m) this.log(m);
    const answered = Boolean(m.answers || m.steps || m.story?.unshown);
    if (m.story || m.tiles || answered || "best" in m) this.stand(m.run, m.story ?? {}, answered);
    if (m.rows || m.train || m.evals || m.rates || "best" in m) this.draw();
  }
  log(m) {
    const end = this.pre.scrollHeight - this.pre.scrollTop - this.pre.clientHeight < 30 || m.fresh;
    this.pre.textContent = logged(this.pre.textContent, m);
    if (end) this.pre.scrollTop = this.pre.scrollHeight;
  }

  // ---- what the reader does
  zoom(ends) {
    this.state = reduce(this.state, { kind: "zoom", ends });
    const { zoomed, runs, view } = this.state;
    this.controls.whole.hidden = !zoomed;
    this.draw();
    if (runs.some((r) => r.rows.some((o) => o.length > MEAN && o[COUNT] > 1)))
      this.p.ask({ kind: "zoom", from: zoomed?.[0] ?? null, to: zoomed?.[1] ?? null, view }, "");
  }
  hover(step, from) {
    this.state = reduce(this.state, { kind: "hover", step });
    this.quiet = true;
    const left = (plot) => (step === null ? -10 : plot.valToPos(step, "x"));
    for (const { plot, box } of this.plots)
      if (plot !== from && !box.hidden) plot.setCursor({ left: left(plot), top: 0 });
    this.quiet = false;
    this.tell();
  }
  look(run) {
    this.state = reduce(this.state, { kind: "look", run });
    this.said.replaceChildren(this.parts[run].answers.el);
    this.logName.textContent = this.many ? `Log of ${this.state.runs[run].story.place}` : "Log";
    this.state.runs.forEach((_r, i) => this.stand(i));
    if (this.logBox.open) this.openLog();
  }
  openLog() {
    const { open } = this.logBox, { focus, view } = this.state;
    if (open) this.pre.textContent = "…";
    this.p.ask({ kind: "log", run: focus, view, open }, open ? undefined : "");
  }
  keys(e) {
    if (!e.target.closest?.(".chart")) return;
    const { runs, focus, at } = this.state, { rows } = runs[focus], shown = this.shown;
    const does = keyed(e.key, { at, i: nearest(rows, at ?? shown[1]), n: rows.length, shown });
    if (!does) return;
    if ("hover" in does) this.hover(rows[does.hover][STEP]); else this.zoom(does.zoom);
    e.preventDefault();
  }

  // ---- on the page
  build() { // one set of charts for so many runs
    const { runs, focus } = this.state, moved = (u) => {
      if (!this.quiet) this.hover(u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : null, u);
    };
    this.plots.forEach(({ plot }) => plot.destroy());
    for (const o of [this.main, this.beside, this.minis]) o.replaceChildren();
    this.plots = charts(runs, this, { moved, ink: (...o) => this.inks.of(...o), log: () => this.controls.log,
      window: () => this.shown, zoom: (ends) => this.zoom(ends) });
    this.parts = runs.map((_r, i) => {
      const verbs = new Verbs(this.p, i), line = this.many && new RunLine(i, verbs, (j) => this.look(j));
      return { verbs, line, answers: new Answers(this.p, i, this.many) };
    });
    this.table.hidden = !this.many;
    if (this.many) this.table.replaceChildren(runsTable(this.parts.map((o) => o.line)));
    this.p.tools.replaceChildren(...(this.many ? [] : [this.parts[0].verbs.el]));
    this.sized.disconnect();
    this.plots.forEach(({ plot }) => this.sized.observe(plot.root.parentNode));
    this.look(focus);
  }
  stand(i, news, answered = true) { // how a run stands
    const { runs, focus } = this.state, run = runs[i], { verbs, answers, line } = this.parts[i];
    verbs.tell(run.story, news);
    if (answered) answers.show(run); // Not at every step: whoever reads may have marked something
    if (line) line.show(run, i === focus);
    this.p.state(...(line ? together(runs) : [run.story.look, run.story.word, run.story.place]));
    if (i === focus) this.top.show(run.story, this.many);
    if (this.many) this.top.all(runs);
  }
  tell() { // all values at the step under the cursor, or at the newest one
    const { runs, at } = this.state, step = at ?? domain(runs)[1], far = (o) => Math.abs(o - step);
    const near = runs.map((r) => r.rows[nearest(r.rows, step)]?.[STEP]).filter((o) => o !== undefined);
    const [shown] = near.sort((a, b) => far(a) - far(b)), many = this.many;
    const item = ([name, v]) => h("span", {}, h("span", { class: "muted" }, `${name} `), v);
    const groups = runs.map((r, i) => h("span", { class: many ? "several" : "values" },
      many && h("span", { class: "key", style: `--key: var(${colourOf(i)})` }, r.story.place),
      values(r, this.smooth[i] ?? [], step).slice(0, many ? 3 : 99).map(item)));
    this.legend.replaceChildren(h("b", {}, shown === undefined ? "" : `step ${shown.toLocaleString("en")}`), ...groups);
  }
  paint() {
    this.due = 0;
    const began = performance.now(), { keep } = this.controls, { runs } = this.state;
    this.smooth = runs.map((r) => smoothed(r.rows, keep));
    for (const { spec, plot, box } of this.plots) {
      const curves = runs.flatMap((r) => spec.curves(r, keep, this.many));
      box.hidden = !curves.some(({ table: [, y] }) => y.some((v) => v !== null));
      if (box.hidden) continue;
      plot.fit();
      plot.show(curves);
    }
    this.beside.hidden = ![...this.beside.children].some((o) => !o.hidden);
    this.tell();
    const took = () => { this.p.body.dataset.paintMs = (performance.now() - began).toFixed(1); };
    queueMicrotask(took); // after uPlot's own
  }
  draw() { // charts that nobody sees are not drawn
    const any = this.state.runs.some((r) => r.rows.length || r.evals.length || r.rates.length);
    this.charts.hidden = !any;
    this.top.tiles.hidden = !any || this.many; // of several the figures of all are shown
    this.top.figures.hidden = !any || !this.many;
    this.top.empty.hidden = any;
    if (this.inView) this.due ||= requestAnimationFrame(() => this.paint());
  }
  close() {
    cancelAnimationFrame(this.due);
    for (const o of [this.sized, this.looked, this.themed]) o.disconnect();
    this.scheme.removeEventListener("change", this.again);
    this.plots.forEach(({ plot }) => plot.destroy());
    this.p.close();
    try { this.model.send({ kind: "bye", view: this.state.view }); } catch { /* no kernel: nobody to tell */ }
  }
}

function render(context) {
  const monitor = new Monitor(context);
  return () => monitor.close();
}
export default { render };
