// state.js: what a session of judging knows, and what becomes of it by what python says and what is judged. Nothing here is on a page.
// A judgement waits, `{ m, before, after, n }`, until python says that it is on disk: `m` is what is handed over.
import { settledBy, withKept } from "../review/courier.js";

export function opened() {
  return { items: new Map(), at: 0, head: null, progress: null, trail: [], waiting: new Map(), drafts: new Map(), asked: false,
    revealed: null };
}

const AHEAD = 30, AT_ONCE = 10; // Items that are here before they are looked at, should the kernel die; how many are asked for
export const current = (state) => state.items.get(state.at);
export const placeOf = (state, id) => [...state.items].find(([, o]) => o.item === id)?.[0];
export const size = (state) => state.head?.n ?? 0;

/** What stands on an item, with what is not saved yet. */
export function saidOf(state, id) {
  const o = [...state.waiting.values()].filter(({ m }) => m.item === id).at(-1);
  return o ? o.after : state.items.get(placeOf(state, id))?.said ?? null;
}

/** Reasons, side → words, and comment of an item: those of its judgement, or those given before there is one. */
export function reasons(state, id) {
  const { tags = {}, comment = "" } = state.drafts.get(id) ?? saidOf(state, id) ?? {};
  return { tags, comment };
}

/** Items to ask for: `{ start, n }`, or null. */
export function wanted(state) {
  if (state.asked) return null;
  const end = Math.min(size(state), state.at + AHEAD);
  for (let k = state.at; k < end; k++) if (!state.items.has(k)) return { start: k, n: Math.min(AT_ONCE, end - k) };
  return null;
}

/** Python's progress with what is not saved yet counted in. */
export function counted(progress, waiting) {
  const counts = { ...progress.counts };
  const add = (said, sign) => { if (said) counts[said.verdict] = (counts[said.verdict] ?? 0) + sign; };
  for (const o of waiting) { add(o.before, -1); add(o.after, 1); }
  const judged = Object.entries(counts).reduce((n, [k, v]) => (k === "skip" ? n : n + v), 0);
  return { ...progress, counts, judged };
}

/** Reasons with one more of a side, or without it if it was there. */
export function toggled(tags, side, name) {
  const old = tags[side] ?? [];
  return { ...tags, [side]: old.includes(name) ? old.filter((o) => o !== name) : [...old, name] };
}

/** Where to go on after a verdict: the next one, and after the last the first that is open. */
export function nextAt(state) {
  if (state.at < size(state) - 1) return state.at + 1;
  const done = new Set([...state.waiting.values()].filter((o) => o.after && o.after.verdict !== "skip").map((o) => o.m.item));
  const open = (k) => k !== state.at && !done.has(state.items.get(k)?.item);
  return (state.progress?.open ?? []).find(open) ?? state.at;
}

/** Python's trail of judgements, with what it does not know yet. */
function retraced(trail, waiting) {
  let res = [...trail];
  for (const { m, before } of waiting.values()) {
    if (m.kind === "undo") res = res.filter((o) => o.key !== m.of);
    else if (!res.some((o) => o.key === m.key)) res.push({ key: m.key, item: m.item, before });
  }
  return res;
}

function queued(state, o, now) {
  const last = [...state.waiting.values()].at(-1)?.n ?? 0;
  return { ...state, waiting: new Map(state.waiting).set(o.m.key, { ...o, n: Math.max(now, last + 1) }) };
}

function without(map, key) {
  const res = new Map(map);
  res.delete(key);
  return res;
}

function decide(state, { verdict, key, now, since }) {
  const item = current(state)?.item;
  if (!item) return state;
  const before = saidOf(state, item), after = { verdict, ...reasons(state, item) };
  const seconds = Math.min(86400, Math.round((now - since) / 100) / 10);
  const m = { kind: "decide", key, item, ...after, seconds, t: now / 1000 };
  const trail = [...state.trail, { key, item, before }], drafts = without(state.drafts, item);
  return queued({ ...state, trail, drafts }, { m, before, after }, now);
}

function undo(state, { key, now }) {
  const last = state.trail.at(-1);
  if (!last) return state;
  const m = { kind: "undo", key, of: last.key, item: last.item };
  const o = { m, before: saidOf(state, last.item), after: last.before };
  return queued({ ...state, trail: state.trail.slice(0, -1) }, o, now);
}

const FROM_PYTHON = {
  head: (state, m) => ({ ...state, head: m, progress: m.progress, trail: retraced(m.trail, state.waiting),
    at: state.head ? state.at : m.at }),
  items: (state, m) => ({ ...state, asked: false, items: new Map([...state.items, ...m.items.map((o, i) => [m.start + i, o])]) }),
  saved: (state, { key, item, said, progress }) => {
    const waiting = settledBy(state.waiting, key).reduce(without, state.waiting);
    const items = new Map([...state.items].map(([at, o]) => [at, o.item === item ? { ...o, said } : o]));
    return { ...state, progress, waiting, items };
  },
  unsaved: (state, { key }) => {
    const o = state.waiting.get(key); // it stays in this browser
    return o ? { ...state, waiting: new Map(state.waiting).set(key, { ...o, refused: true }) } : state;
  },
  revealed: (state, m) => ({ ...state, revealed: m }),
};
const FROM_READER = {
  pick: (state, { at }) => ({ ...state, at: Math.max(0, Math.min(at, size(state) - 1)) }),
  draft: (state, { item, news }) =>
    ({ ...state, drafts: new Map(state.drafts).set(item, { ...reasons(state, item), ...news }) }),
  kept: (state, { list }) => ({ ...state, waiting: withKept(state.waiting, list) }),
  asked: (state) => ({ ...state, asked: true }),
  decide, undo,
};

/** The state after a message of python's or of the reader's. */
export function reduce(state, m) {
  return (FROM_PYTHON[m.kind] ?? FROM_READER[m.kind])?.(state, m) ?? state;
}
