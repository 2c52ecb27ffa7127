// monitor.js: runs, live. Python sends whole curves once, then only what is new.
// A row of a curve: step, loss, learning rate, gradient norm, tokens per second, MiB, and, where it stands for several
// steps, the mean of their losses and how many they are.
import { h, mount, refill } from "./panel.js";
import "./vendor/uPlot.iife.min.js"; // defines uPlot once the files are joined

const [STEP, LOSS, LR, GRAD, PACE, MIB, MEAN, COUNT] = [0, 1, 2, 3, 4, 5, 6, 7];
const MOST = 4000; // rows of a run that a view holds; more are thinned to half of it

/** How many losses a row stands for, and their mean. */
const worth = (r) => (r.length > MEAN ? [r[COUNT], r[MEAN]] : [1, r[LOSS]]);

/** The running mean of the losses at each row: `keep` of the old mean for each step, as python makes it. */
export function smoothed(rows, keep) {
  let mean = 0, weight = 0;
  return rows.map((r) => {
    const [n, m] = worth(r), q = keep ** n;
    if (n) [mean, weight] = [q * mean + (1 - q) * m, q * weight + 1 - q];
    return weight ? mean / weight : null;
  });
}

/** At most about `n` rows: the lowest and highest loss and the steepest gradient of each stretch; no mean is lost. */
export function compact(rows, n) {
  if (rows.length <= n) return rows;
  const inner = rows.length - 2, k = Math.max(1, Math.floor((n - 2) / 3)), kept = new Set([0, rows.length - 1]);
  const ends = [[LOSS, -1], [LOSS, 1], [GRAD, 1]];
  const better = (j, i, col, sign) => rows[j][col] !== null && (i < 0 || sign * rows[j][col] > sign * rows[i][col]);
  for (let i = 0; i < k; i++) {
    const found = [-1, -1, -1];
    for (let j = 1 + Math.floor((i * inner) / k); j < 1 + Math.floor(((i + 1) * inner) / k); j++)
      ends.forEach(([col, sign], o) => { if (better(j, found[o], col, sign)) found[o] = j; });
    found.filter((j) => j >= 0).forEach((j) => kept.add(j));
  }
  let sum = 0, count = 0;
  const res = [];
  rows.forEach((r, j) => {
    const [n1, m] = worth(r);
    if (n1) [sum, count] = [sum + n1 * m, count + n1];
    if (!kept.has(j)) return;
    res.push(count === n1 ? r : [...r.slice(0, MEAN), count ? sum / count : null, count]);
    [sum, count] = [0, 0];
  });
  return res;
}

/** Add points to a curve, those it has already left out (two views of a run share its curve). */
export function grow(curve, points) {
  for (const p of points) if (!curve.length || p[0] > curve.at(-1)[0]) curve.push(p);
  return curve;
}

/** Where `x` belongs in a curve: the last point at or before it (-1 if there is none). */
export function upTo(curve, x) {
  let lo = 0, hi = curve.length;
  while (lo < hi) { const mid = (lo + hi) >> 1; if (curve[mid][0] <= x) lo = mid + 1; else hi = mid; }
  return lo - 1;
}

/** The point of a curve that is nearest to `x` (-1 if it has none). */
export function nearest(curve, x) {
  const i = upTo(curve, x);
  if (i < 0) return curve.length ? 0 : -1;
  return i + 1 < curve.length && curve[i + 1][0] - x < x - curve[i][0] ? i + 1 : i;
}

/** Round numbers from `lo` to `hi`, about `n`. */
export function ticks(lo, hi, n = 4) {
  if (!(hi - lo > 1e-9 * Math.max(Math.abs(lo), Math.abs(hi)))) return [lo]; // no two of them could be told apart
  const raw = (hi - lo) / n, unit = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((o) => o * unit).find((o) => o >= raw * 0.7), res = [];
  const end = Math.floor(hi / step + 1e-9);
  for (let i = Math.ceil(lo / step - 1e-9); i <= end; i++) res.push(+(i * step).toPrecision(12));
  return res;
}

/** The same for an axis of logarithms: 1, 2 and 5 of each power of ten, or round numbers where these are too few. */
export function logTicks(lo, hi, n = 4) {
  const res = [], decades = hi - lo;
  for (let e = Math.floor(lo); e <= hi; e++)
    for (const m of decades > n ? [1] : [1, 2, 5]) res.push(e + Math.log10(m));
  const inside = res.filter((v) => v >= lo && v <= hi);
  return inside.length >= 2 ? inside : ticks(10 ** lo, 10 ** hi, n).map(Math.log10).filter(Number.isFinite);
}

/** What stands at the marks of an axis: as few digits as tell them apart. */
export function labels(marks, say) {
  for (let digits = 3; ; digits++) {
    const res = marks.map((o) => say(o, digits));
    if (digits > 8 || new Set(res).size === res.length) return res;
  }
}

/** A learning rate or loss in few characters. */
export function short(x, digits = 3) {
  if (x === null || x === undefined) return "–";
  if (Math.abs(x) >= 1e6) return x.toExponential(1).replace(".0e", "e").replace("e+", "e");
  if (Math.abs(x) >= 1e3) return Math.round(x).toLocaleString("en");
  return x !== 0 && Math.abs(x) < 0.01 ? x.toExponential(digits - 2).replace(/\.?0+e/, "e") : String(+x.toPrecision(digits));
}
const percent = (x) => (x === null || x === undefined ? "–" : `${Math.round(100 * x)} %`);
const gib = (x) => (x === null || x === undefined ? "–" : `${short(x / 1024)} GiB`);

const INK = { train: "--ft-accent", eval: "--ft-second", best: "--ft-good" };
const colourOf = (i) => `--ft-run-${i % 8}`;

// The charts: what they are called, how a value is written, and their curves of one run.
// A curve: name, how it is drawn, its table of steps and values.
const table = (points, col, f = (v) => v) => [points.map((p) => p[0]), points.map((p) => f(p[col] ?? null))];
const plain = (col, f) => (run) => [{ table: table(run.rows, col, f) }];
const CHARTS = [
  { id: "loss", title: "Loss", log: true, say: short, curves: (run, keep, many) => [
    ...(many ? [] : [{ table: table(run.rows, LOSS), look: { faint: true, width: 1 } }]),
    { name: "train", table: [table(run.rows, LOSS)[0], smoothed(run.rows, keep)], look: { width: many ? 1 : 1.75 } },
    { name: "validation", ink: INK.eval, table: table(run.evals, 1), look: { points: { show: true, size: 5 } } },
    { name: "best", ink: INK.best, table: run.best ? [[run.best[0]], [run.best[1]]] : [[], []],
      look: { points: { show: true, size: 9, width: 2, fill: "transparent" }, paths: () => null } }] },
  { id: "rates", title: "Sample rates", floor: true, top: 1.05, say: percent, curves: (run) => [1, 2].map((col) => ({
    name: ["", "ended by itself", "right format"][col], ink: col === 2 ? INK.eval : INK.train,
    table: run.rates.some((o) => o[col] !== null) ? table(run.rates, col) : [[], []],
    look: { points: { show: true, size: 5 }, dash: col === 2 ? [4, 3] : [] } })) },
  { id: "lr", title: "Learning rate", floor: true, say: short, curves: plain(LR) },
  { id: "grad", title: "Gradient norm", log: true, say: short, curves: plain(GRAD) },
  { id: "pace", title: "Tokens per second", floor: true, say: short, curves: plain(PACE) },
  { id: "mib", title: "Memory, GiB", floor: true, say: short, curves: plain(MIB, (v) => v && v / 1024) },
];

/** All that is known of a run at a step, as `[name, value]`. */
export function values(run, smooth, step) {
  const i = nearest(run.rows, step), r = run.rows[i];
  const before = (curve) => curve[upTo(curve, Math.max(step, r?.[STEP] ?? 0))];
  const e = before(run.evals), s = before(run.rates), res = [];
  const put = (name, v, say) => { if (v !== null && v !== undefined) res.push([name, say(v)]); };
  if (r) {
    put("train", r[LOSS], short);
    put("smoothed", smooth[i], short);
  }
  if (e) put(e[0] === r?.[STEP] ? "validation" : `validation at ${e[0].toLocaleString("en")}`, e[1], short);
  if (r) {
    put("learning rate", r[LR], short);
    put("gradient norm", r[GRAD], short);
    put("tokens per second", r[PACE], short);
    put("memory", r[MIB], gib);
  }
  if (s) { put("ended by itself", s[1], percent); put("right format", s[2], percent); }
  return res;
}

function chart(box, spec, lines, shared) {
  const { ink, zoom, moved } = shared;
  const axis = { stroke: () => ink("--ft-muted"), font: "11px system-ui", ticks: { show: false },
    grid: { stroke: () => ink("--ft-border"), width: 1 } };
  const logs = () => Boolean(spec.log && shared.log());
  const range = (_u, lo, hi) => {
    if (lo === null || hi === null) return logs() ? [-1, 0] : [0, 1];
    const same = hi - lo < 1e-6 * Math.abs(hi); // a flat line, save for the last bits of its numbers
    const pad = (same ? Math.abs(hi) : hi - lo) * 0.05 || 1;
    if (logs()) return [lo - pad, hi + pad];
    return [spec.floor && lo >= 0 ? 0 : lo >= 0 ? Math.max(0, lo - pad) : lo - pad, spec.top ?? hi + pad];
  };
  const plot = new uPlot({
    width: 300, height: 110, legend: { show: false }, padding: [8, 22, 0, 0],
    cursor: { y: false, points: { size: 6 }, drag: { x: true, y: false, setScale: false },
      bind: { dblclick: () => () => { zoom(null); return null; } } },
    scales: { x: { time: false, range: () => shared.window() }, y: { range } },
    axes: [{ ...axis, size: 24, grid: { show: false }, values: (_u, v) => v.map((o) => o.toLocaleString("en")),
      splits: (u, _a, lo, hi) => ticks(lo, hi, Math.max(2, u.width / 90)).filter(Number.isInteger) },
    { ...axis, size: 52, splits: (u, _a, lo, hi) => (logs() ? logTicks : ticks)(lo, hi, Math.max(2, u.height / 55)),
      values: (_u, v) => labels(v.map((o) => (logs() ? 10 ** o : o)), spec.say) }],
    series: [{}, ...lines.map(({ ink: name, look = {} }) => ({ points: { show: false }, width: 1.5, ...look,
      stroke: () => ink(name, look.faint) }))],
    hooks: { setCursor: [(u) => moved(u)], setSelect: [(u) => {
      const { left, width } = u.select;
      if (width < 4) return;
      const ends = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
      u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      zoom(ends);
    }] },
  }, [[], ...lines.map(() => [])], box);
  const shown = (v) => (logs() ? (v > 0 ? Math.log10(v) : null) : v);
  plot.fit = () => {
    const width = Math.floor(box.clientWidth), height = Math.floor(box.clientHeight);
    if (width && height && (width !== plot.width || height !== plot.height)) plot.setSize({ width, height });
  };
  plot.show = (curves) => plot.setData(uPlot.join(curves.map(({ table: [x, y] }) => [x, y.map(shown)])));
  return plot;
}

/** Stop, Stop now and Resume of a run: each says what was asked, and then what the run says. */
function verbs(p, i) {
  let story = {}, pending = "", sure = false;
  const send = (what, m) => { pending = what; p.say(""); show(); p.ask({ ...m, run: i }); };
  const stop = h("button", { class: "danger", onclick: () => send("stop", { kind: "stop", now: false }) }, "Stop");
  const now = h("button", { class: "danger", onclick: () => { sure = true; show(); yes.focus(); } }, "Stop now");
  const yes = h("button", { class: "danger", onclick: () => {
    sure = false;
    send("now", { kind: "stop", now: true });
  } }, "Yes, stop now");
  const no = h("button", { onclick: () => { sure = false; show(); now.focus(); } }, "No");
  const lost = h("span", { class: "small" });
  const asking = h("span", { class: "row sure", role: "group", "aria-label": "Stop now?",
    onkeydown: (e) => { if (e.key === "Escape") no.click(); } }, lost, yes, no);
  const go = h("button", { class: "main", onclick: () => send("resume", { kind: "resume" }) }, "Resume");
  const show = () => {
    const asked = pending || story.asked, word = pending ? "Asking…" : "";
    sure = sure && Boolean(story.live) && asked !== "now";
    stop.hidden = now.hidden = !story.live || sure;
    asking.hidden = !sure;
    stop.disabled = Boolean(asked) || story.stopping;
    const says = story.stopping ? "Stopping" : asked === "stop" ? "Stop requested" : "Stop";
    stop.textContent = (pending === "stop" && word) || says;
    now.disabled = asked === "now";
    now.textContent = (pending === "now" && word) || (asked === "now" ? "Stop now requested" : "Stop now");
    go.hidden = !story.resumable && pending !== "resume";
    go.disabled = asked === "resume";
    go.textContent = (pending === "resume" && word) || (asked === "resume" ? "Resume requested" : "Resume");
    go.title = story.checkpoint ? `Goes on from step ${story.checkpoint}` : "Begins again: there is no checkpoint";
    lost.textContent = story.checkpoint ? `Steps after the checkpoint of step ${story.checkpoint} are lost.` :
      "There is no checkpoint yet: every step is lost.";
  };
  const tell = (s, news) => { story = s; if (!news || "asked" in news || "live" in news) pending = ""; show(); };
  return { el: h("span", { class: "row" }, stop, now, asking, go), tell };
}

/** The answers of one run: each prompt, what the base model said, and what it says at a step. */
function answers(p, i) {
  let run = null, chosen = null;
  const pick = h("select", { "aria-label": "Step of the answers", onchange: () => {
    chosen = pick.value === "" ? null : +pick.value;
    const held = [...run.answers.values()].some((o) => o.by.has(chosen));
    if (chosen !== null && !held) p.ask({ kind: "answers", run: i, step: chosen });
    show();
  } });
  const list = h("div", { class: "scroll open" });
  const el = h("div", { class: "samples", hidden: true }, h("h4", { class: "row" }, "Samples", pick), list);
  const all = (o) => h("button", { class: "plain", onclick: () =>
    p.ask({ kind: "answer", run: i, q: o.q, step: o.step }) }, "Show all");
  const cell = (o) => {
    if (!o) return h("td", { class: "muted" }, "–");
    const how = h("div", { class: "muted small" }, o.judged, o.cut && all(o));
    return h("td", {}, h("div", { class: "said" }, o.answer), how);
  };
  const show = () => {
    const steps = run.steps.filter((s) => s > 0), newest = steps.at(-1);
    if (!steps.includes(chosen)) chosen = null;
    el.hidden = !run.answers.size;
    if (el.hidden) return;
    const names = [["", `newest${newest ? `: step ${newest.toLocaleString("en")}` : ""}`],
      ...steps.reverse().map((s) => [String(s), `step ${s.toLocaleString("en")}`])];
    if (names.map(([, o]) => o).join() !== [...pick.options].map((o) => o.text).join())
      pick.replaceChildren(...names.map(([v, o]) => h("option", { value: v }, o)));
    pick.value = chosen === null ? "" : String(chosen);
    const limit = chosen ?? Infinity;
    const rows = [...run.answers.entries()].sort(([a], [b]) => a - b).map(([, o]) => {
      const at = Math.max(...[...o.by.keys()].filter((s) => s > 0 && s <= limit));
      const asked = h("td", {}, h("div", { class: "asked" }, o.prompt.prompt), o.prompt.begun && all(o.prompt));
      return h("tr", {}, asked, cell(o.by.get(0)), cell(o.by.get(chosen ?? at)));
    });
    const heads = ["asked", "base model", chosen === null ? "newest" : `step ${chosen.toLocaleString("en")}`];
    refill(list, h("table", { class: "fixed" }, h("thead", {}, h("tr", {}, heads.map((o) => h("th", {}, o)))),
      h("tbody", {}, rows)));
  };
  return { el, show: (r) => { run = r; show(); } };
}

function render({ model, el }) {
  const p = mount({ model, el }, "Training", "The kernel is busy with another cell: this click waits for it. " +
    "In a terminal, ftkit stop RUN does not wait.");
  const view = Math.floor(Math.random() * 2 ** 48).toString(36);
  const bar = h("div", { class: "bar", role: "progressbar", "aria-label": "Steps done", "aria-valuemin": 0 }, h("i"));
  const line = h("p", { class: "muted small", style: "margin-top: 6px", "aria-live": "polite" });
  const [stages, tiles, runsTable] = ["stages", "tiles", "runs"].map((o) => h("div", { class: o }));
  const trouble = h("div", { class: "note failed", role: "alert", hidden: true }), empty = h("div", { class: "empty" });
  const smooth = h("input", { type: "range", min: 0, max: 0.99, step: 0.01, value: 0.8, "aria-label": "Smoothing",
    oninput: () => draw() });
  const log = h("input", { type: "checkbox", onchange: () => draw() });
  const whole = h("button", { class: "chip-back", hidden: true, onclick: () => zoom(null) }, "Whole run");
  const legend = h("div", { class: "at-step small" });
  const controls = h("div", { class: "row small controls" }, h("label", { class: "row" }, "Smoothing", smooth),
    h("label", { class: "row" }, log, "Log scale"), whole, h("span", { class: "muted hint" },
      "Drag to zoom, double click for the whole run"));
  const beside = h("div", { class: "beside-loss" }), minis = h("div", { class: "minis" }), main = h("div", {});
  const charts = h("div", { onkeydown: (e) => keys(e) }, controls, legend,
    h("div", { class: "charts" }, main, beside), minis);
  const said = h("div"), pre = h("pre", { class: "mono log", tabindex: 0, "aria-label": "Log" });
  const logBox = h("details", { ontoggle: () => openLog() }, h("summary", {}, "Log"), pre);
  p.body.append(runsTable, trouble, bar, line, stages, tiles, charts, empty, said, logBox);

  let runs = [], focus = 0, plots = [], zoomed = null, at = null, quiet = false, due = 0, parts = [], inView = true;
  const inks = new Map();
  const ink = (name, faint) => { // the canvas needs a real colour: let the page resolve the variable, once per theme
    if (!el.isConnected) return "gray"; // JupyterLab draws before it shows; then nothing has a colour yet
    if (!inks.has(name)) {
      const probe = el.appendChild(h("i", { style: `color: var(${name})`, hidden: true }));
      inks.set(name, getComputedStyle(probe).color);
      probe.remove();
    }
    const c = inks.get(name);
    return faint ? c.replace(/^rgba?\(([^,]+,[^,]+,[^,)]+).*$/, "rgba($1, 0.28)") : c;
  };
  const many = () => runs.length > 1;
  const domain = () => {
    const curves = runs.flatMap((r) => [r.rows, r.evals, r.rates]).filter((c) => c.length);
    const ends = curves.flatMap((c) => [c[0][0], c.at(-1)[0]]);
    const lo = Math.min(...ends), hi = Math.max(...ends);
    return !ends.length ? [0, 1] : hi > lo ? [lo, hi] : [lo - 1, hi + 1];
  };
  const shared = { ink, log: () => log.checked, window: () => zoomed ?? domain(), zoom: (ends) => zoom(ends),
    moved: (u) => { if (!quiet) hover(u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : null, u); } };

  const zoom = (ends) => {
    const [lo, hi] = domain();
    zoomed = ends && [Math.max(lo, ends[0]), Math.min(hi, ends[1])];
    if (zoomed && !(zoomed[1] > zoomed[0])) zoomed = null;
    whole.hidden = !zoomed;
    draw();
    if (runs.some((r) => r.rows.some((o) => o.length > MEAN && o[COUNT] > 1)))
      p.ask({ kind: "zoom", from: zoomed?.[0] ?? null, to: zoomed?.[1] ?? null, view }, "");
  };
  const hover = (step, from) => {
    at = step;
    quiet = true;
    const left = (plot) => (step === null ? -10 : plot.valToPos(step, "x"));
    for (const { plot, box } of plots) if (plot !== from && !box.hidden) plot.setCursor({ left: left(plot), top: 0 });
    quiet = false;
    tell();
  };
  const tell = () => { // all values at the step under the cursor, or at the newest one
    const step = at ?? domain()[1], near = runs.map((r) => r.rows[nearest(r.rows, step)]?.[STEP]);
    const shown = near.filter((o) => o !== undefined).sort((a, b) => Math.abs(a - step) - Math.abs(b - step))[0];
    const item = ([name, v]) => h("span", {}, h("span", { class: "muted" }, `${name} `), v);
    const groups = runs.map((r, i) => h("span", { class: many() ? "several" : "values" },
      many() ? h("span", { class: "key", style: `--key: var(${colourOf(i)})` }, r.story.place) : null,
      values(r, r.smooth ?? [], step).slice(0, many() ? 3 : 99).map(item)));
    legend.replaceChildren(h("b", {}, shown === undefined ? "" : `step ${shown.toLocaleString("en")}`), ...groups);
  };
  const keys = (e) => {
    if (!e.target.closest?.(".chart")) return;
    const steps = runs[focus].rows, [lo, hi] = shared.window(), here = at ?? hi, wide = (hi - lo) / 4;
    const i = nearest(steps, here);
    const move = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[e.key];
    if (move && steps.length) hover(steps[Math.min(Math.max(0, i + move), steps.length - 1)][STEP]);
    else if (e.key === "+" || e.key === "=") zoom([here - wide, here + wide]);
    else if (e.key === "-") zoom([lo - 2 * wide, hi + 2 * wide]);
    else if (e.key === "0" || e.key === "Escape") zoom(null);
    else return;
    e.preventDefault();
  };

  const paint = () => {
    due = 0;
    const began = performance.now(), keep = +smooth.value;
    for (const r of runs) r.smooth = smoothed(r.rows, keep);
    for (const { spec, plot, box } of plots) {
      const curves = runs.flatMap((r) => spec.curves(r, keep, many()));
      box.hidden = !curves.some(({ table: [, y] }) => y.some((v) => v !== null));
      if (box.hidden) continue;
      plot.fit();
      plot.show(curves);
    }
    beside.hidden = ![...beside.children].some((o) => !o.hidden);
    tell();
    queueMicrotask(() => { p.body.dataset.paintMs = (performance.now() - began).toFixed(1); }); // after uPlot's own
  };
  const draw = () => { // charts that nobody sees are not drawn
    const any = runs.some((r) => r.rows.length || r.evals.length || r.rates.length);
    charts.hidden = tiles.hidden = !any;
    empty.hidden = any;
    if (inView) due ||= requestAnimationFrame(paint);
  };

  const build = () => { // one set of charts for so many runs
    plots.forEach(({ plot }) => plot.destroy());
    for (const o of [main, beside, minis]) o.replaceChildren();
    plots = CHARTS.map((spec) => {
      const lines = runs.flatMap((r, i) => spec.curves(r, 0.8, many())
        .map((o) => ({ ...o, ink: many() ? colourOf(i) : o.ink ?? INK.train })));
      const keyed = many() ? [] : lines.filter((o) => o.name)
        .map((o) => h("span", { class: o.name === "best" ? "key dot" : "key", style: `--key: var(${o.ink})` }, o.name));
      const area = h("div", { class: `chart ${spec.id}`, tabindex: 0, role: "group",
        "aria-label": `${spec.title} over steps. Arrows move, plus and minus zoom, 0 shows the whole run.` });
      const box = h("div", { class: "plot" }, h("h4", {}, spec.title, keyed), area);
      (spec.id === "loss" ? main : spec.id === "rates" || spec.id === "lr" ? beside : minis).append(box);
      return { spec, box, plot: chart(area, spec, lines, shared) };
    });
    parts = runs.map((_r, i) => ({ verbs: verbs(p, i), answers: answers(p, i) }));
    if (many()) table2(); else p.tools.replaceChildren(parts[0].verbs.el);
    runsTable.hidden = !many();
    sized.disconnect();
    plots.forEach(({ plot }) => sized.observe(plot.root.parentNode));
    look(Math.min(focus, runs.length - 1));
  };
  const table2 = () => { // several runs: how each stands; the chosen one is shown below
    p.tools.replaceChildren();
    const rows = parts.map((part, i) => {
      part.name = h("button", { class: "plain name", onclick: () => look(i) });
      part.cells = ["span", "span", "span", "span"].map((o) => h(o));
      return h("tr", {}, h("td", {}, h("span", { class: "key", style: `--key: var(${colourOf(i)})` }), part.name),
        part.cells.map((c) => h("td", {}, c)), h("td", {}, part.verbs.el));
    });
    const heads = ["run", "state", "step", "best validation loss", "", ""].map((o) => h("th", {}, o));
    runsTable.replaceChildren(h("table", {}, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows)));
  };
  const look = (i) => {
    focus = i;
    said.replaceChildren(parts[i].answers.el);
    runs.forEach((_r, j) => stand(j));
    if (logBox.open) openLog();
  };
  const openLog = () => {
    if (logBox.open) pre.textContent = "…";
    p.ask({ kind: "log", run: focus, view, open: logBox.open }, logBox.open ? undefined : "");
  };

  const stand = (i, news, answered = true) => {
    const run = runs[i], s = run.story, part = parts[i];
    part.verbs.tell(s, news);
    if (answered) part.answers.show(run); // Not at every step: whoever reads may have marked something
    if (many()) {
      const [pill, step, best, says] = part.cells;
      part.name.textContent = s.place;
      part.name.setAttribute("aria-pressed", i === focus);
      pill.className = `pill ${s.look}`;
      pill.textContent = s.word;
      step.textContent = s.of ? `${s.step.toLocaleString("en")} of ${s.of.toLocaleString("en")}` : "–";
      best.textContent = run.best ? `${short(run.best[1])} at step ${run.best[0].toLocaleString("en")}` : "–";
      says.textContent = s.trouble ? s.trouble[0] : "";
      says.className = "small bad";
      const live = runs.filter((r) => r.story.live).length;
      p.state(live ? "busy" : "", live ? `${live} running` : "all ended", `${runs.length} runs`);
    } else p.state(s.look, s.word, s.place);
    if (i !== focus) return;
    bar.className = `bar ${s.look}`;
    bar.firstChild.style.width = `${s.of ? Math.min(100, (100 * s.step) / s.of) : 0}%`;
    bar.setAttribute("aria-valuenow", s.step);
    bar.setAttribute("aria-valuemax", s.of || 0);
    if (line.textContent !== s.line) line.textContent = s.line;
    stages.hidden = !s.live;
    stages.replaceChildren(...s.stages.map(([name, far, share]) => {
      const look = share === null ? "unknown" : share >= 1 ? "done" : "busy";
      const range = { "aria-valuemin": 0, "aria-valuemax": 1, "aria-valuenow": share };
      const progress = { class: `bar ${look}`, role: "progressbar", "aria-label": name, ...range };
      return h("div", { class: "stage" }, h("span", {}, name), h("div", progress,
        h("i", { style: `width: ${100 * (share ?? 1)}%` })), h("span", { class: "muted" }, far));
    }));
    empty.textContent = s.empty;
    const small = (text) => h("div", { class: "muted small" }, text);
    tiles.replaceChildren(...s.tiles.map(([name, value, more]) =>
      h("div", { class: "tile" }, small(name), h("div", { class: "big" }, value), small(more))));
    trouble.hidden = !s.trouble;
    trouble.replaceChildren(...(s.trouble ? [h("b", {}, s.trouble[0]), `\n${s.trouble[1]}`] : []));
  };

  const keepAnswers = (run, list) => list.forEach((o) => {
    if (!run.answers.has(o.q)) run.answers.set(o.q, { prompt: o, by: new Map() });
    const mine = run.answers.get(o.q), old = mine.by.get(o.step);
    if (o.prompt.length > mine.prompt.prompt.length) mine.prompt = o;
    if (old && old.answer.length > o.answer.length) return; // what was asked for whole stays whole
    mine.by.set(o.step, o);
  });
  const all = (m) => {
    const same = runs.length === m.runs.length;
    runs = m.runs.map((r, i) => {
      const kept = new Map(), there = (s) => s === 0 || r.steps.includes(s); // A run that was resumed has lost some
      for (const [q, o] of (same && runs[i].answers) || []) {
        const by = new Map([...o.by].filter(([s]) => there(s)));
        if (by.size) kept.set(q, { ...o, by });
      }
      return { ...r, rows: r.train, answers: kept };
    });
    m.runs.forEach((r, i) => keepAnswers(runs[i], r.answers));
    if (!same) build(); else runs.forEach((_r, i) => stand(i, {}));
    if (zoomed) zoom(zoomed); else draw();
  };
  const more = (m) => {
    const run = runs[m.run];
    if (!run || (m.view && m.view !== view)) return;
    if (m.story) run.story = { ...run.story, ...m.story };
    if (m.tiles) {
      const list = run.story.tiles.slice(0, m.n_tiles);
      m.tiles.forEach(([j, o]) => { list[j] = o; });
      run.story = { ...run.story, tiles: list };
    }
    if (m.rows) run.rows = grow(m.rows, run.rows);
    if (m.train) run.rows = compact(grow(run.rows, m.train), MOST * (run.rows.length > MOST ? 0.5 : 1));
    if (m.evals) grow(run.evals, m.evals);
    if (m.rates) grow(run.rates, m.rates);
    if ("best" in m) run.best = m.best;
    if (m.steps) run.steps = [...new Set([...run.steps, ...m.steps])].sort((a, b) => a - b);
    if (m.answers) keepAnswers(run, m.answers);
    if ("log" in m) {
      const end = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 30 || m.fresh;
      pre.textContent = m.fresh ? m.log || "Nothing was written to it yet." : (pre.textContent + m.log).slice(-20000);
      if (end) pre.scrollTop = pre.scrollHeight;
    }
    if (m.story || m.tiles || m.answers || m.steps || "best" in m) stand(m.run, m.story ?? {}, Boolean(m.answers || m.steps));
    if (m.rows || m.train || m.evals || m.rates || "best" in m) draw();
  };

  const sized = new ResizeObserver(() => draw()); // shown, hidden or given another width
  const looked = new IntersectionObserver((o) => { inView = o.at(-1).isIntersecting; draw(); });
  const themed = new MutationObserver(() => { inks.clear(); draw(); });
  const scheme = matchMedia("(prefers-color-scheme: dark)"), dark = () => { inks.clear(); draw(); };
  looked.observe(el);
  themed.observe(document.body, { attributes: true });
  scheme.addEventListener("change", dark);
  p.hear({ all, more });
  p.ask({ kind: "open", view }, "", true);
  return () => {
    cancelAnimationFrame(due);
    sized.disconnect();
    looked.disconnect();
    themed.disconnect();
    scheme.removeEventListener("change", dark);
    plots.forEach(({ plot }) => plot.destroy());
    p.close();
    model.send({ kind: "bye", view });
  };
}
export default { render };
