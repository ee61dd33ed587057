import { lockHome } from "../../process/home-lock.ts";
import { openRooms } from "./rooms.ts";

/**
 * The part of a hub that runs jobs, as a process that can be killed: `mini-hub.ts HOME [MODEL]`.
 * With a model it creates a job for it; it tells every event of the only job there is.
 */
const [home = "", model] = process.argv.slice(2);
const lock = await lockHome(home);
const rooms = await openRooms(home);
await rooms.training.start();
const job =
  model === undefined
    ? (await rooms.training.jobs.list({ page: 1, page_size: 1 })).items[0]
    : await rooms.createJob(model);
process.on("disconnect", () => process.exit(1));
if (job === undefined) throw new Error("there is no job to follow");
for await (const event of rooms.training.jobs.follow(job.id, new AbortController().signal))
  process.send?.(event);
await rooms[Symbol.asyncDispose]();
await lock[Symbol.asyncDispose]();
process.removeAllListeners("disconnect");
process.disconnect();
