// The monitor's helpers that need no page. Run with: node --test tests/js/
import assert from "node:assert/strict";
import test from "node:test";
import { compact, grow, labels, logTicks, nearest, short, smoothed, ticks, upTo, values } from "../../ftkit/static/monitor.js";

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
