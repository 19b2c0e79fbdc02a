// Keeps [data-live] regions fresh: asks once a second whether anything changed, and only then fetches the page.

const regions = () => document.querySelectorAll("[data-live][id]");
const url = document.querySelector("[data-live-url]")?.dataset.liveUrl;
const SECOND = 1_000;
let seen = null;
let pause = SECOND;

/** Puts the regions of the page as it is now in the place of those shown; what is being typed is left alone. */
async function swap() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const region of regions()) {
    const fresh = page.getElementById(region.id);
    if (fresh && !region.contains(document.activeElement?.closest("input, textarea, select"))) region.replaceChildren(...fresh.childNodes);
  }
}

async function ask() {
  if (!document.hidden) {
    try {
      const answer = await fetch(url, { cache: "no-store", headers: seen ? { "If-None-Match": seen } : {} });
      const tag = answer.headers.get("ETag");
      if (answer.ok && tag && seen && tag !== seen) await swap();
      if (tag) seen = tag;
      pause = answer.ok || answer.status === 304 ? SECOND : Math.min(pause * 2, 60 * SECOND);
    } catch {
      pause = Math.min(pause * 2, 60 * SECOND);
    }
  }
  setTimeout(ask, pause);
}

if (url) ask();
