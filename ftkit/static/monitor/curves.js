// curves.js: what is computed of a run's curves.
// A row of a curve: step, loss, learning rate, gradient norm, tokens per second, MiB, and, where it stands for several
// steps, the mean of their losses and how many they are.
import { gib, percent, short, thin } from "../numbers.js";

export const [STEP, LOSS, LR, GRAD, PACE, MIB, MEAN, COUNT] = [0, 1, 2, 3, 4, 5, 6, 7];

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

/** At most about `n` rows, with the spikes of loss and gradient; no mean is lost. */
export function compact(rows, n) {
  if (rows.length <= n) return rows;
  const kept = thin(rows, n, [LOSS, GRAD]), res = [];
  let sum = 0, count = 0;
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

/** From which step to which the curves of all runs go. */
export function domain(runs) {
  const curves = runs.flatMap((r) => [r.rows, r.evals, r.rates]).filter((c) => c.length);
  const ends = curves.flatMap((c) => [c[0][0], c.at(-1)[0]]);
  if (!ends.length) return [0, 1];
  const lo = Math.min(...ends), hi = Math.max(...ends);
  return hi > lo ? [lo, hi] : [lo - 1, hi + 1];
}

/** All that is known of a run at a step, as `[name, value]`. */
export function values(run, smooth, step) {
  const i = nearest(run.rows, step), r = run.rows[i], at = Math.max(step, r?.[STEP] ?? 0);
  const before = (curve) => curve[upTo(curve, at)];
  const e = before(run.evals), s = before(run.rates), res = [];
  const put = (name, v, say) => { if (v !== null && v !== undefined) res.push([name, say(v)]); };
  put("train", r?.[LOSS], short);
  if (r) put("smoothed", smooth[i], short);
  if (e) put(e[0] === r?.[STEP] ? "validation" : `validation at ${e[0].toLocaleString("en")}`, e[1], short);
  put("learning rate", r?.[LR], short);
  put("gradient norm", r?.[GRAD], short);
  put("tokens per second", r?.[PACE], short);
  put("memory", r?.[MIB], gib);
  put("ended by itself", s?.[1], percent);
  put("right format", s?.[2], percent);
  return res;
}
