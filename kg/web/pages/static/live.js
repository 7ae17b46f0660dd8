// Answers questions and SPARQL in the browser, with the sources of each row from the view's own statements.
import init, { Store } from "./assets/oxigraph/web.js";

const form = document.getElementById("live"), { base, terms, root, files, labels: labelled, words: worded } = form.dataset;
const rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", rdfs = "http://www.w3.org/2000/01/rdf-schema#";
const prefixes = Object.entries({ kg: terms, rdf, rdfs, xsd: "http://www.w3.org/2001/XMLSchema#", skos: "http://www.w3.org/2004/02/skos/core#", id: base + "id/", document: base + "document/", claim: base + "claim/" });
const by = (id) => document.getElementById(id), state = by("state"), questionField = by("question"), textField = by("query");
const element = (name, given = {}, ...inside) => { const made = Object.assign(document.createElement(name), given); made.append(...inside); return made; };
const words = JSON.parse(document.body.dataset.words || "{}"), say = (text) => words[text] || text;
let text, full, questions, without, supports, told, labels = new Map(), names = new Map();
const lines = () => text.trimEnd().split("\n");

async function unpacked(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  // Some hosts say that a .gz file is compressed on the way; then it is unpacked already.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return new TextDecoder().decode(bytes);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}
// What the site itself wrote need not be checked again.
function stored(text) {
  const store = new Store();
  store.load(text, { format: "application/n-triples", no_transaction: true, lenient: true });
  return store;
}
const select = (store, text) => JSON.parse(store.query(text, { results_format: "application/sparql-results+json" }));
const written = (term) => term.type === "uri" ? `<${term.value}>`
  : JSON.stringify(term.value) + (term["xml:lang"] ? "@" + term["xml:lang"] : term.datatype ? `^^<${term.datatype}>` : "");
const fold = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");

// Values stand in the place of variables, never in strings, IRIs or comments.
function withValues(text, values) {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|<[^<>\s]*>|#.*|[?$]([A-Za-z_]\w*)/g, (whole, name) => (name && values[name]) || whole);
}
// The usual prefixes need no declaration.
function declared(text) {
  return prefixes.filter(([name]) => !new RegExp(`prefix\\s+${name}:`, "i").test(text) && text.includes(name + ":"))
    .map(([name, space]) => `PREFIX ${name}: <${space}> `).join("") + text;
}
function termFor(parameter, text) {
  if (parameter.choices.length || !text) return text;
  if (parameter.type === "entity") {
    const found = /^<.*>$/.test(text) ? text : names.get(fold(text));
    if (!found) throw new Error(`nothing is named “${text}”`);
    return found;
  }
  if (parameter.type === "date") {
    const [year, month, day] = text.split("-"), last = parameter.edge === "last";
    if (!/^\d{4}(-\d\d){0,2}$/.test(text)) throw new Error(`“${text}” is no date`);
    const end = new Date(Date.UTC(+year, month ? +month : 12, 0)).getUTCDate();
    return `"${year}-${month || (last ? "12" : "01")}-${day || (last ? end : "01")}"^^<http://www.w3.org/2001/XMLSchema#date>`;
  }
  if (parameter.type === "integer" || parameter.type === "number") {
    if (!/^[+-]?\d+(\.\d+)?$/.test(text)) throw new Error(`“${text}” is no number`);
    return `"${text}"^^<http://www.w3.org/2001/XMLSchema#${parameter.type === "integer" ? "integer" : "decimal"}>`;
  }
  return JSON.stringify(parameter.type === "language" ? text.toLowerCase() : text);
}

// The address of the page of what a term names.
const plain = /^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/;
function href(iri) {
  const at = (path) => new URL(path, new URL(root, location.href)).href;
  if (iri.startsWith(terms)) { const name = iri.slice(terms.length); return plain.test(name) ? at(`ontology/${/^[a-z]/.test(name) ? "property-" : ""}${name}.html`) : ""; }
  if (!iri.startsWith(base)) return /^https?:/.test(iri) ? iri : "";
  const [kind, name, rest] = iri.slice(base.length).split("/"), [slug, place] = (name || "").split("#");
  if (!plain.test(slug)) return "";
  if (kind === "document") return at(`document/${slug}.html`) + (place ? "#p" + place : "");
  if (kind === "claim") return at(`document/${slug}.html#${rest}`);
  return kind === "id" ? at(`id/${slug}.html`) : kind === "query" ? at(`queries/${slug}.html`) : "";
}
const days = new Intl.DateTimeFormat(document.documentElement.lang.replace(/^en$/, "en-GB"), { dateStyle: "long", timeZone: "UTC" });
function shown(term) {
  if (!term) return "—";
  if (term.type !== "uri") return /^\d{4}-\d\d-\d\d$/.test(term.value) ? days.format(new Date(term.value)) : term.value;
  const label = labels.get(term.value) || term.value.replace(base, "").replace(/^document\//, ""), address = href(term.value);
  return address ? element("a", { href: address, textContent: label }) : label;
}

// The claims that a row rests on, as the library found them; for other values and other SPARQL the statements of the
// view between the things that the row names, and claims that it names.
export async function claimsOf(row, found) {
  supports ||= JSON.parse(await unpacked(`${files}/evidence.json.gz`));
  const known = supports.rows[found.asked];
  if (known?.length !== found.before.length) return { claims: joining(row, found.text), exact: false };
  found.order ||= found.before.map((each) => [keyOf(each, found.columns), each]).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key]) => key);
  const at = found.order.indexOf(keyOf(row, found.columns));
  return at < 0 ? { claims: joining(row, found.text), exact: false } : { claims: known[at].map((number) => supports.claims[number]), exact: true };
}
const keyOf = (row, columns) => columns.map((name) => (row[name] ? written(row[name]) : "")).join("\t");
function joining(row, text) {
  const iris = new Set(Object.values(row).filter((term) => term.type === "uri").map(written));
  for (const [found] of text.matchAll(/<[^<>\s]+>/g)) if (found.startsWith(`<${base}`)) iris.add(found);
  const some = [...iris].join(" ");
  return select(full, `PREFIX kg: <${terms}> PREFIX rdf: <${rdf}>
    SELECT DISTINCT ?claim { { VALUES ?s { ${some} } VALUES ?o { ${some} } ?fact rdf:subject ?s ; rdf:object ?o ; kg:supportedBy ?claim }
    UNION { VALUES ?claim { ${some} } ?claim a kg:Claim } UNION { VALUES ?fact { ${some} } ?fact kg:supportedBy ?claim } }`).results.bindings.map(({ claim }) => written(claim));
}
async function evidence(row, found, out) {
  const body = element("div"), { claims, exact } = await claimsOf(row, found), left = out.map((slug) => `${base}document/${slug}`);
  const told = claims.length && select(full, `PREFIX kg: <${terms}> SELECT ?claim ?gloss ?place ?document {
    VALUES ?claim { ${claims.join(" ")} } ?claim kg:gloss ?gloss ; kg:passage ?place ; kg:inDocument ?document } ORDER BY ?place ?claim`).results.bindings;
  if (!exact) body.append(element("p", { className: "soft", textContent: say("Statements that join what this row names; `kg serve` finds exactly what it rests on.") }));
  for (const { gloss, place, document: from } of told || [])
    body.append(element("div", { className: "claim" }, element("p", { className: "gloss", lang: "en", textContent: gloss.value }),
      element("p", { className: "soft" }, element("a", { href: href(place.value), textContent: place.value.replace(base + "document/", "").replace("#", " ") }), left.includes(from.value) ? ` (${say("left out")})` : "")));
  if (exact && !claims.length) body.append(element("p", { className: "soft", textContent: say("No claim: the row rests on the ontology and on descriptions.") }));
  return body;
}
// A cell as the page of the question has it: the bounds of a time are one, and a row's claim tells what was not asked.
const bounds = ["notBefore", "begunBy", "stillOn", "overBy"], statuses = ["status", "how", "certainty", "verdict", "what"];
function cellOf(found, name, row) {
  const has = (each) => found.columns.includes(each), value = (each) => (row[each] ? written(row[each]) : "");
  const named = found.columns.find((each) => row[each]?.value.startsWith(base + "claim/")), claim = named && told.claims[value(named)];
  const time = (names) => { const day = names.map((each) => row[each]?.value ?? "").join(" "); return told.times[names.join(" ")]?.[day] ?? day.trim(); };
  const tag = (word) => { const english = Object.keys(told.words).find((each) => told.words[each] === word); return element("span", { className: `tag ${(english || "").split(" ")[0]}`, textContent: word }); };
  if (has(name) && !(name === "status" && claim)) return statuses.includes(name) && told.words[row[name]?.value] ? tag(told.words[row[name].value]) : shown(row[name]);
  if (name === "when" && !claim) return time(bounds.filter(has)) || "—";
  if (has(name + "From")) return time([name + "From", name + "By"]) || "—";
  if (name === "status") return tag(claim?.status || told.status[`${value("modality") || `<${terms}Fact>`} ${value("polarity") || `<${terms}Affirmed>`} ${row.holder ? 1 : 0}`]);
  const said = claim?.[name] || "—";
  return said.startsWith("<") ? shown({ type: "uri", value: said.slice(1, -1) }) : said;
}
function table(found, out) {
  const { rows, fallen } = found, all = questions[found.name]?.columns || found.columns, columns = all.filter((name) => name !== "gloss");
  const titles = columns.map((name) => told.titles[name] || name), last = out.length > 0;
  const made = element("table", { className: "answer" });
  made.setAttribute("role", "table");
  made.append(element("thead", {}, element("tr", {}, ...titles.map((textContent) => element("th", { scope: "col", textContent })), ...(last ? [element("th", { scope: "col", textContent: say("change") })] : []))));
  const line = (row, lost) => {
    const cells = columns.map((name, at) => { const inside = cellOf(found, name, row), cell = element("td", {}, lost ? element("del", {}, inside) : inside); cell.dataset.name = titles[at]; return cell; });
    const details = element("details", {}, element("summary", { textContent: say("Sources") }));
    details.addEventListener("toggle", async () => { if (details.children.length === 1) details.append(await evidence(row, found, out)); }, { once: true });
    const status = element("td", {}, element("span", { className: `tag ${lost ? "falls" : "stands"}`, textContent: say(lost ? "falls" : "stands") }));
    status.dataset.name = say("change");
    const gloss = all.includes("gloss") ? [element("tr", { className: "why" }, element("td", { colSpan: columns.length + last, lang: "en" }, cellOf(found, "gloss", row)))] : [];
    made.append(element("tbody", { className: lost ? "fallen" : "" }, element("tr", {}, ...cells, ...(last ? [status] : [])), ...gloss,
      element("tr", { className: "why" }, element("td", { colSpan: columns.length + last }, details))));
  };
  rows.slice(0, 1000).forEach((row) => line(row, false));
  fallen.slice(0, 1000).forEach((row) => line(row, true));
  return made;
}

async function storeWithout(out) {
  if (!out.length) return full;
  without ||= JSON.parse(await unpacked(`${files}/without.json.gz`));
  const change = without[[...out].sort().join(",")];
  if (!change) throw new Error("leave one document out at a time");
  const kept = [], all = lines();
  let at = 0;
  change.runs.forEach((count, number) => { if (number % 2 === 0) kept.push(...all.slice(at, at + count)); at += count; });
  return stored([...kept, ...change.added].join("\n"));
}
/** The answer to a query without some documents: columns, rows, those that fall; ``asked`` names its evidence. */
export async function ask(text, out = [], asked = "") {
  const whole = declared(text), all = select(full, whole), before = all.results?.bindings || [];
  const found = { text, asked, columns: all.head.vars || [], rows: before, before, fallen: [], boolean: all.boolean };
  if (all.boolean !== undefined || !out.length) return found;
  found.rows = select(await storeWithout(out), whole).results.bindings;
  const known = new Set(found.rows.map((row) => keyOf(row, found.columns)));
  found.fallen = before.filter((row) => !known.has(keyOf(row, found.columns)));
  return found;
}
/** What a question with values is called where its evidence is kept; the first value that is not the default counts. */
export function askedAs(name, values = {}) {
  const others = questions[name].parameters.filter((each) => values[each.name] && values[each.name] !== each.default);
  return others.length > 1 ? "" : others.length ? `${name}?${others[0].name}=${values[others[0].name]}` : name;
}
/** The text of a question with values, which are terms by parameter; its defaults for those that are not given. */
export function textOf(name, values = {}, form = "asked") {
  const query = questions[name];
  return withValues(query[form], Object.fromEntries(query.parameters.map((each) => [each.variable, values[each.name] || each.default])));
}
async function answer(event) {
  event?.preventDefault();
  try {
    const name = questionField.value, given = {};
    if (name) {
      for (const each of questions[name].parameters) given[each.name] = termFor(each, by("p-" + each.name).value.trim());
      setText(textOf(name, given, "sparql"));
    }
    const text = name ? textOf(name, given) : getText(), out = [...form.querySelectorAll("[name=without]:checked")].map((each) => each.value);
    state.textContent = say("Asking …");
    const begun = performance.now(), found = await ask(text, out, name ? askedAs(name, given) : "");
    told ||= JSON.parse(await unpacked(worded));
    found.name = name;
    state.textContent = `${say("Answered in")} ${Math.round(performance.now() - begun)} ms`;
    const fell = out.length ? `; ${say("fall")} ${say("without")} ${out.join(", ")}: ${found.fallen.length}` : "";
    by("count").textContent = found.boolean !== undefined ? say(found.boolean ? "Yes" : "No") : `${say("rows")}: ${found.rows.length}${fell}`;
    by("answer").querySelector(".wide").replaceChildren(table(found, out));
    by("answer").hidden = false;
    if (event) by("answer").querySelector("h2").focus();
  } catch (error) { state.textContent = `${say("This cannot be answered")}: ${error.message || error}`; }
}
const getText = () => textField.editor ? textField.editor.getValue() : textField.value;
function setText(text) { textField.editor ? textField.editor.setValue(text) : (textField.value = text); }

// The fields of the question that is chosen.
function choose() {
  const query = questions[questionField.value];
  by("about").textContent = query ? query.description : "";
  by("text").open = !query;
  by("fields").replaceChildren(...(query ? query.parameters : []).map((each) => {
    const id = "p-" + each.name, given = each.default || "";
    const field = each.choices.length ? element("select", { id }, ...(each.required ? [] : [element("option", { value: "", textContent: say("any") })]), ...each.choices.map(([value, textContent]) => element("option", { value, textContent, selected: value === given })))
      : element("input", { id, value: given.startsWith("<") ? labels.get(given.slice(1, -1)) || given : given.replace(/^"(.*)"(\^\^.*|@.*)?$/, "$1"), autocomplete: "off" });
    if (each.type === "entity" && !each.choices.length) field.setAttribute("list", "known-names");
    return element("p", {}, element("label", { htmlFor: id, textContent: each.label }), field);
  }));
  if (query) answer();
}

// The question and the values that the address names.
function fromAddress() {
  const [name, asked] = location.hash.slice(1).split("?"), given = new URLSearchParams(asked || "");
  questionField.value = decodeURIComponent(name);
  if (questionField.selectedIndex < 0) questionField.value = "";
  const fits = (value) => /^[^<>\s"{}|\\^`]+$/.test(value || "");
  for (const each of questions[questionField.value]?.parameters || []) if (fits(given.get(each.name))) each.default = `<${given.get(each.name)}>`;
  choose();
}

try {
  const json = async (address) => (await fetch(address)).json();
  let labelsFound;
  [text, questions, labelsFound] = await Promise.all([unpacked(`${files}/graph.nt.gz`), json(`${files}/questions.json`), json(labelled), init()]);
  full = stored(text);
  for (const [iri, label, ...others] of labelsFound) {
    labels.set(iri, label);
    others.forEach((name) => names.set(fold(name), `<${iri}>`));
  }
  form.append(element("datalist", { id: "known-names" }, ...[...names.values()].filter((iri, at, all) => all.indexOf(iri) === at).map((iri) => element("option", { value: labels.get(iri.slice(1, -1)) || iri }))));
  questionField.append(...Object.entries(questions).sort(([, a], [, b]) => a.summary.localeCompare(b.summary)).map(([value, { summary }]) => element("option", { value, textContent: summary })));
  addEventListener("hashchange", fromAddress);
  if (!location.hash) setText("SELECT ?state ?organisation\nWHERE { ?state kg:memberOf ?organisation }\nORDER BY ?organisation ?state");
  form.querySelector("button").disabled = false;
  state.textContent = `${full.size.toLocaleString("en")} ${say("triples are here")}`;
  fromAddress();
  form.addEventListener("submit", answer);
  questionField.addEventListener("change", () => { history.replaceState({}, "", questionField.value ? "#" + questionField.value : location.pathname); choose(); });
  form.querySelectorAll("[name=without]").forEach((each) => each.addEventListener("change", () => answer()));
  window.live = { ask, askedAs, claimsOf, textOf, names: Object.keys(questions), written };
} catch (error) { state.textContent = `${say("The graph cannot be loaded")}: ${error.message || error}`; }
