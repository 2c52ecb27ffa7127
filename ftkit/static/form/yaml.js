// yaml.js: the configuration as YAML, which can be edited, too, and as code.
import { copier, count, h, later } from "../panel.js";

/** The fields that YAML would change, as a sentence. */
export function announce({ error, changes }) {
  if (error) return error;
  if (!changes.length) return "The same as the fields.";
  const few = changes.slice(0, 6).join(", ") + (changes.length > 6 ? ", …" : "");
  return `Apply changes ${count(changes.length, "field")}: ${few}.`;
}

export class Yaml {
  constructor(ask) {
    Object.assign(this, { ask, dirty: false, last: "", asked: 0 }); // `dirty`: it says something else than the fields
    this.soon = later(() => { this.settle(); this.send(false); });
    this.text = h("textarea", { class: "mono", rows: 24, spellcheck: "false", "aria-label": "The configuration as YAML",
      oninput: () => { this.dirty = this.apply.disabled = true; this.soon(); } });
    this.says = h("div", { class: "says", role: "status" });
    this.apply = h("button", { class: "main", disabled: true, onclick: () => this.send(true) }, "Apply");
    this.undo = h("button", { hidden: true, onclick: () => this.discard() }, "Discard");
    this.el = h("div", { class: "stack" },
      h("div", { class: "row" }, copier(this.text), this.apply, this.undo, this.says), this.text);
  }
  send(apply) {
    this.asked++;
    this.ask({ kind: "yaml", text: this.text.value, apply });
  }
  settle() {
    this.undo.hidden = !this.dirty;
    if (this.dirty) return;
    this.says.textContent = "";
    this.apply.disabled = true;
  }
  discard() {
    [this.dirty, this.text.value] = [false, this.last];
    this.settle();
  }
  fields(text) { // what the fields say now
    this.last = text;
    if (this.dirty) return;
    this.text.value = text;
    this.text.placeholder = "Fix the marked fields first, or paste YAML here.";
  }
  answer(m) {
    if (!this.asked) return; // another view of this form did, and what is typed here stays
    this.asked--;
    this.says.textContent = m.applied ? "Applied." : announce(m);
    this.says.className = `says ${m.error ? "bad" : ""}`;
    this.text.setAttribute("aria-invalid", Boolean(m.error));
    this.apply.disabled = Boolean(m.error) || m.applied || !m.changes.length;
    if (!m.applied) return;
    [this.dirty, this.text.value, this.undo.hidden] = [false, this.last, true];
  }
}
