// state.js: what a monitor knows, and what becomes of it by what python says and what is clicked. Nothing here is on a page.
import { compact, domain, grow } from "./curves.js";

const MOST = 4000; // rows of a run that a view holds; more are thinned to half of it

/** The state of a view that has heard nothing. */
export function opened(view) {
  return { view, runs: [], focus: 0, zoomed: null, at: null };
}

/** Answers by prompt and step, with those of a message; what was asked for whole stays whole. */
function answered(answers, list) {
  const res = new Map(answers);
  for (const o of list) {
    const mine = res.get(o.q) ?? { prompt: o, by: new Map() }, old = mine.by.get(o.step);
    const prompt = o.prompt.length > mine.prompt.prompt.length ? o : mine.prompt;
    const keeps = old && old.answer.length > o.answer.length;
    res.set(o.q, { prompt, by: new Map(mine.by).set(o.step, keeps ? old : o) });
  }
  return res;
}

/** The answers that a run still has: one that was resumed has lost some. */
function surviving(answers, steps) {
  const there = new Set([0, ...steps]), res = new Map();
  for (const [q, o] of answers) {
    const by = new Map([...o.by].filter(([s]) => there.has(s)));
    if (by.size) res.set(q, { ...o, by });
  }
  return res;
}

function storied(story, { story: news, tiles, n_tiles: n }) {
  const res = { ...story, ...news };
  if (!tiles) return res;
  res.tiles = res.tiles.slice(0, n);
  tiles.forEach(([j, o]) => { res.tiles[j] = o; });
  return res;
}

/** A run with what came: curves grow in place, so that a view opened later begins with all of them. */
function grown(run, m) {
  const res = { ...run, story: storied(run.story, m) };
  if (m.rows) res.rows = grow(m.rows, run.rows);
  if (m.train) {
    const rows = grow(res.rows, m.train);
    res.rows = compact(rows, rows.length > MOST ? MOST / 2 : MOST);
  }
  if (m.evals) grow(res.evals, m.evals);
  if (m.rates) grow(res.rates, m.rates);
  if ("best" in m) res.best = m.best;
  if (m.steps) res.steps = [...new Set([...run.steps, ...m.steps])].sort((a, b) => a - b);
  if (m.answers) res.answers = answered(run.answers, m.answers);
  return res;
}

const KINDS = {
  all: (state, m) => {
    const same = state.runs.length === m.runs.length, old = (i) => (same ? state.runs[i].answers : []);
    const runs = m.runs.map((r, i) =>
      ({ ...r, rows: r.train, answers: answered(surviving(old(i), r.steps), r.answers) }));
    return { ...state, runs, focus: Math.max(0, Math.min(state.focus, runs.length - 1)) };
  },
  more: (state, m) => {
    if (!state.runs[m.run] || (m.view && m.view !== state.view)) return state; // told another view
    return { ...state, runs: state.runs.map((r, i) => (i === m.run ? grown(r, m) : r)) };
  },
  zoom: (state, { ends }) => {
    const [lo, hi] = domain(state.runs), [from, to] = ends ?? [lo, lo];
    const zoomed = [Math.max(lo, from), Math.min(hi, to)], part = from > lo || to < hi; // all of it goes on to grow
    return { ...state, zoomed: part && zoomed[1] > zoomed[0] ? zoomed : null };
  },
  hover: (state, { step }) => ({ ...state, at: step }),
  look: (state, { run }) => ({ ...state, focus: run }),
};

/** The state after a message of python's (`all`, `more`) or of the reader's (`zoom`, `hover`, `look`). */
export function reduce(state, m) {
  return KINDS[m.kind]?.(state, m) ?? state;
}

const UNWRITTEN = "Nothing was written to it yet.";

/** The end of a log, with what was added. */
export function logged(text, { log, fresh }) {
  return ((fresh || text === UNWRITTEN ? "" : text) + log).slice(-20000) || UNWRITTEN;
}
