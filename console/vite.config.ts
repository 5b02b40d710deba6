/** How the console is built: into the Python package, the same bytes from the same sources and lock file. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  // the gateway puts a new nonce in its place in each answer
  html: { cspNonce: "__SLIPHER_NONCE__" },
  build: {
    outDir: "../src/slipher/console",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    reportCompressedSize: false,
    // the licences of what is built in go with it
    license: { fileName: "licenses.md" },
  },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], setupFiles: [] },
});
