// list.js: the rows of a page, to choose from.
import { h, inSight, mark, pager } from "../panel.js";
import { visible } from "../text.js";
import { newest, placeOf, saidOf, size, start } from "./state.js";

function badge(said, pending) {
  const verdict = said?.verdict ?? "", look = said?.changed ? "changed" : verdict;
  const title = said?.changed ? "its content changed since the verdict" : verdict;
  return h("span", { class: `badge ${look}`, "data-pending": pending, title },
    said?.changed ? "≠" : verdict.slice(0, 1).toUpperCase());
}

function item(row, at, said, pending, onclick) {
  const marks = row.marks.map((m) => mark(m, m.n));
  const notes = [said?.texts && "edited", said?.label && `label ${visible(said.label)}`, said?.comment && "comment"];
  const told = notes.filter(Boolean);
  return h("div", { class: "item", role: "option", "data-at": at, "data-id": row.id, onclick },
    h("div", { class: "lead" }, badge(said, pending),
      h("span", { class: "line", title: "line in the file" }, row.line || row.n)),
    h("div", {}, h("div", { class: "one" }, row.asks || "(no text)"),
      h("div", { class: "one muted small" }, row.says || "(no answer)"),
      (marks.length > 0 || told.length > 0) && h("div", { class: "marks" }, marks,
        told.map((o) => h("span", { class: "small" }, o)))));
}

export class List {
  constructor(uid, { pick, page }) {
    Object.assign(this, { uid, pick, page, from: -1 }); // `from`: the first row on screen
    this.el = h("div", { class: "list", role: "listbox", tabindex: 0, "aria-label": "Examples" });
    this.foot = h("div", { class: "foot" });
  }
  item(state, at) {
    const row = state.rows.get(at), press = () => { this.pick(at); this.el.focus(); };
    if (!row) return h("div", { class: "item waits", role: "option", "data-at": at }, "…");
    const o = item(row, at, saidOf(state, row.id), Boolean(newest(state, row.id)), press);
    o.id = `${this.uid}-${at}`;
    o.setAttribute("aria-selected", at === state.at);
    return o;
  }
  show(state) {
    const from = this.from = start(state), n = Math.max(0, Math.min(state.view.n, from + size(state)) - from);
    this.el.replaceChildren(...Array.from({ length: n }, (_, i) => this.item(state, from + i)));
    if (!state.view.n) this.el.append(h("div", { class: "empty", role: "option", "aria-disabled": true },
      state.progress?.n ? "Nothing found. Clear the search or the filters." : "No examples."));
    this.foot.replaceChildren(pager({ first: n ? from + 1 : 0, last: from + n, n: state.view.n }, this.page));
    this.choose(state);
  }
  choose(state) {
    [...this.el.children].forEach((o) => o.setAttribute("aria-selected", Number(o.dataset.at) === state.at));
    this.el.setAttribute("aria-activedescendant", state.view.n ? `${this.uid}-${state.at}` : "");
    inSight(this.el, this.el.children[state.at - this.from]);
  }
  redraw(state, id) {
    const at = placeOf(state, id);
    if (at !== undefined) this.el.children[at - this.from]?.replaceWith(this.item(state, at));
  }
}
