// edit.js: edit, comment, label: each takes the place of something in the detail, and gives it back.
import { h } from "../panel.js";
import { HIDDEN, visible } from "../text.js";
import { own } from "./detail.js";
import { restored } from "./diff.js";

/** Known labels that contain what was typed, those that begin with it first; what is new comes last. */
export function matching(labels, typed, most = 9) {
  const t = typed.trim().toLowerCase();
  const rank = (o) => (o.toLowerCase() === t ? 0 : o.toLowerCase().startsWith(t) ? 1 : 2);
  const found = labels.filter((o) => o.toLowerCase().includes(t)).sort((a, b) => rank(a) - rank(b)).slice(0, most);
  return t && !labels.includes(typed.trim()) ? [...found, typed.trim()] : found;
}

/** What an edit decides: texts that differ from the row's, null for each other one; null if nothing was changed. */
export function edited(row, now, values) {
  const old = now?.texts ?? null, was = now?.verdict ?? "";
  const texts = row.turns.map((t, i) => {
    const from = old?.[i] ?? own(t), to = restored(from, values[i]) ?? from;
    return to === own(t) ? null : to;
  });
  const news = texts.some((t) => t !== null) ? texts : null;
  if (JSON.stringify(news) === JSON.stringify(old)) return null;
  return { texts: news, verdict: news && was !== "keep" ? "fix" : was };
}

/** What another label decides; null if it is the one that the row has. */
export function relabelled(row, now, label) {
  if (label === (now?.label ?? row.label)) return null;
  const back = label === row.label, was = now?.verdict ?? "";
  return { label: back ? null : label, verdict: back || was === "keep" ? was : "fix" };
}

const odd = (text) => [...new Set(text.match(HIDDEN) ?? [])].map(visible).join(" ");

function area(t, i, text) {
  const lines = text.split("\n").reduce((n, s) => n + 1 + Math.floor(s.length / 90), 0);
  const box = h("textarea", { "aria-label": `Turn ${i + 1}, ${visible(t.role)}`, rows: Math.min(20, Math.max(2, lines)) });
  box.value = text;
  return box;
}

export class Editor {
  /** `side`: the detail's box; `decide(news)`; `back()`: draw the detail again, with the focus where it belongs. */
  constructor(side, uid, { decide, back }) { Object.assign(this, { side, uid, decide, back, open: null }); }

  /** What was typed is not thrown away. */
  leave() { if (this.open?.kept) this.open.save(); else if (this.open) this.close(); }
  close() {
    if (!this.open) return this.back(false);
    this.open = null;
    this.back(true);
  }
  form(name, box, save, ...more) { // Enter or Ctrl+Enter saves, Esc leaves
    this.open = { save, kept: name !== "label" };
    box.addEventListener("keydown", (e) => {
      const enter = e.key === "Enter" && !e.isComposing && (e.ctrlKey || e.metaKey || e.target.tagName !== "TEXTAREA");
      if (e.key === "Escape") { this.close(); } else if (enter && e.target.tagName !== "BUTTON") save(); else return;
      e.preventDefault();
      e.stopPropagation();
    });
    box.append(h("div", { class: "row" }, h("button", { class: "main", onclick: save }, "Save"),
      h("button", { onclick: () => this.close() }, "Cancel"), more));
    return box;
  }
  ask(name, kids, save) {
    const box = h("div", { class: "asking" }, h("h4", {}, name), kids);
    this.side.querySelector(".acts").after(this.form(name, box, save));
  }

  edit(row, now) {
    const areas = row.turns.map((t, i) => area(t, i, now?.texts?.[i] ?? own(t)));
    const save = () => {
      const news = edited(row, now, areas.map((o) => o.value));
      if (news) this.decide(news);
      this.close();
    };
    const box = h("div", { class: "editing" }, row.turns.map((t, i) => h("div", { class: "turn" },
      h("h4", {}, visible(t.role)), areas[i], odd(own(t)) &&
      h("p", { class: "muted small" }, `Hidden characters stay where they are: ${odd(own(t))}`))));
    const hint = h("span", { class: "muted small" }, "Ctrl+Enter saves, Esc leaves");
    this.side.replaceChildren(this.form("edit", box, save, hint));
    const last = areas.findLast((_, i) => row.turns[i].role === "assistant") ?? areas.at(-1);
    last?.focus();
    last?.setSelectionRange(last.value.length, last.value.length);
  }
  comment(row, now) {
    const input = h("input", { type: "text", "aria-label": "Comment", maxlength: 10000 });
    const old = input.value = now?.comment ?? "";
    const save = () => {
      if (input.value.trim() !== old) this.decide({ comment: input.value.trim() });
      this.close();
    };
    this.ask("comment", [input], save);
    input.focus();
  }
  relabel(row, now, labels) {
    const choice = new Labels(this.uid, labels, () => save());
    const save = () => {
      if (choice.label === undefined) return;
      const news = relabelled(row, now, choice.label);
      if (news) this.decide(news);
      this.close();
    };
    this.ask("label", [choice.input, choice.box], save);
    choice.input.focus();
  }
}

const MOVES = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** A field for a label, and below it those that fit. */
class Labels {
  constructor(uid, labels, save) {
    Object.assign(this, { uid, labels, save, found: [], at: 0 });
    this.input = h("input", { type: "text", role: "combobox", "aria-label": "Label", "aria-expanded": true,
      "aria-controls": `${uid}-labels`, "aria-autocomplete": "list", maxlength: 1000,
      oninput: () => this.show(0), onkeydown: (e) => this.key(e) });
    this.box = h("div", { class: "labels", role: "listbox", id: `${uid}-labels`, "aria-label": "Labels" });
    this.show(0);
  }
  get label() { return this.found[this.at]; }
  chip(o, i) {
    const take = () => { this.at = i; this.save(); };
    return h("button", { class: "chip", role: "option", tabindex: -1, "aria-selected": i === this.at,
      id: `${this.uid}-label-${i}`, onclick: take }, visible(o),
    !this.labels.includes(o) && h("span", { class: "n" }, "new"));
  }
  show(at) {
    this.found = matching(this.labels, this.input.value);
    this.at = Math.max(0, Math.min(at, this.found.length - 1));
    this.box.replaceChildren(...this.found.map((o, i) => this.chip(o, i)));
    this.input.setAttribute("aria-activedescendant", `${this.uid}-label-${this.at}`);
  }
  key(e) {
    const by = MOVES[e.key];
    if (!by || (e.key.match(/Left|Right/) && this.input.value)) return;
    this.show((this.at + by + this.found.length) % Math.max(1, this.found.length));
    e.preventDefault();
  }
}
