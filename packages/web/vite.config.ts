import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The page is built into `dist`, from where the hub serves it; `npm run dev` speaks to a hub on its usual port. */
export default defineConfig({
  plugins: [react()],
  base: "./",
  build: {
    target: "es2024",
    // A picture or a style as `data:` would be one more thing that the content security policy has to let in.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { "/api": "http://127.0.0.1:4747", "/v1": "http://127.0.0.1:4747" } },
});
