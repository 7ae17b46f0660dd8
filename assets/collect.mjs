// Puts what the pages load into the package, each file with the licence of what it comes from.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url)), modules = join(here, "node_modules");
const into = join(here, "..", "kg", "web", "pages", "static", "assets");
const files = {
  codemirror: ["lib/codemirror.js", "lib/codemirror.css", "mode/sparql/sparql.js", "addon/edit/matchbrackets.js"],
  oxigraph: ["web.js", "web_bg.wasm"],
};

rmSync(into, { recursive: true, force: true });
for (const [name, paths] of Object.entries(files)) {
  const about = JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));
  const licence = ["LICENSE", "LICENSE.md"].map((each) => join(modules, name, each)).find(existsSync)
    ?? join(here, "..", "LICENSE");  // Apache-2.0, which those without a text of their own are under, too
  mkdirSync(join(into, name), { recursive: true });
  for (const path of paths) copyFileSync(join(modules, name, path), join(into, name, path.split("/").at(-1)));
  const said = `${name} ${about.version}, ${about.license}, ${about.homepage ?? "https://www.npmjs.com/package/" + name}\n`;
  writeFileSync(join(into, name, "LICENSE"), said + "\n" + readFileSync(licence, "utf8"));
}
