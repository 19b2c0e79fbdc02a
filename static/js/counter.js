// Counts words while one types, by the server's rule: what stands between white space.

for (const counter of document.querySelectorAll("[data-counter]")) {
  const field = document.getElementById(counter.dataset.counter);
  const limit = Number(counter.dataset.limit);
  const [words, bar, tick] = [".words", ".bar", ".tick"].map((part) => counter.querySelector(part));

  const count = () => {
    const n = field.value.split(/\s+/u).filter(Boolean).length;
    counter.classList.toggle("over", n > limit);
    words.textContent = counter.dataset.text.replace("{n}", n);
    bar.setAttribute("width", `${Math.min(100, (100 * n) / limit)}%`);
    tick.setAttribute("x", `${n ? Math.min(100, (100 * limit) / n) : 100}%`);
  };
  field?.addEventListener("input", count);
  if (field) count();
}
