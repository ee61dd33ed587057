import { connect, type NetConnectOpts } from "node:net";

const patienceMs = 1_000;

/** Whether anybody accepts connections there. Who does not answer in a second is busy, not gone. */
export function accepts(place: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(place);
    const timer = setTimeout(() => end(() => resolve(true)), patienceMs);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    socket.once("connect", () => end(() => resolve(true)));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      const nobody = error.code === "ECONNREFUSED" || error.code === "ENOENT";
      // A queue that is full has somebody behind it.
      if (nobody || error.code === "EAGAIN") end(() => resolve(!nobody));
      else end(() => reject(error));
    });
  });
}
