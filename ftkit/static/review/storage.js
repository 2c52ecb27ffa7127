// storage.js: decisions that are not on disk yet, in this browser.

/** What this browser keeps of one reviewer's decisions for one file, of rows or of items, until they are on disk, oldest first. */
export function keeper(storage, file, reviewer) {
  const prefix = `ftkit/review/${file}/${reviewer}/`;
  const read = (k) => { try { return JSON.parse(storage.getItem(k)); } catch { return null; } };
  const all = () => Array.from({ length: storage.length }, (_, i) => storage.key(i));
  const keys = () => all().filter((k) => k?.startsWith(prefix) && !k.includes("/", prefix.length)); // not of "ann/2" for "ann"
  return {
    all: () => keys().map(read).filter((o) => o?.m?.key && (o.m.id || o.m.item)).sort((a, b) => a.n - b.n),
    put: (o) => storage.setItem(prefix + o.m.key, JSON.stringify(o)),
    drop: (key) => storage.removeItem(prefix + key),
  };
}

/** This page's storage; where it is forbidden or full, memory, which lasts as long as the page. */
export function storageOf() {
  try {
    localStorage.setItem("ftkit/review", "");
    localStorage.removeItem("ftkit/review");
    return { storage: localStorage, lasting: true };
  } catch {
    const m = new Map();
    return { lasting: false, storage: { getItem: (k) => m.get(k) ?? null, setItem: (k, v) => m.set(k, v),
      removeItem: (k) => m.delete(k), key: (i) => [...m.keys()][i], get length() { return m.size; } } };
  }
}
