// The helpers of the panels that need no page. Run with: node --test tests/js/
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { count } from "../../ftkit/static/panel.js";
import { move } from "../../ftkit/static/data.js";
import { below, folded } from "../../ftkit/static/form/fields.js";
import { offered, shares } from "../../ftkit/static/form/follows.js";
import { announce } from "../../ftkit/static/form/yaml.js";
import { spans } from "../../ftkit/static/evals/metrics.js";
import { shade } from "../../ftkit/static/evals/matrix.js";
import { became } from "../../ftkit/static/evals/rows.js";
import { heights } from "../../ftkit/static/numbers.js";

test("a count and its noun", () => {
  assert.equal(count(1, "row"), "1 row");
  assert.equal(count(1234, "row"), "1,234 rows");
});

test("a move stays on the page or turns it", () => {
  assert.deepEqual(move(3, 1, 20), { at: 4 });
  assert.deepEqual(move(19, 1, 20), { turn: 1 });
  assert.deepEqual(move(0, -1, 20), { turn: -1 });
});

test("bars are shares of the tallest, and what is there at all can be seen", () => {
  assert.deepEqual(heights([0, 1, 50, 100]), [0, 3, 50, 100]);
  assert.deepEqual(heights([0, 0]), [0, 0]);
});

test("under a field: its fault, else its help, and the default where it was left", () => {
  const f = { error: "", help: "Peak learning rate.", changed: false, fallback: "0.0002" };
  assert.equal(below(f), "Peak learning rate.");
  assert.equal(below({ ...f, changed: true }), "Peak learning rate. Default: 0.0002.");
  assert.equal(below({ ...f, error: "learning_rate is 'x'" }), "learning_rate is 'x'");
});

test("under a field that a preset set: what the preset says", () => {
  const f = { error: "", help: "Rows.", changed: true, fallback: "8", preset: true };
  assert.equal(below(f), "Rows. Preset: 8.");
  assert.equal(below({ ...f, preset: false, fallback: "" }), "Rows. Default: none.");
});

test("a fold says what is wrong or changed in it", () => {
  assert.equal(folded([{ error: "" }, { error: "" }]), "");
  assert.equal(folded([{ error: "x", changed: true }, { changed: true }]), "1 to fix, 2 changed");
});

test("parts of a memory bar are shares of the larger of need and room", () => {
  assert.deepEqual(shares([{ bytes: 1 }, { bytes: 3 }], 8), { parts: [12.5, 37.5], room: 100 });
  assert.deepEqual(shares([{ bytes: 6 }, { bytes: 2 }], 4), { parts: [75, 25], room: 50 });
  assert.deepEqual(shares([], 0), { parts: [], room: 0 });
});

test("what YAML would change, in a sentence", () => {
  assert.equal(announce({ error: "Line 2: learning_rate is 'x'", changes: [] }), "Line 2: learning_rate is 'x'");
  assert.equal(announce({ error: "", changes: [] }), "The same as the fields.");
  assert.equal(announce({ error: "", changes: ["learning_rate"] }), "Apply changes 1 field: learning_rate.");
  assert.match(announce({ error: "", changes: [..."abcdefgh"] }), /8 fields: a, b, c, d, e, f, …/);
});

test("what a plan offers, as a button", () => {
  assert.equal(offered({ learning_rate: "0.002", batch_size: "8" }), "Set learning_rate 0.002, batch_size 8");
  assert.equal(offered({}), "");
  assert.equal(offered(undefined), "");
});

test("bars and whiskers stay inside", () => {
  assert.deepEqual(spans({ rate: 0.5, low: 0.25, high: 1 }), { bar: 50, from: 25, width: 75 });
  assert.deepEqual(spans({ rate: 0, low: -0.1, high: 0.1 }), { bar: 0, from: 0, width: 10 });
  assert.deepEqual(spans({ rate: 0.5, low: null, high: null }), { bar: 50, from: null, width: null });
});

test("text becomes text: no way from a string to HTML or code, and nothing from elsewhere", () => {
  const folder = new URL("../../ftkit/static/", import.meta.url);
  for (const name of readdirSync(folder, { recursive: true }).filter((o) => o.endsWith(".js") && !o.startsWith("vendor"))) {
    const ways = /(inner|outer)HTML|insertAdjacent|document\.write|\beval\(|new Function|https?:/g;
    assert.equal(readFileSync(new URL(name, folder), "utf8").match(ways), null, name);
  }
});

test("every pair of colours that carries text has a contrast of at least 4.5, light and dark", () => {
  const css = readFileSync(new URL("../../ftkit/static/ftkit.css", import.meta.url), "utf8");
  const hex = (s) => s.slice(1).match(/../g).map((o) => parseInt(o, 16) / 255);
  const over = ([r, g, b, a = 1], back) => [r, g, b].map((c, i) => c * a + back[i] * (1 - a));
  const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = (rgb) => [0.2126, 0.7152, 0.0722].reduce((sum, w, i) => sum + w * linear(rgb[i]), 0.05);
  const ratio = (a, b) => Math.max(light(a) / light(b), light(b) / light(a));
  const found = css.matchAll(/--ft-([a-z-]+):[^;]*light-dark\((#\w+), (#\w+)\)/g);
  const pairs = Object.fromEntries([...found].map(([, name, l, d]) => [name, [hex(l), hex(d)]]));
  for (const theme of [0, 1]) {
    const surface = pairs.surface[theme];
    for (const name of ["muted", "accent", "second", "good", "warn", "bad"])
      for (const back of ["surface", "raised", `${name}-soft`].filter((o) => pairs[o])) {
        const r = ratio(over(pairs[name][theme], surface), over(pairs[back][theme], surface));
        assert.ok(r >= 4.5, `${name} on ${back}, ${theme ? "dark" : "light"}: ${r.toFixed(2)}`);
      }
  }
});

test("a cell is the stronger the more of its row it holds, and an empty one has no colour", () => {
  assert.deepEqual([shade(0, 9), shade(9, 9), shade(1, 0)], [0, 45, 0]);
  assert.ok(shade(1, 100) > 0 && shade(1, 100) < shade(50, 100));
});

test("a row is gained or lost only where both answers have a score", () => {
  const row = (base, tuned) => became({ base: { score: base }, tuned: { score: tuned } });
  assert.deepEqual([row(0, 1), row(1, 0), row(1, 1), row(null, 1), became({ base: null, tuned: { score: 1 } })], ["gained", "lost", "", "", ""]);
});
