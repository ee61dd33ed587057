import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** Folders in which Linux distributions put Chromium with its software Vulkan driver. */
const chromiumFolders = [
  "/usr/lib/chromium",
  "/usr/lib/chromium-browser",
  "/usr/lib64/chromium-browser",
  "/opt/google/chrome",
];

/**
 * Environment of a process that is to find Chromium's software Vulkan driver (SwiftShader), for
 * tests on machines without a GPU; undefined where Chromium is not installed.
 *
 * @param runtimeFolder a private folder that the Vulkan loader may use
 */
export function softwareVulkan(runtimeFolder: string): Record<string, string> | undefined {
  const driver = chromiumFolders
    .map((folder) => join(folder, "vk_swiftshader_icd.json"))
    .find((path) => existsSync(path));
  if (driver === undefined) return undefined;
  return {
    VK_ICD_FILENAMES: driver,
    XDG_RUNTIME_DIR: runtimeFolder,
    // Chromium brings the Vulkan loader too
    LD_LIBRARY_PATH: dirname(driver),
  };
}
