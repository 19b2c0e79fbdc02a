// The panel beside the ranking: the row under the cursor, or the one chosen with J and K, says why its number is so.

const panel = document.getElementById("why");
const wide = matchMedia("(width >= 100rem)");
const known = new Map();
let chosen = null;
let wait = 0;

const rows = () => [...document.querySelectorAll("#ranking-rows tr:has(a.row)")];
const address = (row) => row.querySelector("a.row").href;

/** Fetches an explanation once; the next version of the ranking asks anew. */
function explanation(url) {
  if (!known.has(url)) {
    const asked = new URL(url);
    asked.searchParams.set("panel", "1");
    known.set(url, fetch(asked, { headers: { Accept: "text/html" } }).then((answer) => (answer.ok && !answer.redirected ? answer.text() : "")));
  }
  return known.get(url);
}

const parsed = (text) => new DOMParser().parseFromString(text, "text/html").body.childNodes;

/** Marks a row and shows why it stands there. */
async function choose(row) {
  chosen = address(row);
  for (const each of rows()) each.classList.toggle("chosen", each === row);
  if (!wide.matches) return;
  const url = chosen;
  try {
    const text = await explanation(url);
    if (url !== chosen || !text) return;
    panel.firstElementChild.replaceChildren(...parsed(text));
    panel.hidden = false;
  } catch {
    known.delete(url); // no network: the next move asks again
  }
}

/** Opens a row in place, where there is no room beside it, or folds it again. */
async function unfold(row) {
  if (row.nextElementSibling?.matches(".opened")) return row.nextElementSibling.remove();
  const text = await explanation(address(row)).catch(() => "");
  if (!text) return location.assign(address(row));
  const opened = document.createElement("tr");
  opened.className = "opened";
  opened.append(document.createElement("td"));
  opened.firstChild.colSpan = row.cells.length;
  opened.firstChild.append(...parsed(text));
  row.after(opened);
}

/** Moves the choice by a number of rows. */
function move(by) {
  const all = rows();
  const next = all[all.findIndex((row) => address(row) === chosen) + by] ?? all[by > 0 ? 0 : all.length - 1];
  if (!next) return;
  choose(next);
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a.row").focus({ preventScroll: true });
}

if (panel) {
  document.addEventListener("pointerover", (event) => {
    const row = event.target.closest("#ranking-rows tr:has(a.row)");
    clearTimeout(wait);
    if (row && address(row) !== chosen) wait = setTimeout(() => choose(row), 120);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#ranking-rows a.row");
    if (!link || wide.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    unfold(link.closest("tr"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "d") document.querySelector("[data-decide]")?.click();
    else if (event.key === "/") document.querySelector(".filters [name=q]").focus();
    else return;
    event.preventDefault();
  });
  // A new version took the place of the rows: what was explained may no longer be so.
  new MutationObserver(() => {
    known.clear();
    const row = rows().find((each) => address(each) === chosen);
    if (row) choose(row);
  }).observe(document.getElementById("ranking-rows"), { childList: true });
  const first = rows()[0];
  if (first && wide.matches) choose(first);
}
