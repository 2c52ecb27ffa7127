// The monitor's helpers that need no page. Run with: node --test tests/js/
import assert from "node:assert/strict";
import test from "node:test";
import { choices, sideBySide } from "../../ftkit/static/monitor/answers.js";
import { CHARTS, span } from "../../ftkit/static/monitor/charts.js";
import { buttons, keyed } from "../../ftkit/static/monitor/controls.js";
import { compact, domain, grow, nearest, smoothed, upTo, values } from "../../ftkit/static/monitor/curves.js";
import { figures, together } from "../../ftkit/static/monitor/overview.js";
import { logged, opened, reduce } from "../../ftkit/static/monitor/state.js";
import { labels, logTicks, short, ticks } from "../../ftkit/static/numbers.js";

const row = (step, loss, grad = 1) => [step, loss, 1e-4, grad, 400, 2048];
const many = (n) => Array.from({ length: n }, (_, i) => row(i + 1, 1 + ((i * 7919) % 101) / 50));

test("a curve grows by what it has not", () => {
  assert.deepEqual(grow([[1, 5], [2, 4]], [[2, 4], [3, 3]]), [[1, 5], [2, 4], [3, 3]]);
});

test("smoothing begins at the first loss, is the loss itself at 0, and passes over what is not a number", () => {
  const rows = [row(1, 2), row(2, 1), [3, null, 1e-4, 1, 400, 2048, null, 0], row(4, 1)];
  const s = smoothed(rows, 0.8);
  assert.equal(s[0], 2);
  assert.ok(Math.abs(s[1] - (0.8 * 2 + 1) / 1.8) < 1e-9);
  assert.equal(s[2], s[1]);
  assert.deepEqual(smoothed(rows, 0), [2, 1, 1, 1]);
});

test("fewer rows keep spikes, the ends, and every mean: smoothed, they end where the whole curve ends", () => {
  const rows = many(9000);
  rows[777] = row(778, 99);
  rows[888] = row(889, 1, 50);
  const few = compact(rows, 600), steps = few.map((r) => r[0]);
  assert.ok(few.length <= 600);
  assert.ok([1, 778, 889, 9000].every((s) => steps.includes(s)));
  const sum = (rs) => rs.reduce((a, r) => a + (r.length > 6 ? r[6] * r[7] : r[1]), 0);
  assert.ok(Math.abs(sum(few) - sum(rows)) < 1e-6 * sum(rows));
  const again = compact(few, 60);
  assert.ok(Math.abs(sum(again) - sum(rows)) < 1e-6 * sum(rows));
  const end = (rs) => smoothed(rs, 0.999).at(-1);
  assert.ok(Math.abs(end(few) - end(rows)) < 0.01);
  assert.equal(compact(rows.slice(0, 600), 600).length, 600);
});

test("where a step is in a curve", () => {
  const c = [[1], [5], [9]];
  assert.deepEqual([0, 1, 4, 9, 99].map((x) => upTo(c, x)), [-1, 0, 0, 2, 2]);
  assert.deepEqual([0, 2, 4, 99].map((x) => nearest(c, x)), [0, 0, 1, 2]);
  assert.equal(nearest([], 3), -1);
});

test("round numbers on an axis, plain and logarithmic", () => {
  assert.deepEqual(ticks(0.13, 2.2), [0.5, 1, 1.5, 2]);
  assert.deepEqual(ticks(3, 3), [3]);
  assert.deepEqual(ticks(6.95, 6.95 + 1e-15), [6.95]); // adding 1 to a number beyond 2 ** 53 changes nothing
  assert.deepEqual(logTicks(-1, 1).map((v) => +(10 ** v).toPrecision(3)), [0.1, 0.2, 0.5, 1, 2, 5, 10]);
  assert.deepEqual(logTicks(-6, 0).map((v) => Math.round(v)), [-6, -5, -4, -3, -2, -1, 0]);
  assert.deepEqual(logTicks(Math.log10(1.1), Math.log10(1.9)).map((v) => +(10 ** v).toPrecision(3)), [1.2, 1.4, 1.6, 1.8]);
});

test("numbers in few characters", () => {
  assert.deepEqual([0, 0.123456, 2e-4, 1.8e-4, 1e-3, null, 12345.6, 4.2e7].map((o) => short(o)),
    ["0", "0.123", "2e-4", "1.8e-4", "1e-3", "–", "12,346", "4.2e7"]);
});

test("no two marks of an axis read alike", () => {
  assert.deepEqual(labels([6.93, 6.935, 6.94, 6.945], short), ["6.93", "6.935", "6.94", "6.945"]);
  assert.deepEqual(labels([0.00021, 0.000211], short), ["2.1e-4", "2.11e-4"]);
  assert.deepEqual(labels([0, 0.5, 1], (x) => `${100 * x} %`), ["0 %", "50 %", "100 %"]);
  assert.deepEqual(labels([1, 1], short), ["1", "1"]);
});

test("all that is known at a step; what was not measured is left out", () => {
  const run = { rows: [row(10, 2), row(11, 1)], evals: [[10, 1.5]], rates: [[0, 0, null], [10, 0.5, null]] };
  const at = (step) => Object.fromEntries(values(run, [2, 1.5], step));
  assert.deepEqual(at(10), { train: "2", smoothed: "2", validation: "1.5", "learning rate": "1e-4", "gradient norm": "1",
    "tokens per second": "400", memory: "2 GiB", "ended by itself": "50 %" });
  assert.equal(at(11)["validation at 10"], "1.5");
  assert.deepEqual(values({ rows: [], evals: [], rates: [] }, [], 0), []);
  const old = { rows: [[5, 2, null, null, null, null]], evals: [], rates: [] };
  assert.deepEqual(values(old, [2], 5).map(([name]) => name), ["train", "smoothed"]);
});

// ---- the state

const answer = (q, step, text, prompt = "p") => ({ q, step, answer: text, prompt });
const run = (more = {}) => ({ story: { place: "runs/a", live: true, tiles: [["Loss", "2", ""]] }, train: [row(1, 2)], evals: [], rates: [],
  best: null, steps: [], answers: [], ...more });
const all = (...runs) => ({ kind: "all", runs });
const after = (state, ...ms) => ms.reduce((s, m) => Object.freeze(reduce(s, m)), Object.freeze(state));
const begun = (...runs) => after(opened("v"), all(...(runs.length ? runs : [run()])));

test("what is new is added to its run, and only to that", () => {
  const s = begun(run(), run({ train: [row(1, 3)] }));
  const t = after(s, { kind: "more", run: 1, train: [row(2, 1)], evals: [[2, 1.5]], best: [2, 1.5], story: { word: "running" },
    tiles: [[1, ["Pace", "9", ""]]], n_tiles: 2, steps: [2] });
  assert.equal(t.runs[0], s.runs[0]);
  const o = t.runs[1];
  assert.deepEqual([o.rows.map((r) => r[0]), o.evals, o.best, o.steps], [[1, 2], [[2, 1.5]], [2, 1.5], [2]]);
  assert.deepEqual([o.story.place, o.story.word, o.story.tiles.length], ["runs/a", "running", 2]);
  assert.equal(s.runs[1].best, null); // what was known before is as it was
});

test("what another view asked for is not heard, nor a run that is not there", () => {
  const s = begun();
  assert.equal(after(s, { kind: "more", run: 0, view: "other", log: "x" }), s);
  assert.equal(after(s, { kind: "more", run: 4, train: [] }), s);
  assert.notEqual(after(s, { kind: "more", run: 0, view: "v", log: "x" }), s);
});

test("a curve that has become long is thinned, and ends where it ended", () => {
  const s = after(begun(run({ train: many(3999) })), { kind: "more", run: 0, train: [row(4000, 1), row(4001, 1)] });
  const { rows } = s.runs[0];
  assert.ok(rows.length <= 2000 && rows.at(-1)[0] === 4001);
});

test("a zoom stays inside the run; one of no width is the whole run", () => {
  const s = begun(run({ train: many(100) })), zoom = (ends) => after(s, { kind: "zoom", ends }).zoomed;
  assert.deepEqual(zoom([-5, 20]), [1, 20]);
  assert.deepEqual([zoom([7, 7]), zoom([200, 300]), zoom(null)], [null, null, null]);
  assert.equal(zoom([-50, 150]), null); // what comes next belongs to it
  assert.deepEqual(after(s, { kind: "hover", step: 9 }, { kind: "look", run: 0 }).at, 9);
});

test("fewer runs: the chosen one is among them", () => {
  const s = after(begun(run(), run(), run()), { kind: "look", run: 2 }, all(run(), run()));
  assert.deepEqual([s.focus, s.runs.length], [1, 2]);
});

test("an answer that was asked for whole stays whole; a resumed run has lost some", () => {
  const s = begun(run({ steps: [5, 10], answers: [answer(0, 0, "base"), answer(0, 5, "short", "p"), answer(0, 10, "ten")] }));
  const whole = after(s, { kind: "more", run: 0, answers: [answer(0, 5, "short and long", "the prompt")] });
  const again = after(whole, all(run({ steps: [5], answers: [answer(0, 5, "short")] })));
  const { prompt, by } = again.runs[0].answers.get(0);
  assert.deepEqual([prompt.prompt, [...by.keys()], by.get(5).answer], ["the prompt", [0, 5], "short and long"]);
  assert.equal(s.runs[0].answers.get(0).by.get(5).answer, "short");
});

test("a log keeps its end, and says where it is empty", () => {
  assert.equal(logged("a", { log: "b" }), "ab");
  assert.equal(logged("a", { log: "", fresh: true }), "Nothing was written to it yet.");
  assert.equal(logged("Nothing was written to it yet.", { log: "first" }), "first");
  assert.equal(logged("x".repeat(20000), { log: "end" }).length, 20000);
});

// ---- charts, buttons, keys, answers

test("a chart has room around its values, and none below 0 where that means nothing", () => {
  const [loss, rates, lr] = CHARTS;
  assert.deepEqual(span(loss, null, null, false), [0, 1]);
  assert.deepEqual(span(lr, 1, 2, false), [0, 2.05]);
  assert.deepEqual(span(rates, 0.2, 0.4, false), [0, 1.05]);
  assert.deepEqual(span(loss, 2, 3, false), [1.95, 3.05]);
  assert.deepEqual(span(loss, -1, 1, true), [-1.1, 1.1]);
  assert.deepEqual(domain([]), [0, 1]);
  assert.deepEqual(domain([{ rows: [[5]], evals: [], rates: [] }]), [4, 6]);
});

test("stop, stop now and resume say what was asked", () => {
  const said = (story, pending = "", sure = false) => {
    const o = buttons(story, pending, sure);
    return ["stop", "now", "resume"].filter((k) => !o[k].hidden).map((k) => `${o[k].textContent}${o[k].disabled ? " (off)" : ""}`);
  };
  assert.deepEqual(said({ live: true }), ["Stop", "Stop now"]);
  assert.deepEqual(said({ live: true }, "stop"), ["Asking… (off)", "Stop now"]);
  assert.deepEqual(said({ live: true, asked: "stop" }), ["Stop requested (off)", "Stop now"]);
  assert.deepEqual(said({ live: true, stopping: true }), ["Stopping (off)", "Stop now"]);
  assert.deepEqual(said({ live: true, asked: "now" }, "", true), ["Stop (off)", "Stop now requested (off)"]);
  assert.deepEqual(said({ live: true }, "", true), []); // it asks whether one is sure
  assert.deepEqual(said({ resumable: true }), ["Resume"]);
  assert.deepEqual(said({}, "resume"), ["Asking… (off)"]);
  assert.equal(buttons({ live: true, checkpoint: 8 }, "", true).lost, "Steps after the checkpoint of step 8 are lost.");
  assert.match(buttons({}, "", false).resume.title, /Begins again/);
});

test("keys on a chart", () => {
  const does = (key, more = {}) => keyed(key, { at: null, i: 3, n: 10, shown: [0, 100], ...more });
  assert.deepEqual([does("ArrowLeft"), does("PageDown"), does("ArrowLeft", { i: 0 })], [{ hover: 2 }, { hover: 9 }, { hover: 0 }]);
  assert.deepEqual([does("+", { at: 40 }), does("-"), does("0")], [{ zoom: [15, 65] }, { zoom: [-50, 150] }, { zoom: null }]);
  assert.deepEqual([does("a"), does("ArrowLeft", { n: 0 })], [null, null]);
});

test("answers side by side: the base model's, and the newest or those of a step", () => {
  const { answers } = begun(run({ steps: [0, 5, 10], answers: [answer(1, 0, "b1"), answer(0, 0, "b0"), answer(0, 5, "five"),
    answer(0, 10, "ten")] })).runs[0];
  const of = (chosen) => sideBySide({ answers, steps: [0, 5, 10] }, chosen).rows.map((o) => [o.base.answer, o.then?.answer]);
  assert.deepEqual(of(null), [["b0", "ten"], ["b1", undefined]]);
  assert.deepEqual(of(5), [["b0", "five"], ["b1", undefined]]);
  assert.deepEqual(choices([5, 1000]), [["", "newest: step 1,000"], ["1000", "step 1,000"], ["5", "step 5"]]);
  assert.deepEqual(choices([]), [["", "newest"]]);
});

test("several runs together", () => {
  const of = (...live) => together(live.map((o) => ({ story: { live: o } })));
  assert.deepEqual([of(true, false), of(false, false)], [["busy", "1 running", "2 runs"], ["", "all ended", "2 runs"]]);
  const created = { story: { live: false, word: "created" } };
  assert.deepEqual(together([created, created]), ["", "none running", "2 runs"]);
});

test("key figures of several runs: a line each, and a dash where one has none", () => {
  const of = (place, ...tiles) => ({ story: { place, tiles } });
  const { names, rows } = figures([of("a", ["Loss", "2", ""], ["Time left", "1 s", "at most"]), of("b", ["Loss", "3", "last 4"], ["Time", "9 s", ""])]);
  assert.deepEqual(names, ["Loss", "Time left", "Time"]);
  assert.deepEqual(rows, [["a", ["2", ""], ["1 s", "at most"], ["–", ""]], ["b", ["3", "last 4"], ["–", ""], ["9 s", ""]]]);
});
