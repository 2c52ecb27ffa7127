// form.js: one input per config field, and beside them what follows: plan, memory, differences, YAML and code.
import { copier, h, later, mount, tabs } from "./panel.js";
import { Field, Group } from "./form/fields.js";
import { Chooser, differences, Memory, plan } from "./form/follows.js";
import { Yaml } from "./form/yaml.js";

class Form {
  constructor({ model, el }) {
    Object.assign(this, { p: mount({ model, el }, "Run configuration"), fields: {}, groups: [], choosers: [] });
    Object.assign(this, { pending: {}, valid: false, starting: false, alive: false });
    this.frame();
    this.flush = later(() => this.send());
    const failed = () => this.startable({ starting: false, alive: false });
    this.p.hear({ fields: (m) => this.make(m), checked: (m) => this.checked(m), yaml: (m) => this.yaml.answer(m),
      run: (m) => this.run(m), failed, refused: failed });
  }
  frame() {
    const { body, tools } = this.p, { ask } = this, button = (o, word) => h("button", o, word);
    [this.edits, this.differ, this.plan] = [h("div"), h("div"), h("div")];
    this.top = h("div", { class: "presets" });
    this.memory = new Memory(ask);
    this.yaml = new Yaml(ask);
    this.code = h("pre", { tabindex: 0, "aria-label": "The code that does the same" });
    this.ran = h("div", { class: "note", role: "status", hidden: true });
    this.save = button({ hidden: true, onclick: () => ask({ kind: "save" }) }, "Save");
    this.begin = button({ class: "main", onclick: () => this.start() }, "Start run");
    this.reset = button({ title: "Back to how the form was opened", onclick: () => ask({ kind: "reset" }) }, "Reset");
    const about = h("span", { class: "small muted" }, "transformers, peft and trl alone; trains the same weights");
    const pages = tabs({ Fields: this.edits, Differences: this.differ, YAML: this.yaml.el,
      Code: h("div", { class: "stack" }, h("div", { class: "row" }, copier(this.code), about), this.code) });
    this.heads = [...pages.querySelectorAll("[role=tab]")];
    tools.append(this.save, this.begin);
    body.append(this.ran, this.top, h("div", { class: "follow" }, this.plan, this.memory.view), pages);
  }

  // ---- what is typed and chosen
  edit(name, text) {
    this.pending[name] = text;
    this.p.state("busy", "checking");
    this.flush();
  }
  ask = (m) => { // what was typed a moment ago goes first: it is saved, started or reset with the rest
    this.send();
    this.p.ask(m);
  };
  set(edits) { this.ask({ kind: "edit", edits }); }
  send() {
    const edits = this.pending;
    this.pending = {};
    if (Object.keys(edits).length) this.p.ask({ kind: "edit", edits });
  }
  start() {
    this.startable({ starting: true });
    this.ask({ kind: "start" });
  }
  startable(news) { // one run at a time, and none twice by a second click
    Object.assign(this, news);
    this.begin.disabled = !this.valid || this.starting || this.alive;
  }
  choose() { this.ask({ kind: "preset", names: this.choosers.map((o) => o.box.value).filter(Boolean) }); }

  // ---- what python says
  make(m) {
    if (Object.keys(this.fields).length) return; // made already; what is typed is not lost
    const edit = (name, text) => this.edit(name, text), waits = (name) => name in this.pending;
    for (const f of m.groups.flatMap((g) => g.fields)) this.fields[f.name] = new Field(f, edit, waits);
    this.groups.push(...m.groups.map((g) => new Group(g, this.fields)));
    this.edits.replaceChildren(...this.groups.map((g) => g.box));
    const chooser = (kind, label) => new Chooser(kind, label, m.presets, () => this.choose());
    this.choosers = [chooser("place", "Where it runs"), chooser("task", "What it is for")];
    this.top.replaceChildren(...this.choosers.map((o) => o.view), this.reset);
    this.memory.places(m.places);
  }
  checked(m) {
    for (const [name, news] of Object.entries(m.fields)) this.fields[name]?.draw(news);
    this.groups.forEach((g) => g.draw());
    this.choosers.forEach((o) => o.draw(m.presets));
    this.yaml.fields(m.yaml);
    this.code.textContent = m.code;
    this.plan.replaceChildren(plan(m, (offer) => this.set(offer)));
    this.memory.draw(m);
    const n = m.differences.length;
    this.heads[1].textContent = n ? `Differences (${n})` : "Differences";
    differences(this.differ, m, (name) => this.set({ [name]: this.fields[name].f.fallback }));
    this.startable({ valid: m.ready });
    this.save.hidden = !m.path;
    this.save.disabled = !m.valid || m.look === "done";
    this.p.state(m.look, m.word, m.path);
    if (m.error) this.p.say("failed", m.error); else this.p.say("");
  }
  run(m) {
    this.ran.className = `note ${m.state === "failed" || m.state === "lost" ? "failed" : ""}`;
    this.ran.hidden = false;
    this.ran.replaceChildren(h("b", {}, m.text), `\nIt is in ${m.where}. To watch it: `, h("code", { class: "mono" }, m.how));
    clearTimeout(this.looking);
    if (m.alive) this.looking = setTimeout(() => this.p.ask({ kind: "look" }, ""), 1500);
    this.startable({ starting: false, alive: m.alive });
  }
  close() {
    clearTimeout(this.looking);
    this.p.close();
  }
}

function render(context) {
  const form = new Form(context);
  return () => form.close();
}
export default { render };
