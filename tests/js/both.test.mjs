// What python and the browser both compute or write; python's half is tests/test_both.py. Run with: node --test tests/js/
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { smoothed } from "../../ftkit/static/monitor/curves.js";
import { short, thin, ticks, wilson } from "../../ftkit/static/numbers.js";
import { visible } from "../../ftkit/static/text.js";

const both = JSON.parse(readFileSync(new URL("../both.json", import.meta.url), "utf8"));
const near = (got, want) => {
  assert.equal(got.length, want.length);
  got.forEach((o, i) => assert.ok(o === want[i] || Math.abs(o - want[i]) <= 1e-9 * Math.abs(want[i]), `${o}, not ${want[i]}`));
};

test("a share's interval is python's", () => {
  for (const [k, n, want] of both.wilson) {
    const { rate, low, high } = wilson(k, n);
    near([rate, low, high], want);
  }
});

test("marks of an axis are python's", () => {
  for (const [lo, hi, n, want] of both.ticks) near(ticks(lo, hi, n), want);
});

test("what a thinned curve keeps is what python's keeps", () => {
  const { rows, cases } = both.thin;
  for (const [n, by, want] of cases) assert.deepEqual([...thin(rows, n, by)].sort((a, b) => a - b).map((j) => rows[j][0]), want);
});

test("numbers are written as python writes them", () => {
  for (const [x, want] of both.numbers) assert.equal(short(x), want);
});

test("a running mean is python's", () => {
  const { losses, cases } = both.smoothed;
  const rows = losses.map((o, i) => (o === null ? [i + 1, o, 1e-4, null, null, null, null, 0] : [i + 1, o, 1e-4, null, null, null]));
  for (const [keep, want] of cases) near(smoothed(rows, keep), want);
});

test("what cannot be seen is shown as python shows it", () => {
  for (const [text, want] of both.visible) assert.equal(visible(text), want);
});
