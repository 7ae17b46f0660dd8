// Makes the pages quicker; each of them works without it.
"use strict";
const root = document.body.dataset.root, words = JSON.parse(document.body.dataset.words || "{}"), say = (text) => words[text] || text;

// Forms and their switches replace the main part in place; the address stays that of the answer.
async function show(address, keep) {
  const main = document.getElementById("main");
  main.setAttribute("aria-busy", "true");
  const response = await fetch(address, { headers: { Accept: "text/html" } });
  if (!(response.headers.get("content-type") || "").startsWith("text/html")) return void (location.href = address);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const focused = keep && document.activeElement && document.activeElement.id, value = keep && document.activeElement.value;
  const opened = [...main.querySelectorAll("details[id][open]")].map((each) => each.id);
  main.replaceWith(document.adoptNode(page.getElementById("main")));
  document.title = page.title;
  const footer = document.querySelector("footer");
  footer.replaceWith(document.adoptNode(page.querySelector("footer")));
  opened.forEach((id) => { const each = document.getElementById(id); if (each) each.open = true; });
  prepare();
  const place = focused ? document.getElementById(focused) : document.querySelector("#answer h2, h1");
  if (place) { if (!focused) place.tabIndex = -1; place.focus({ preventScroll: !!focused }); }
  return response.url;
}
function asked(form, pressed) {
  const data = new FormData(form, pressed), search = new URLSearchParams();
  const without = data.getAll("without");
  for (const [name, value] of data) if (value && name !== "without" && !(name === "accept" && value === "facts")) search.append(name, value);
  if (without.length) search.append("without", without.join(","));
  return form.action.split("?")[0] + (search.size ? "?" + search : "");
}
async function go(form, pressed, keep) {
  const address = asked(form, pressed);
  try {
    const url = await show(address, keep);
    if (url) { history.pushState({}, "", url); shown = location.pathname + location.search; }
  } catch { location.href = address; }
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (root && form.querySelector("[data-complete=ask]")) { event.preventDefault(); find(form); }
  else if (form.matches("[data-live]")) { event.preventDefault(); go(form, event.submitter); }
});
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && form.matches("[data-live]") && event.target.closest(".view")) go(form, undefined, true);
});
// Another place on the same page is no other answer.
let shown = location.pathname + location.search;
addEventListener("popstate", () => {
  if (shown === location.pathname + location.search) return;
  shown = location.pathname + location.search;
  show(location.href).catch(() => location.reload());
});

// Names complete as they are typed, by a list of the browser's own.
let waiting;
async function complete(input) {
  const typed = input.value.trim();
  if (typed.length < 2) return;
  const found = root
    ? (await names()).filter(([name]) => fold(name).includes(fold(typed))).slice(0, 12).map(([name]) => name)
    : await (await fetch("/complete?" + new URLSearchParams({ of: input.dataset.complete, q: typed }))).json();
  const list = document.getElementById(input.getAttribute("list"));
  list.replaceChildren(...found.map((name) => Object.assign(document.createElement("option"), { value: name })));
}
document.addEventListener("input", (event) => {
  if (!event.target.dataset || !event.target.dataset.complete || event.inputType === "insertReplacementText") return;
  clearTimeout(waiting);
  waiting = setTimeout(() => complete(event.target).catch(() => {}), 150);
});

// A frozen site has its names in one file, and finds in it.
let known;
const names = () => (known ||= fetch(document.body.dataset.names).then((response) => response.json()));
const fold = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
async function find(form) {
  const words = fold(form.querySelector("[data-complete=ask]").value).split(/\s+/).filter(Boolean);
  const base = new URL(root, location.href), all = await names();
  const exact = all.find(([name]) => fold(name) === words.join(" "));
  if (exact) return void (location.href = new URL(exact[1], base));
  const hits = all.filter(([name]) => words.every((word) => fold(name).includes(word))).slice(0, 40);
  const list = document.createElement("ul");
  list.className = "found"; list.setAttribute("aria-label", say("Found")); list.tabIndex = -1;
  for (const [name, address] of hits) {
    const link = Object.assign(document.createElement("a"), { href: new URL(address, base), textContent: name });
    list.append(document.createElement("li")); list.lastChild.append(link);
  }
  if (!hits.length) list.textContent = say("Nothing has these words.");
  form.parentNode.querySelectorAll(".found").forEach((each) => each.remove());
  form.after(list); list.focus();
}

// What can be copied gets a button.
function prepare() {
  document.querySelectorAll("details.copy pre").forEach((text) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "copy", textContent: say("Copy") });
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = say("Copied");
    });
    text.before(button);
  });
  document.querySelectorAll("[data-complete]").forEach((input, number) => {
    const list = document.createElement("datalist");
    list.id = "names-" + number;
    input.after(list); input.setAttribute("list", list.id);
  });
  // An editor for SPARQL, where it is installed; Tab leaves it, as it leaves any field.
  document.querySelectorAll("[data-editor]").forEach((field) => {
    if (!window.CodeMirror) return;
    field.editor = CodeMirror.fromTextArea(field, { mode: "application/sparql-query", matchBrackets: true, lineWrapping: true,
      inputStyle: "contenteditable", extraKeys: { Tab: false, "Shift-Tab": false }, screenReaderLabel: "Query" });
    field.closest("details")?.addEventListener("toggle", () => field.editor.refresh());
  });
}
prepare();
