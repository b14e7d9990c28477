// The page works without this: it only filters examples and opens or closes what can be folded.
(() => {
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  document.querySelector(".tools").hidden = false;
  const hits = document.getElementById("hits");
  document.getElementById("filter").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    const examples = all("details.card, tr.row");
    for (const example of examples) {
      const text = example.textContent.toLowerCase();
      example.hidden = !words.every((word) => text.includes(word));
      shown += example.hidden ? 0 : 1;
    }
    hits.textContent = words.length ? shown + " of " + examples.length + " examples" : "";
  });
  const fold = (open) => () => all("details").forEach((part) => { part.open = open; });
  document.getElementById("open").addEventListener("click", fold(true));
  document.getElementById("close").addEventListener("click", fold(false));
  addEventListener("beforeprint", fold(true));
  const links = new Map(all("nav a").map((link) => [link.hash.slice(1), link]));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) {
        links.forEach((link) => link.removeAttribute("aria-current"));
        const link = links.get(entry.target.id);
        if (link) link.setAttribute("aria-current", "true");
      }
    }
  }, { rootMargin: "-10% 0px -80% 0px" });
  all("main > section").forEach((section) => seen.observe(section));
})();
