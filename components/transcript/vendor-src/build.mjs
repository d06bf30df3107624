// Makes ../frontend/vendor from node_modules: two bundles, the KaTeX style sheet with its fonts, and the licences.
// Run by `make vendor` as `npm ci && node build.mjs`; what it writes is committed.
import { build } from "esbuild";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "..", "frontend", "vendor");
const modules = path.join(here, "node_modules");
const TARGET = ["chrome109", "edge109", "firefox115", "safari16.4"];

/**
 * Keeps three packages out of mermaid's bundle: KaTeX and DOMPurify are in markdown-libs.js already, and elkjs
 * (an optional layout, 1.5 MB, EPL) is replaced by an error, which the transcript answers with the source text.
 */
const mermaidDiet = {
  name: "mermaid-diet",
  setup(build) {
    build.onResolve({ filter: /^(katex|dompurify|elkjs)($|\/)/ }, ({ path: name }) => ({ path: name.split("/")[0], namespace: "diet" }));
    build.onResolve({ filter: /^\.\/markdown-libs\.js$/ }, ({ path: name }) => ({ path: name, external: true }));
    build.onLoad({ filter: /.*/, namespace: "diet" }, ({ path: name }) => ({
      contents: {
        katex: 'export { katex as default } from "./markdown-libs.js";',
        dompurify: 'export { DOMPurify as default } from "./markdown-libs.js";',
        elkjs: 'export default class { constructor() { throw new Error("the elk layout is not part of this bundle"); } }',
      }[name],
    }));
  },
};

/** Bundles one entry and returns the packages whose code went into it. */
async function bundle(entry, outfile, plugins = []) {
  const { metafile } = await build({
    entryPoints: [path.join(here, entry)],
    outfile: path.join(out, outfile),
    absWorkingDir: here,
    bundle: true,
    plugins,
    minify: true,
    format: "esm",
    platform: "browser",
    target: TARGET,
    charset: "utf8",
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  const used = Object.values(metafile.outputs)[0].inputs;
  if (process.env.SIZES) console.table(sizes(used));
  return Object.keys(used)
    .filter((name) => used[name].bytesInOutput > 0)
    .map((name) => name.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\//))
    .filter(Boolean)
    .map((match) => match[0]);
}

/** Bytes of each package in a bundle, largest first; printed with SIZES=1. */
function sizes(inputs) {
  const total = {};
  for (const [name, { bytesInOutput }] of Object.entries(inputs)) {
    const owner = name.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1] ?? name;
    total[owner] = (total[owner] ?? 0) + bytesInOutput;
  }
  return Object.fromEntries(Object.entries(total).sort((a, b) => b[1] - a[1]).slice(0, 20));
}

/** KaTeX's style sheet with woff2 as the only font format; returns nothing, copies the fonts it names. */
async function katexStyle() {
  const source = await readFile(path.join(modules, "katex/dist/katex.min.css"), "utf8");
  const css = source.replace(/,url\([^)]*\.(?:woff|ttf)\) format\("[^"]*"\)/g, "");
  if (/\.(?:ttf|woff)\)/.test(css)) throw new Error("katex.css still names a font that is not woff2");
  await writeFile(path.join(out, "katex.css"), css);
  for (const [, font] of css.matchAll(/url\(fonts\/([^)]+\.woff2)\)/g)) {
    await cp(path.join(modules, "katex/dist/fonts", font), path.join(out, "fonts", font));
  }
}

/** The licence text of every bundled package, one file, sorted by name. */
async function licences(folders) {
  const ALLOWED = /^\(?(MIT|ISC|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|MPL-2\.0 OR Apache-2\.0|0BSD|Unlicense)\)?$/;
  const parts = [];
  for (const folder of [...new Set(folders)].sort()) {
    const about = JSON.parse(await readFile(path.join(here, folder, "package.json"), "utf8"));
    const files = (await readdir(path.join(here, folder))).filter((name) => /^(licen[cs]e|copying)/i.test(name));
    const texts = await Promise.all(files.sort().map((name) => readFile(path.join(here, folder, name), "utf8")));
    const text = texts.join("\n\n").replace(/\r/g, "").trim();
    const licence = about.license ?? (/^(the )?MIT License/i.test(text) ? "MIT" : "unknown");
    if (!ALLOWED.test(licence)) throw new Error(`${about.name}: licence ${licence} has not been looked at`);
    parts.push(`## ${about.name} ${about.version}\n\n${licence}\n\n${(text || "(the package carries no text of its own)").replace(/^(?=.)/gm, "    ")}\n`);
  }
  const head = "# Licences of the libraries in this folder\n\nWritten by vendor-src/build.mjs; one heading per bundled package.\n";
  await writeFile(path.join(out, "LICENSES.md"), [head, ...parts].join("\n"));
}

if (!existsSync(modules)) throw new Error("run `npm ci` first");
await rm(out, { recursive: true, force: true });
await mkdir(path.join(out, "fonts"), { recursive: true });
const used = [
  ...(await bundle("markdown-libs.entry.js", "markdown-libs.js")),
  ...(await bundle("mermaid.entry.js", "mermaid.js", [mermaidDiet])),
];
await katexStyle();
await licences(used);
