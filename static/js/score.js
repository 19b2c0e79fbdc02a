// The juror's sheet. On a phone one criterion at a time, at the bottom of the text; wider, all of them, beside it.
// Saving is autosave.js; what a mark means is shown by the page itself.

const narrow = matchMedia("(width < 64rem)");

class Sheet {
  constructor(sheet) {
    this.sheet = sheet;
    this.criteria = [...sheet.querySelectorAll(".criterion")];
    this.at = Math.max(0, this.criteria.findIndex((criterion) => !this.mark(criterion)));
    this.on("[data-previous]", () => this.go(this.at - 1));
    this.on("[data-next]", () => this.go(this.at + 1));
    this.on("[data-fold]", (button) => {
      const folded = sheet.classList.toggle("folded");
      button.setAttribute("aria-expanded", String(!folded));
    });
    this.on("[data-note]", () => {
      const note = this.note();
      note.open = !note.open;
      if (note.open) note.querySelector("textarea")?.focus();
    });
    for (const stepper of sheet.querySelectorAll(".stepper")) this.step(stepper);
    sheet.addEventListener("change", () => this.show());
    narrow.addEventListener("change", () => this.show());
    this.show();
  }

  on(selector, act) {
    const button = this.sheet.querySelector(selector);
    button?.addEventListener("click", () => act(button));
  }

  mark(criterion) {
    return criterion.querySelector("input:checked") ?? [...criterion.querySelectorAll("input[type=number]")].find((input) => input.value);
  }

  /** The words that go with a mark: the criterion's own, or those of the whole sheet. */
  note() {
    return this.criteria[this.at].querySelector(".note") ?? this.sheet.querySelector(".note");
  }

  /** A number: − and + move it by a step; writing one takes an abstention back, and the other way round. */
  step(stepper) {
    const input = stepper.querySelector("input");
    const abstain = stepper.closest(".criterion").querySelector("input[type=checkbox]");
    for (const button of stepper.querySelectorAll("[data-step-by]")) {
      button.hidden = input.disabled;
      button.addEventListener("click", () => {
        if (!input.value) input.value = input.min || "0";
        else if (Number(button.dataset.stepBy) > 0) input.stepUp();
        else input.stepDown();
        input.dispatchEvent(new Event("change", { bubbles: true }));
      });
    }
    input.addEventListener("change", () => abstain && input.value && (abstain.checked = false));
    abstain?.addEventListener("change", () => abstain.checked && (input.value = ""));
  }

  go(to) {
    this.at = Math.min(Math.max(to, 0), this.criteria.length - 1);
    this.show();
    this.sheet.querySelector("[data-step]").focus({ preventScroll: true });
  }

  show() {
    const one = narrow.matches;
    const last = this.at === this.criteria.length - 1;
    this.sheet.classList.toggle("one", one);
    for (const part of this.sheet.querySelectorAll("[data-sheet-one]")) part.hidden = !one;
    for (const part of this.sheet.querySelectorAll("[data-sheet-all]")) part.hidden = one;
    this.sheet.querySelector("[data-sheet-foot]").hidden = one && !last;
    this.sheet.querySelector("[data-next]").hidden = last;
    this.criteria.forEach((criterion, n) => {
      const fold = criterion.closest(".fold");
      (fold ?? criterion).hidden = one && n !== this.at;
      // A row opens when its turn comes: on a phone always, beside the text once the one before is scored.
      if (fold && (one || this.mark(criterion) || this.mark(this.criteria[n - 1]))) fold.open = true;
    });
    this.say();
  }

  say() {
    const done = this.criteria.filter((criterion) => this.mark(criterion)).length;
    const all = this.sheet.querySelector("[data-done]");
    const step = this.sheet.querySelector("[data-step]");
    all.textContent = all.dataset.text.replace("{n}", done);
    step.textContent = step.dataset.text.replace("{n}", this.at + 1);
    this.sheet.querySelector("[data-note]").hidden = !this.note();
    this.sheet.querySelector("[data-steps]").replaceChildren(
      ...this.criteria.map((criterion, n) => {
        const seat = document.createElement("i");
        seat.className = n === this.at ? "now" : this.mark(criterion) ? "done" : "";
        return seat;
      }),
    );
  }
}

for (const sheet of document.querySelectorAll("[data-sheet]")) new Sheet(sheet);
