// monitor.js: one run, live. Python sends the whole curve once, then only what is new.
import { h, mount } from "./panel.js";
import "./vendor/uPlot.iife.min.js"; // defines uPlot once the files are joined

/** Columns for uPlot, one row per step of either curve: steps, raw, smooth, validation, best, learning rate. */
export function columns(train, evals, best) {
  const steps = [...new Set([...train.map((p) => p[0]), ...evals.map((p) => p[0])])].sort((a, b) => a - b);
  const t = new Map(train.map((p) => [p[0], p])), e = new Map(evals.map((p) => [p[0], p[1]]));
  const col = (f) => steps.map((s) => f(s) ?? null);
  return [steps, col((s) => t.get(s)?.[1]), col((s) => t.get(s)?.[2]), col((s) => e.get(s)),
    col((s) => (best && best[0] === s ? best[1] : null)), col((s) => t.get(s)?.[3])];
}

/** Add points to a curve, those it has already left out (two views of a run share its curve). */
export function grow(curve, points) {
  for (const p of points) if (!curve.length || p[0] > curve.at(-1)[0]) curve.push(p);
  return curve;
}

/** A learning rate or loss in few characters. */
export function short(x) {
  if (x === null || x === undefined) return "–";
  return x !== 0 && Math.abs(x) < 0.01 ? x.toExponential(1).replace(".0e", "e") : String(+x.toPrecision(3));
}

const colour = (el, name) => { // the canvas needs a real colour: let the page resolve the variable
  const probe = el.appendChild(h("i", { style: `color: var(${name})`, hidden: true }));
  const c = getComputedStyle(probe).color;
  probe.remove();
  return c;
};
const faint = (c) => c.replace(/^rgba?\(([^,]+,[^,]+,[^,)]+).*$/, "rgba($1, 0.28)");

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5];

function chart(box, lines, height, y = {}) {
  const c = (name) => () => colour(box, name);
  const axis = { stroke: c("--ft-muted"), font: "11px system-ui", ticks: { show: false },
    grid: { stroke: c("--ft-border"), width: 1 } };
  const plot = new uPlot({
    width: box.clientWidth || 600, height, legend: { show: false }, padding: [8, 16, 0, 0],
    cursor: { y: false, points: { size: 6 }, drag: { x: true, y: false } }, scales: { x: { time: false }, y },
    axes: [{ ...axis, size: 26, grid: { show: false }, incrs: STEPS },
      { ...axis, size: 48, values: (_u, v) => v.map(short) }],
    series: [{}, ...lines.map((o) => ({ spanGaps: true, points: { show: false }, width: 1.75, ...o,
      stroke: () => (o.faint ? faint(colour(box, o.name)) : colour(box, o.name)) }))],
  }, [[], ...lines.map(() => [])], box);
  plot.fit = () => {
    const width = Math.floor(box.clientWidth);
    if (width && width !== plot.width) plot.setSize({ width, height });
  };
  return plot;
}

const ring = (name) => ({ name, points: { show: true, size: 9, width: 2, fill: "transparent" }, paths: () => null });

function render({ model, el }) {
  const p = mount({ model, el }, "Training", "The kernel is busy: the click waits. " +
    "To stop the run now, interrupt the kernel " +
    "(■ in the toolbar), then press Stop again.");
  const ask = () => { stop.disabled = true; stop.textContent = "Stop asked"; p.ask({ kind: "stop" }); };
  const stop = h("button", { class: "danger", onclick: ask }, "Stop");
  const bar = h("div", { class: "bar", role: "progressbar", "aria-label": "Steps done", "aria-valuemin": 0 }, h("i"));
  const line = h("p", { class: "muted small", style: "margin-top: 6px" }), tiles = h("div", { class: "tiles" });
  const loss = h("div", { class: "chart" }), rate = h("div", { class: "chart" }), now = h("span", { class: "grow" });
  const key = (name, c, cls = "") => h("span", { class: `key ${cls}`, style: `--key: var(${c})` }, name);
  const keys = [key("train", "--ft-accent"), key("validation", "--ft-second"), key("best", "--ft-good", "dot")];
  const charts = h("div", { class: "charts" },
    h("div", {}, h("h4", {}, "Loss", keys), loss),
    h("div", {}, h("h4", {}, "Learning rate"), rate));
  const empty = h("div", { class: "empty" });
  p.tools.append(stop);
  p.body.append(bar, line, tiles, charts, h("p", { class: "muted small" }, now), empty);
  let run = { train: [], evals: [], best: null };

  const lossPlot = chart(loss, [{ name: "--ft-accent", faint: true, width: 1 }, { name: "--ft-accent" },
    { name: "--ft-second", points: { show: true, size: 5 } }, ring("--ft-good")], 240);
  const ratePlot = chart(rate, [{ name: "--ft-accent" }], 240, { range: (_u, _lo, hi) => [0, (hi || 1) * 1.05] });
  lossPlot.hooks.setCursor = [(u) => {
    const [x, raw, , val] = u.data.map((col) => col[u.cursor.idx]);
    now.textContent = x === undefined || x === null ? "" :
      [`step ${x}`, raw !== null && `train ${short(raw)}`, val !== null && `validation ${short(val)}`]
        .filter(Boolean).join(" · ");
  }];
  const draw = () => {
    const c = columns(run.train, run.evals, run.best);
    charts.hidden = tiles.hidden = !c[0].length;
    empty.hidden = Boolean(c[0].length);
    lossPlot.fit(); ratePlot.fit();
    lossPlot.setData(c.slice(0, 5));
    ratePlot.setData([c[0], c[5]]);
  };
  const stand = (s) => {
    p.state(s.look, s.word, s.place);
    stop.hidden = !s.live;
    if (s.live) { stop.disabled = s.stopping; stop.textContent = s.stopping ? "Stop asked" : "Stop"; }
    bar.className = `bar ${s.look}`;
    bar.firstChild.style.width = `${s.of ? Math.min(100, 100 * s.step / s.of) : 0}%`;
    bar.setAttribute("aria-valuenow", s.step);
    bar.setAttribute("aria-valuemax", s.of || 0);
    line.textContent = s.line;
    empty.textContent = s.empty;
    const small = (text) => h("div", { class: "muted small" }, text);
    tiles.replaceChildren(...s.tiles.map(([name, value, more]) =>
      h("div", { class: "tile" }, small(name), h("div", { class: "big" }, value), small(more))));
    if (s.trouble) p.say("failed", h("b", {}, s.trouble[0]), `\n${s.trouble[1]}`);
  };
  const sized = new ResizeObserver(() => { lossPlot.fit(); ratePlot.fit(); });
  const themed = new MutationObserver(draw);
  sized.observe(loss);
  themed.observe(document.body, { attributes: true });
  p.hear({
    all: (m) => { run = m; stand(m.status); draw(); },
    more: (m) => {
      grow(run.train, m.train);
      grow(run.evals, m.evals);
      Object.assign(run, { best: m.best, status: m.status });
      stand(m.status);
      draw();
    },
  });
  return () => { sized.disconnect(); themed.disconnect(); lossPlot.destroy(); ratePlot.destroy(); p.close(); };
}
export default { render };
