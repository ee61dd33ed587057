/** Starts a sidecar as a hub does, says its pid, and stays until it is killed. */
import { listenOptions, sidecarSettings } from "../../packages/hub/src/chat/sidecar/messages.ts";
import { SidecarProcess } from "./sidecar-process.ts";

const [folder = "", listen = "", settings = ""] = process.argv.slice(2);
const sidecar = await SidecarProcess.start(
  folder,
  listenOptions.parse(JSON.parse(listen)),
  sidecarSettings.parse(JSON.parse(settings)),
);
console.log(sidecar.child.pid);
setInterval(() => undefined, 60_000);
