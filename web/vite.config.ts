import react from "@vitejs/plugin-react";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const WORKER = "sw.js";
/** Read by the server's bill of materials and by nobody's browser. */
const NOT_KEPT = new Set([WORKER, "libraries.json"]);

/** Writes into the service worker which files the release has, and a name that changes with any of them. */
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
    },
  };
}

const server = process.env["HEMALUM_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), release(join(import.meta.dirname, "../src/hemalum/app/web"))],
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
    outDir: "../src/hemalum/app/web",
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
