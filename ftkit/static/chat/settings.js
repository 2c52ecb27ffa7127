// settings.js: how the next answers are made: the system prompt, and how their tokens are chosen.
import { h } from "../panel.js";

const FIELDS = [["temperature", "Temperature", "0 is greedy"], ["top_p", "Top-p", "1 leaves all tokens in"], ["top_k", "Top-k", "0 leaves all tokens in"],
  ["seed", "Seed", "the same seed draws the same answer"], ["max_new_tokens", "Longest answer, in tokens", "0: as in the evaluation"]];
const GREEDY = "Greedy: always the likeliest token";
const DRAWN = new Set(["temperature", "top_p", "top_k", "seed"]); // what greedy does not ask

const brief = (text) => text.length > 80 ? `${text.slice(0, 79)}…` : text;

class Field {
  constructor([name, label, hint], id, drafts, set) {
    Object.assign(this, { name, hint, drafts });
    this.about = h("div", { class: "says", id: `${id}-about` }, hint);
    this.box = h("input", { id, name, inputmode: "decimal", autocomplete: "off", "aria-label": label, "aria-describedby": `${id}-about`,
      oninput: () => drafts.set(name, this.box.value), onchange: () => set({ [name]: this.box.value }),
      onkeydown: (e) => { if (e.key === "Enter") set({ [name]: this.box.value }); } });
    this.view = h("div", { class: "field" }, h("label", { for: id }, label), this.box, this.about);
  }
  draw(value, error, off) {
    this.box.value = this.drafts.get(this.name) ?? value;
    this.box.disabled = off;
    this.box.setAttribute("aria-invalid", Boolean(error));
    this.about.className = error ? "says bad" : "says";
    this.about.textContent = error ?? this.hint;
  }
}

export class Settings {
  constructor(drafts, { set, system }) {
    this.drafts = drafts;
    const id = `ftkit-${Math.random().toString(36).slice(2)}`;
    this.fields = FIELDS.map((o) => new Field(o, `${id}-${o[0]}`, drafts, set));
    this.greedy = h("input", { type: "checkbox", id, "aria-label": GREEDY, onchange: () => {
      drafts.delete("temperature");
      set({ temperature: this.greedy.checked ? "0" : "0.7" });
    } });
    this.how = h("span");
    this.box = h("fieldset", {}, h("div", { class: "row" }, this.greedy, h("label", { for: id }, GREEDY)),
      h("div", { class: "fields" }, this.fields.map((o) => o.view)));
    this.prompt = h("textarea", { rows: 3, "aria-label": "System prompt", oninput: () => drafts.set("system", this.prompt.value),
      onchange: () => system(this.prompt.value) });
    this.begins = h("span");
    this.view = h("div", { class: "settings" },
      h("details", { class: "fold" }, h("summary", {}, h("b", {}, "System prompt"), this.begins), this.prompt,
        h("p", { class: "small muted" }, "From the next message on.")),
      h("details", { class: "fold" }, h("summary", {}, h("b", {}, "Settings"), this.how), this.box));
  }
  taken(names, errors) { // what python has; what it refused stays as it was typed
    names.filter((name) => !errors[name]).forEach((name) => this.drafts.delete(name));
  }
  draw(chat) {
    const off = chat.busy || chat.state === "closed", greedy = Number(chat.settings.temperature) === 0;
    const wrong = Object.keys(chat.errors).length;
    this.how.textContent = wrong ? `${chat.how} · ${wrong} not taken` : chat.how;
    this.how.className = wrong ? "bad" : "";
    this.begins.textContent = chat.system ? brief(chat.system) : "none";
    this.greedy.checked = greedy;
    this.greedy.disabled = off;
    this.fields.forEach((o) => o.draw(chat.settings[o.name], chat.errors[o.name],
      off || (greedy && DRAWN.has(o.name) && !chat.errors[o.name])));
    this.prompt.value = this.drafts.get("system") ?? chat.system;
    this.prompt.disabled = off;
  }
}
