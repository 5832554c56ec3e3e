"use strict";
(function () {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const specs = read("specs"), themes = read("themes"), thumbnails = read("thumbnails");
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const choice = document.getElementById("theme");
  const root = document.documentElement;

  // Rows that belong to a picture name it by number; what a tooltip shows is the field `image`.
  function fill(value) {
    if (Array.isArray(value)) value.forEach(fill);
    else if (value && typeof value === "object") {
      if (Number.isInteger(value.thumb)) value.image = thumbnails[value.thumb];
      Object.values(value).forEach(fill);
    }
  }
  fill(specs);

  // Storage may be forbidden (a page from a file in some browsers): the choice is then not remembered.
  function remembered() {
    try { return localStorage.getItem("theme") || "auto"; } catch { return "auto"; }
  }
  function remember(value) {
    try { localStorage.setItem("theme", value); } catch { /* not remembered */ }
  }

  const views = new Map();
  let turn = 0;
  async function draw() {
    const mine = ++turn;
    const theme = choice.value === "auto" ? (system.matches ? "dark" : "light") : choice.value;
    root.dataset.drawn = "";
    for (const [name, spec] of Object.entries(specs)) {
      const place = document.getElementById("chart-" + name);
      const narrow = place.clientWidth < 560;
      const config = structuredClone(themes[theme]);
      if (narrow) config.axis = { ...config.axis, labelLimit: 120, titleLimit: 300 };
      const result = await vegaEmbed(place, narrow ? narrowed(spec) : structuredClone(spec), {
        ast: true, renderer: "svg", config, tooltip: { theme: "custom", baseURL: "data:," },
        actions: { export: true, source: false, compiled: false, editor: false },
      });
      if (mine !== turn) { result.finalize(); return; }
      if (views.has(name)) views.get(name).finalize();
      views.set(name, result);
    }
    root.dataset.drawn = theme;
  }

  // On a phone: legends in two columns, long names of bars cut.
  function narrowed(spec) {
    const copy = structuredClone(spec);
    (function walk(value) {
      if (!value || typeof value !== "object") return;
      if (value.legend && value.legend.columns) value.legend.columns = Math.min(2, value.legend.columns);
      if (value.axis && value.axis.labelLimit) value.axis.labelLimit = 130;
      if (value.axis && value.axis.tickCount) value.axis.tickCount = 4;
      for (const [key, inner] of Object.entries(value)) if (key !== "values" && key !== "datasets") walk(inner);
    })(copy);
    return copy;
  }

  function apply() {
    if (choice.value === "auto") delete root.dataset.theme;
    else root.dataset.theme = choice.value;
    draw().catch((error) => { root.dataset.failed = String(error); console.error(error); });
  }
  choice.value = remembered();
  choice.addEventListener("change", () => { remember(choice.value); apply(); });
  system.addEventListener("change", () => { if (choice.value === "auto") apply(); });
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if ((width < 640) !== (window.innerWidth < 640)) apply();
    width = window.innerWidth;
  });
  apply();
})();
