// charts.js: the charts: what they are called, how a value is written, and their curves of one run.
// A curve: name, how it is drawn, its table of steps and values.
import { h } from "../panel.js";
import { labels, logTicks, percent, short, ticks } from "../numbers.js";
import { GRAD, LOSS, LR, MIB, PACE, smoothed } from "./curves.js";
import "../vendor/uPlot.iife.min.js"; // defines uPlot once the files are joined

const INK = { train: "--ft-accent", eval: "--ft-second", best: "--ft-good" };
export const colourOf = (i) => `--ft-run-${i % 8}`;

const table = (points, col, f = (v) => v) => [points.map((p) => p[0]), points.map((p) => f(p[col] ?? null))];
const plain = (col, f) => (run) => [{ table: table(run.rows, col, f) }];

function losses(run, keep, many) {
  const each = { table: table(run.rows, LOSS), look: { faint: true, width: 1 } };
  const ring = { points: { show: true, size: 9, width: 2, fill: "transparent" }, paths: () => null };
  return [
    ...(many ? [] : [each]),
    { name: "train", table: [each.table[0], smoothed(run.rows, keep)], look: { width: many ? 1 : 1.75 } },
    { name: "validation", ink: INK.eval, table: table(run.evals, 1), look: { points: { show: true, size: 5 } } },
    { name: "best", ink: INK.best, table: run.best ? [[run.best[0]], [run.best[1]]] : [[], []], look: ring }];
}

function rates(run) {
  const curve = (col, name, ink, dash) => ({ name, ink, look: { points: { show: true, size: 5 }, dash },
    table: run.rates.some((o) => o[col] !== null) ? table(run.rates, col) : [[], []] });
  return [curve(1, "ended by itself", INK.train, []), curve(2, "right format", INK.eval, [4, 3])];
}

export const CHARTS = [
  { id: "loss", title: "Loss", log: true, say: short, curves: losses },
  { id: "rates", title: "Sample rates", floor: true, top: 1.05, say: percent, curves: rates },
  { id: "lr", title: "Learning rate", floor: true, say: short, curves: plain(LR) },
  { id: "grad", title: "Gradient norm", log: true, say: short, curves: plain(GRAD) },
  { id: "pace", title: "Tokens per second", floor: true, say: short, curves: plain(PACE) },
  { id: "mib", title: "Memory, GiB", floor: true, say: short, curves: plain(MIB, (v) => v && v / 1024) },
];

/** From where to where a chart's values go on the screen, with some room; `log`: the values are logarithms. */
export function span(spec, lo, hi, log) {
  if (lo === null || hi === null) return log ? [-1, 0] : [0, 1];
  const same = hi - lo < 1e-6 * Math.abs(hi); // a flat line, save for the last bits of its numbers
  const pad = (same ? Math.abs(hi) : hi - lo) * 0.05 || 1;
  if (log) return [lo - pad, hi + pad];
  const least = lo >= 0 ? Math.max(0, lo - pad) : lo - pad;
  return [spec.floor && lo >= 0 ? 0 : least, spec.top ?? hi + pad];
}

/** A theme's colours: the canvas needs real ones, so let the page resolve each variable, once per theme. */
export class Inks {
  constructor(el) { [this.el, this.known] = [el, new Map()]; }
  of(name, faint) {
    if (!this.el.isConnected) return "gray"; // JupyterLab draws before it shows; then nothing has a colour yet
    if (!this.known.has(name)) {
      const probe = this.el.appendChild(h("i", { style: `color: var(${name})`, hidden: true }));
      this.known.set(name, getComputedStyle(probe).color);
      probe.remove();
    }
    const c = this.known.get(name);
    return faint ? c.replace(/^rgba?\(([^,]+,[^,]+,[^,)]+).*$/, "rgba($1, 0.28)") : c;
  }
  clear() { this.known.clear(); }
}

function axes(spec, { ink }, logs) {
  const both = { stroke: () => ink("--ft-muted"), font: "11px system-ui", ticks: { show: false },
    grid: { stroke: () => ink("--ft-border"), width: 1 } };
  const steps = (u, _a, lo, hi) => ticks(lo, hi, Math.max(2, u.width / 90)).filter(Number.isInteger);
  const marks = (u, _a, lo, hi) => (logs() ? logTicks : ticks)(lo, hi, Math.max(2, u.height / 55));
  return [
    { ...both, size: 24, grid: { show: false }, splits: steps, values: (_u, v) => v.map((o) => o.toLocaleString("en")) },
    { ...both, size: 52, splits: marks, values: (_u, v) => labels(v.map((o) => (logs() ? 10 ** o : o)), spec.say) }];
}

function selected(u, zoom) {
  const { left, width } = u.select;
  if (width < 4) return;
  const ends = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
  u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  zoom(ends);
}

/** A chart in its box; `shared` is what all charts of a view have in common. */
function chart(box, spec, lines, shared) {
  const { ink, zoom, moved } = shared, logs = () => Boolean(spec.log && shared.log());
  const stroke = ({ ink: name, look = {} }) => ({ points: { show: false }, width: 1.5, ...look,
    stroke: () => ink(name, look.faint) });
  const plot = new uPlot({
    width: 300, height: 110, legend: { show: false }, padding: [8, 22, 0, 0],
    cursor: { y: false, points: { size: 6 }, drag: { x: true, y: false, setScale: false },
      bind: { dblclick: () => () => { zoom(null); return null; } } },
    scales: { x: { time: false, range: () => shared.window() },
      y: { range: (_u, lo, hi) => span(spec, lo, hi, logs()) } },
    axes: axes(spec, shared, logs), series: [{}, ...lines.map(stroke)],
    hooks: { setCursor: [(u) => moved(u)], setSelect: [(u) => selected(u, zoom)] },
  }, [[], ...lines.map(() => [])], box);
  const loged = (v) => (v > 0 ? Math.log10(v) : null), shown = (y) => (logs() ? y.map(loged) : y);
  plot.fit = () => {
    const width = Math.floor(box.clientWidth), height = Math.floor(box.clientHeight);
    if (width && height && (width !== plot.width || height !== plot.height)) plot.setSize({ width, height });
  };
  plot.show = (curves) => plot.setData(uPlot.join(curves.map(({ table: [x, y] }) => [x, shown(y)])));
  return plot;
}

/** One set of charts for so many runs, each put into its place: `[{ spec, box, plot }, …]`. */
export function charts(runs, { main, beside, minis }, shared) {
  const many = runs.length > 1, places = { loss: main, rates: beside, lr: beside };
  return CHARTS.map((spec) => {
    const coloured = (i) => (o) => ({ ...o, ink: many ? colourOf(i) : o.ink ?? INK.train });
    const lines = runs.flatMap((r, i) => spec.curves(r, 0.8, many).map(coloured(i)));
    const keyed = many ? [] : lines.filter((o) => o.name)
      .map((o) => h("span", { class: o.name === "best" ? "key dot" : "key", style: `--key: var(${o.ink})` }, o.name));
    const area = h("div", { class: `chart ${spec.id}`, tabindex: 0, role: "group",
      "aria-label": `${spec.title} over steps. Arrows move, plus and minus zoom, 0 shows the whole run.` });
    const box = h("div", { class: "plot" }, h("h4", {}, spec.title, keyed), area);
    (places[spec.id] ?? minis).append(box);
    return { spec, box, plot: chart(area, spec, lines, shared) };
  });
}
