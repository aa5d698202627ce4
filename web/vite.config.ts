import react from "@vitejs/plugin-react";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Rollup } from "vite";
import { defineConfig } from "vitest/config";

const WORKER = "sw.js";
const VIEWER = "src/capabilities/slides/viewer/ViewerPage.tsx";
/** The page that the server answers at the address of a slide. */
const SLIDE_PAGE = "slide.html";
/** Read by the server or by its bill of materials, and by nobody's browser. */
const NOT_KEPT = new Set([WORKER, SLIDE_PAGE, "libraries.json"]);

/** Writes the app's page once more, with all that shows a slide named in its head: the browser then fetches it at once. */
function slidePage(folder: string) {
  return {
    name: "hemalum-slide-page",
    apply: "build" as const,
    writeBundle(_: unknown, bundle: Rollup.OutputBundle) {
      const page = readFileSync(join(folder, "index.html"), "utf8");
      const viewer = Object.values(bundle).find((part) => part.type === "chunk" && part.facadeModuleId?.endsWith(VIEWER));
      if (!viewer) throw new Error(`${VIEWER} is in no chunk of its own.`);
      const files = [...filesOf(bundle, viewer.fileName)].filter((file) => !page.includes(`/${file}"`));
      const links = files.map((file) => `    <link rel="${file.endsWith(".css") ? "stylesheet" : "modulepreload"}" crossorigin href="/${file}">\n`);
      writeFileSync(join(folder, SLIDE_PAGE), page.replace("  </head>", `${links.join("")}  </head>`));
    },
  };
}

/** A part of the app and whatever it needs, with their styles, in the order in which they are needed. */
function filesOf(bundle: Rollup.OutputBundle, name: string, found = new Set<string>()): Set<string> {
  const part = bundle[name];
  if (found.has(name) || part?.type !== "chunk") return found;
  found.add(name);
  for (const needed of part.imports) filesOf(bundle, needed, found);
  for (const style of part.viteMetadata?.importedCss ?? []) found.add(style);
  return found;
}

/** Writes into the service worker which files the release has, and a name that changes with any of them; packs what the server sends packed. */
function release(folder: string) {
  return {
    name: "hemalum-release",
    apply: "build" as const,
    closeBundle() {
      const names = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .filter((name) => !NOT_KEPT.has(name))
        .sort();
      const hash = createHash("sha256");
      for (const name of names) hash.update(name).update(readFileSync(join(folder, name)));
      const made = { files: names.map((name) => `/${name}`), version: hash.digest("hex").slice(0, 16) };
      const worker = readFileSync(join(folder, WORKER), "utf8");
      writeFileSync(join(folder, WORKER), `const RELEASE=${JSON.stringify(made)};${worker}`);
      for (const name of names.filter((each) => /^assets\/.*\.(js|css)$/.test(each))) {
        writeFileSync(join(folder, `${name}.gz`), gzipSync(readFileSync(join(folder, name)), { level: 9 }));
      }
    },
  };
}

const FOLDER = join(import.meta.dirname, "../src/hemalum/app/web");
const server = process.env["HEMALUM_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), slidePage(FOLDER), release(FOLDER)],
  build: {
    rollupOptions: {
      input: { index: "index.html", sw: "src/worker/service_worker.ts" },
      // The browser looks for a newer worker at the address of the last one.
      output: {
        entryFileNames: ({ name }) => (name === "sw" ? WORKER : "assets/[name]-[hash].js"),
        // What every page stands on comes in two pieces, which pack better than forty; a release that changes no library leaves theirs.
        codeSplitting: {
          groups: [
            { name: "libraries", tags: ["$initial"], test: /node_modules/ },
            { name: "app", tags: ["$initial"], test: /src\/(?!worker\/)/ },
          ],
        },
      },
    },
    outDir: FOLDER,
    emptyOutDir: true,
    // What of others is in the app: the bill of materials reads it.
    license: { fileName: "libraries.json" },
    target: "es2023",
    // The viewer is loaded only when a slide is opened.
    chunkSizeWarningLimit: 720,
  },
  server: {
    proxy: Object.fromEntries(["/api", "/tiles", "/enter"].map((path) => [path, server])),
  },
  // Some read every source; a busy machine takes its time.
  test: { environment: "node", include: ["tests/**/*.test.ts"], testTimeout: 60_000 },
});
