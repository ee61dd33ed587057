import { HearthClient } from "@hearth/sdk";

/** The hub that served this page. Everything the page does goes through here. */
export const hub = new HearthClient({ url: location.origin, retries: 0 });
