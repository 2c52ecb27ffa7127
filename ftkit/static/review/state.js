// state.js: what a review knows, and what becomes of it by what python says and what is decided. Nothing here is on a page.
// A decision waits, `{ m, before, after, sampled, n }`, until python says that it is on disk: `m` is what is handed over.
import { settledBy, withKept } from "./courier.js";

export function opened() {
  return { rows: new Map(), at: 0, trail: [], head: null, progress: null, waiting: new Map(), asked: 0,
    view: { view: 0, n: 0, request: {}, chance: false } };
}

export const current = (state) => state.rows.get(state.at);
export const size = (state) => state.head?.page ?? 20;
export const start = (state) => Math.floor(state.at / size(state)) * size(state); // the first row on screen
export const newest = (state, id) => [...state.waiting.values()].filter((o) => o.m.id === id).at(-1);
export const placeOf = (state, id) => [...state.rows].find(([, r]) => r.id === id)?.[0];

/** What stands on a row, with what is not saved yet. */
export function saidOf(state, id) {
  const o = newest(state, id);
  return o ? o.after : state.rows.get(placeOf(state, id))?.said ?? null;
}

/** The same, if it was said of the row as it is now. */
export function standing(state, id) {
  const said = saidOf(state, id);
  return said?.changed ? null : said;
}

/** The next row without a verdict, as far as rows are here; undefined if there is none. */
export function nextOpen(state) {
  for (let at = state.at + 1; at < state.view.n; at++) {
    const row = state.rows.get(at);
    if (!row || !standing(state, row.id)?.verdict) return at;
  }
}

/** Rows to ask for, that the next two pages are here: `{ view, start, n }`, or null. */
export function wanted(state) {
  if (state.asked) return null;
  const from = start(state), end = from + 3 * size(state);
  for (let k = from; k < Math.min(state.view.n, end); k++)
    if (!state.rows.has(k)) return { view: state.view.view, start: k, n: end - k };
  return null;
}

/** Python's trail of decisions, with what it does not know yet. */
function retraced(trail, waiting) {
  let res = [...trail];
  for (const { m, before } of waiting.values()) {
    if (m.kind === "undo") res = res.filter((o) => o.key !== m.of);
    else if (!res.some((o) => o.key === m.key)) res.push({ key: m.key, id: m.id, before });
  }
  return res;
}

function queued(state, o, now) {
  const last = [...state.waiting.values()].at(-1)?.n ?? 0;
  return { ...state, waiting: new Map(state.waiting).set(o.m.key, { ...o, n: Math.max(now, last + 1) }) };
}

function without(waiting, key) {
  const res = new Map(waiting);
  res.delete(key);
  return res;
}

const rowsWith = (state, id, f) => new Map([...state.rows].map(([at, r]) => [at, r.id === id ? f(r) : r]));

/** A label that is new is known from now on. */
function labelled(head, label) {
  if (!head || label === null || head.labels.includes(label)) return head;
  return { ...head, labels: [...head.labels, label] };
}

function decide(state, { news, key, now, since }) {
  const row = current(state);
  if (!row) return state;
  const { chance } = state.view, before = saidOf(state, row.id);
  const after = { verdict: "", comment: "", label: null, texts: null, ...standing(state, row.id), ...news,
    changed: false, chance: before ? before.chance : chance };
  const { verdict, comment, label, texts } = after;
  const seconds = Math.min(86400, Math.round((now - since) / 100) / 10), order = chance ? "random" : "other";
  const m = { kind: "decide", key, id: row.id, hash: row.hash, split: row.split, verdict, comment, label, texts, seconds,
    t: now / 1000, order };
  const trail = [...state.trail, { key, id: row.id, before }], head = labelled(state.head, label);
  return queued({ ...state, trail, head }, { m, before, after, sampled: row.sampled }, now);
}

function undo(state, { key, now }) {
  const last = state.trail.at(-1);
  if (!last) return state;
  const m = { kind: "undo", key, of: last.key, id: last.id }, sampled = state.rows.get(placeOf(state, last.id))?.sampled;
  const o = { m, before: saidOf(state, last.id), after: last.before, sampled };
  return queued({ ...state, trail: state.trail.slice(0, -1) }, o, now);
}

const FROM_PYTHON = {
  head: (state, m) =>
    ({ ...state, head: m, progress: m.progress, trail: retraced(m.trail, state.waiting) }),
  view: (state, m) => {
    const next = { ...state, view: m, asked: m.follows ? m.view : 0 };
    return m.view === state.view.view ? next : { ...next, rows: new Map(), at: m.at };
  },
  rows: (state, m) => {
    const came = m.view === state.view.view ? m.rows.map((r, i) => [m.start + i, r]) : []; // else they are of an older view
    return { ...state, asked: 0, rows: new Map([...state.rows, ...came]) };
  },
  row: (state, { row }) => ({ ...state, rows: rowsWith(state, row.id, () => row) }),
  saved: (state, { key, id, said, progress }) => {
    const waiting = settledBy(state.waiting, key).reduce(without, state.waiting);
    return { ...state, progress, waiting, rows: rowsWith(state, id, (r) => ({ ...r, said })) };
  },
  unsaved: (state, { key }) => {
    const o = state.waiting.get(key); // it stays in this browser
    return o ? { ...state, waiting: new Map(state.waiting).set(key, { ...o, refused: true }) } : state;
  },
};
const FROM_READER = {
  pick: (state, { at }) => ({ ...state, at: Math.max(0, Math.min(at, state.view.n - 1)) }),
  kept: (state, { list }) => ({ ...state, waiting: withKept(state.waiting, list) }),
  asked: (state, { view }) => ({ ...state, asked: view }),
  trim: (state) => { // rows far away are asked for again
    const near = [...state.rows].filter(([at]) => Math.abs(at - state.at) <= 10 * size(state));
    return near.length < state.rows.size ? { ...state, rows: new Map(near) } : state;
  },
  decide, undo,
};

/** The state after a message of python's or of the reader's. */
export function reduce(state, m) {
  return (FROM_PYTHON[m.kind] ?? FROM_READER[m.kind])?.(state, m) ?? state;
}
