// Saves a form while it is being filled in, and says so. Nothing typed is lost: what the server has not taken
// stays on this device until it has. form[data-autosave="URL"] with a hidden "version"; one save at a time.

const TYPING = 800;
const LONGEST_WAIT = 60_000;
const state = document.querySelector("[data-save-state]");

/** Shows one of saved, saving, waiting, wrong; the words come from the server or from the element. */
function show(name, text = "", count = 0) {
  if (!state) return;
  state.dataset.state = name;
  for (const sign of state.querySelectorAll("[data-for]")) sign.hidden = sign.dataset.for !== name;
  state.querySelector("[data-text]").textContent = text || (state.dataset[name] ?? "").replace("{n}", count);
}

/** What was typed here and not saved, to be read and copied. */
function aside(text) {
  const [box, title, body] = ["details", "summary", "p"].map((name) => document.createElement(name));
  title.textContent = state?.dataset.kept ?? "";
  body.textContent = text;
  box.append(title, body);
  return box;
}

class Autosave {
  changed = new Set();
  wait = 2_000;
  constructor(form) {
    this.form = form;
    this.key = `draft:${form.dataset.autosave}`;
    form.addEventListener("input", (event) => this.touch(event.target, TYPING));
    form.addEventListener("change", (event) => this.touch(event.target, 0));
    form.addEventListener("submit", (event) => this.submit(event));
    for (const event of ["online", "pagehide"]) addEventListener(event, () => this.changed.size && this.save());
    this.restore();
  }

  touch(field, delay) {
    if (!field.name || field.type === "file") return;
    this.changed.add(field.name);
    this.keep();
    this.later(delay);
  }

  later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  fields() {
    return [...new FormData(this.form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && !(value instanceof File));
  }

  keep() {
    if (this.changed.size) localStorage.setItem(this.key, JSON.stringify(this.fields()));
    else localStorage.removeItem(this.key);
  }

  /** Puts back what the server never took; beside the fields, if someone saved a newer version meanwhile. */
  restore() {
    const kept = JSON.parse(localStorage.getItem(this.key) ?? "[]");
    const same = new Map(kept).get("version") === this.form.elements.version.value;
    for (const field of this.form.elements) {
      const values = kept.filter(([name]) => name === field.name).map(([, value]) => value);
      if (!values.length || ["file", "hidden", "submit", "button"].includes(field.type)) continue;
      if (["radio", "checkbox"].includes(field.type)) field.checked = same ? values.includes(field.value) : field.checked;
      else if (same) field.value = values[0];
      else if (values[0] !== field.value) field.after(aside(values[0]));
    }
    if (kept.length && same) this.touch(this.form.elements.version, 0);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.running) return this.later(200);
    this.running = this.send();
    await this.running;
    this.running = null;
  }

  async send() {
    const sending = this.changed;
    this.changed = new Set();
    show("saving");
    const body = new URLSearchParams(this.fields());
    const headers = { Accept: "application/json", "X-CSRFToken": this.form.elements.csrfmiddlewaretoken.value };
    try {
      const answer = await fetch(this.form.dataset.autosave, { method: "POST", body, headers, keepalive: true });
      if (answer.status >= 500) throw new Error(`${answer.status}`);
      this.taken(answer, await answer.json());
    } catch {
      this.changed = new Set([...sending, ...this.changed]);
      show("waiting", "", this.changed.size);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
      this.later(this.wait);
    }
  }

  /** Reads the answer. A refusal, or a newer version saved by someone else, leaves the text here and says so. */
  taken(answer, said) {
    this.wait = 2_000;
    if (answer.ok) {
      this.form.elements.version.value = said.version;
      this.keep();
    }
    show(answer.ok ? "saved" : "wrong", said.text);
    this.form.dispatchEvent(new CustomEvent("autosave", { detail: { status: answer.status, ...said } }));
  }

  async submit(event) {
    clearTimeout(this.timer);
    if (!this.running) return localStorage.removeItem(this.key);
    event.preventDefault();
    await this.running;
    this.form.requestSubmit(event.submitter);
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);
