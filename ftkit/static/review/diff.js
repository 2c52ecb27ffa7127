// diff.js: what became of one text in another, and what a person means who edits one in a text field.

/** What became of `a` in `b`, word by word: `[["same" | "gone" | "new", text], …]`; a long change is one piece. */
export function diff(a, b, most = 1e6) {
  const words = (s) => s.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
  const x = words(a), y = words(b), n = Math.min(x.length, y.length), out = [];
  let i = 0, j = 0;
  while (i < n && x[i] === y[i]) i++;
  while (j < n - i && x[x.length - 1 - j] === y[y.length - 1 - j]) j++;
  const u = x.slice(i, x.length - j), v = y.slice(i, y.length - j), w = v.length + 1;
  const put = (kind, text) => {
    if (out.at(-1)?.[0] === kind) out.at(-1)[1] += text; else if (text) out.push([kind, text]);
  };
  put("same", x.slice(0, i).join(""));
  let p = 0, q = 0;
  if (u.length * v.length <= most) { // longest common run of words, from the end
    const t = new Uint32Array((u.length + 1) * w);
    for (p = u.length - 1; p >= 0; p--) for (q = v.length - 1; q >= 0; q--) {
      t[p * w + q] = u[p] === v[q] ? t[(p + 1) * w + q + 1] + 1 : Math.max(t[(p + 1) * w + q], t[p * w + q + 1]);
    }
    for (p = 0, q = 0; p < u.length && q < v.length;) {
      if (u[p] === v[q]) { put("same", u[p++]); q++; }
      else if (t[(p + 1) * w + q] >= t[p * w + q + 1]) put("gone", u[p++]);
      else put("new", v[q++]);
    }
  }
  put("gone", u.slice(p).join(""));
  put("new", v.slice(q).join(""));
  put("same", x.slice(x.length - j).join(""));
  return out;
}

/**
 * The text that a person means who made `value` of `raw` in a text field, which turns all line breaks into \n:
 * what was not touched is `raw`'s, to the byte. null if nothing was touched.
 */
export function restored(raw, value) {
  const plain = raw.replace(/\r\n?/g, "\n"), n = Math.min(plain.length, value.length);
  if (value === plain) return null;
  let i = 0, j = 0;
  while (i < n && plain[i] === value[i]) i++;
  while (j < n - i && plain[plain.length - 1 - j] === value[value.length - 1 - j]) j++;
  const at = (m) => { let k = 0; while (m-- > 0) k += raw.startsWith("\r\n", k) ? 2 : 1; return k; };
  const crlf = raw.includes("\r\n") && !/(^|[^\r])\n/.test(raw);
  const middle = value.slice(i, value.length - j);
  return raw.slice(0, at(i)) + (crlf ? middle.replaceAll("\n", "\r\n") : middle) + raw.slice(at(plain.length - j));
}
