import { defineConfig } from "vite";

const admin = process.env["WEFT_ADMIN"] ?? "http://127.0.0.1:9090";

// Relative addresses, so that any path before them works. Nothing is inlined: the page's policy allows files only.
export default defineConfig({
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false }, emptyOutDir: true, reportCompressedSize: false },
  // For work on the page: npx vite, beside a process that runs.
  server: { proxy: { "/api": { target: admin, changeOrigin: true, headers: { Origin: admin } } } },
});
