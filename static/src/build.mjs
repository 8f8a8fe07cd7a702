// Builds static/built/candour.css, candour.js, and verify.js and push.js (each one page’s own) from the sources beside this file. No network, no watcher, no framework.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { compileAsync } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const out = join(here, "..", "built");

async function styles() {
  const { css } = await compileAsync(join(here, "candour.scss"), {
    style: "compressed",
    loadPaths: [root, join(root, "node_modules")],
    quietDeps: true,
  });
  await writeFile(join(out, "candour.css"), css);
  return css;
}

async function script(name, source = name) {
  const { outputFiles } = await build({
    entryPoints: [join(here, source)],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2020",
    legalComments: "none",
  });
  await writeFile(join(out, name), outputFiles[0].contents);
  return outputFiles[0].contents;
}

await mkdir(out, { recursive: true });
const [css, js, own] = await Promise.all([styles(), script("candour.js"), script("verify.js", "verify/page.js"), script("push.js")]);
const kilobytes = (made) => (gzipSync(made).length / 1024).toFixed(1);
console.log(`front end built: candour.css ${kilobytes(css)} kB, candour.js ${kilobytes(js)} kB, verify.js ${kilobytes(own)} kB (gzipped)`);
