// columns.js: a file's columns, what each means, and how three rows read with that.
import { copier, count, h, mount } from "./panel.js";

/** "text, 12 rows of 200 empty": what is known of a column, in words. */
export function told({ type, filled, of }) {
  return filled === of ? type : `${type}, ${count(of - filled, "row")} of ${of.toLocaleString("en")} empty`;
}

function preview(row) {
  const facts = [`line ${row.line}`, row.label && `label ${row.label}`].filter(Boolean).join(" · ");
  const head = h("p", { class: "muted small", style: "margin-bottom: 6px" }, facts);
  if (row.why) return h("div", {}, head, h("p", { class: "bad small" }, row.why));
  return h("div", {}, head, row.turns.map((t) => h("div", { class: t.role === "assistant" ? "turn assistant" : "turn" },
    h("h4", {}, t.role), h("div", { class: "says" }, t.text || h("span", { class: "muted" }, "(empty)")))), row.rest && h("p", { class: "muted small" }, row.rest));
}

/** The instruction of rows of text and label: shown once there are some, and changed by typing. */
function instruction(p) {
  const words = h("textarea", { rows: 2, "aria-label": "Instruction for rows of text and label", style: "width: 100%",
    onchange: () => p.ask({ kind: "instruct", words: words.value }) });
  const own = h("button", { onclick: () => p.ask({ kind: "instruct", words: null }) }, "Name the labels");
  const el = h("div", { hidden: true }, h("h4", { style: "margin: 16px 0 8px" }, "Instruction: the system turn of each row"), words,
    h("div", { class: "row muted small" }, "Empty for nothing. The labels of all rows are named once all are read.", own));
  return { el, show: (asked, changed) => {
    el.hidden = asked === null;
    if (document.activeElement !== words) words.value = asked ?? ""; // what is being typed stays
    own.hidden = !changed;
  } };
}

function render({ model, el }) {
  const p = mount({ model, el }, "Columns");
  const notes = h("div"), table = h("div"), rows = h("div", { class: "three", "aria-live": "polite" });
  const asked = instruction(p);
  const line = h("pre", { tabindex: 0, "aria-label": "The line that loads this" });
  let selects = [];
  p.body.append(notes, table, asked.el, h("h4", { style: "margin: 16px 0 8px" }, "The first rows would be read as"), rows,
    h("div", { class: "row", style: "margin-top: 16px" }, line, copier(line)));
  Object.assign(line.style, { flex: "1", minWidth: "0", whiteSpace: "pre-wrap" });

  const choice = (c, at, targets) => h("select", { "aria-label": `What ${c.name} means`, style: "min-width: 8.5em",
    onchange: (e) => p.ask({ kind: "choose", at, target: e.target.value }) },
    [h("option", { value: "" }, "kept as it is"), ...targets.map((t) => h("option", { value: t }, t))]);
  p.hear({
    columns: (m) => {
      notes.replaceChildren(...m.notes.map((o) => h("div", { class: "note" }, o)));
      selects = m.columns.map((c, at) => choice(c, at, m.targets));
      const head = ["column", "means", "type", "first value"].map((o) => h("th", {}, o));
      const body = m.columns.map((c, at) => h("tr", {}, h("td", {}, h("b", {}, c.name)), h("td", {}, selects[at]),
        h("td", { class: "muted small" }, told(c)), h("td", { class: "small" }, c.sample)));
      table.replaceChildren(m.columns.length ? h("div", { class: "scroll open", tabindex: 0, role: "group", "aria-label": "Columns" }, h("table", { class: "meanings" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, body)))
        : h("div", { class: "empty" }, "No columns."));
    },
    preview: (m) => {
      m.means.forEach((t, at) => { if (selects[at]) selects[at].value = t; });
      asked.show(m.asked, m.own);
      rows.replaceChildren(...m.rows.map(preview));
      line.textContent = m.line;
      p.state(m.look, m.word, m.place);
    },
  });
  return p.close;
}
export default { render };
