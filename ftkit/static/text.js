// text.js: text in which nothing hides; python shows the same, and tests/both.json holds the two to it.

/** Text in which nothing is hidden: `⟨U+202E⟩` for what cannot be seen. Windows ends its lines with `\r\n`. */
export function visible(text) {
  const code = (c) => c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  return text.replace(/\r\n?/g, "\n").replace(HIDDEN, (c) => `⟨U+${code(c)}⟩`);
}
export const HIDDEN = new RegExp("[\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e" +
  "\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\ud800-\\udfff\\u{e0000}-\\u{e007f}]", "gu");
