import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env["HEMALUM_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
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
  test: { environment: "node", include: ["tests/**/*.test.ts"] },
});
