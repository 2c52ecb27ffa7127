// numbers.js: numbers as python computes and writes them, too: tests/both.json holds the two to the same values.

/** A share with its 95 % interval by Wilson, each from 0 to 1; null where there is nothing. */
export function wilson(k, n) {
  if (!n) return { k, n, rate: null, low: null, high: null };
  const z = 1.959963984540054, mid = (k + (z * z) / 2) / (n + z * z);
  const half = (z / (n + z * z)) * Math.sqrt((k * (n - k)) / n + (z * z) / 4);
  return { k, n, rate: k / n, low: k ? Math.max(0, mid - half) : 0, high: k < n ? Math.min(1, mid + half) : 1 };
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
  const small = x !== 0 && Math.abs(x) < 0.01;
  return small ? x.toExponential(digits - 2).replace(/\.?0+e/, "e") : String(+x.toPrecision(digits));
}

export const percent = (x) => (x === null || x === undefined ? "–" : `${Math.round(100 * x)} %`);
export const gib = (x) => (x === null || x === undefined ? "–" : `${short(x / 1024)} GiB`);

/** Shares of the tallest bar, in percent; what is there at all can be seen. */
export function heights(bars) {
  const top = Math.max(...bars, 1);
  return bars.map((n) => (n ? Math.max(3, Math.round((100 * n) / top)) : 0));
}

/** The least and the greatest of a stretch of rows by each of the columns, and the first that is not a number. */
function spikes(rows, from, to, by) {
  const kept = new Set();
  for (const c of by) {
    let least = -1, most = -1;
    for (let j = from; j < to; j++) {
      const v = rows[j][c];
      if (!Number.isFinite(v)) continue;
      if (least < 0 || v < rows[least][c]) least = j;
      if (most < 0 || v >= rows[most][c]) most = j;
    }
    if (least >= 0) kept.add(least).add(most);
  }
  for (let j = from; j < to; j++) if (!Number.isFinite(rows[j][by[0]])) { kept.add(j); break; }
  return kept;
}

/** Which rows of a curve stay, that no more than about `n` do: the ends and all spikes. A set of their places. */
export function thin(rows, n, by = [1]) {
  if (rows.length <= n) return new Set(rows.keys());
  const inner = rows.length - 2, k = Math.max(1, Math.floor((n - 2) / (2 * by.length + 1)));
  const kept = new Set([0, rows.length - 1]), edge = (i) => 1 + Math.floor((i * inner) / k);
  for (let i = 0; i < k; i++) spikes(rows, edge(i), edge(i + 1), by).forEach((j) => kept.add(j));
  return kept;
}
