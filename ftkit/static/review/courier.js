// courier.js: decisions on their way to python.

/** What need not be handed over any more: the decision of this key, and the one it takes back, which was lost or refused. */
export const settledBy = (waiting, key) => [key, waiting.get(key)?.m.of].filter((k) => waiting.has(k));

/** What waits, with what an earlier view could not hand over, oldest first. */
export const withKept = (waiting, list) =>
  new Map([...waiting.values(), ...list].sort((a, b) => a.n - b.n).map((o) => [o.m.key, o]));

/**
 * Hands over what waits (key → `{ m }`), one at a time and oldest first: a kernel with subshells hears two messages in two
 * threads, and the later one may come first. What is not answered is sent again; python knows a key that it had.
 */
export class Courier {
  constructor(send, waiting, again = 3000) {
    Object.assign(this, { send, waiting, again, sent: null, timer: 0, refused: new Set() });
  }
  /** From the start, also what was refused. */
  all() {
    this.refused.clear();
    this.sent = null;
    this.next();
  }
  /** The oldest one, unless one is on its way. */
  next() {
    if (this.waiting().has(this.sent)) return;
    const o = [...this.waiting().values()].find(({ m }) => !this.refused.has(m.key));
    this.sent = o?.m.key ?? null;
    clearTimeout(this.timer);
    if (o) this.post(o.m, this.again);
  }
  /** Python has said of a key that it is on disk, or why not. */
  answered(key, refused = false) {
    if (refused) this.refused.add(key);
    if (key === this.sent) this.sent = null;
    this.next();
  }
  post(m, ms) {
    this.timer = setTimeout(() => this.post(m, Math.min(2 * ms, 600000)), ms);
    try { this.send(m); } catch { /* no kernel: it stays here */ }
  }
  close() { clearTimeout(this.timer); }
}
