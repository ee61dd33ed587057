import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import type { HearthClient } from "@hearth/sdk";
import { toolAccess } from "@hearth/wire/chat/turn";
import { UsageError } from "../errors.ts";
import type { Output } from "../output.ts";
import { printable } from "../printable.ts";
import { choosePlace } from "./place.ts";
import type { Talk } from "./talk.ts";

export const slashHelp = `/model NAME           another model: ember, name:3, name@alias, provider/model
/system TEXT          what the model is told before everything; without a text nothing
/tools none|read|all  which of the hub's tools the model may use; changing ones ask first
/title [TEXT]         name the conversation, or let its model do it
/save FILE            write it as .md or .json
/new                  begin another conversation
/bye                  end (Ctrl-D, too); Ctrl-C stops an answer, a second one ends`;

interface Surroundings {
  client: HearthClient;
  output: Output;
  talk: Talk;
  signal: AbortSignal;
}

/** Does what a line that begins with `/` says. Throws UsageError for one that says nothing known. */
export async function runSlash(line: string, { client, output, talk, signal }: Surroundings): Promise<void> {
  const [, name = "", rest = ""] = /^\/(\S*)\s*(.*)$/s.exec(line.trim()) ?? [];
  switch (name) {
    case "help":
      return output.note(slashHelp);
    case "model":
      if (rest === "") throw new UsageError("/model needs a name; `hearth models` lists them");
      talk.place = await choosePlace(client, rest, signal);
      return output.note(`${rest} answers from now on`);
    case "system": {
      const { system: _before, ...settings } = talk.settings;
      talk.settings = rest === "" ? settings : { ...settings, system: rest };
      return output.note(rest === "" ? "no system message" : "from the next prompt on");
    }
    case "tools": {
      const tools = toolAccess.safeParse(rest);
      if (!tools.success) throw new UsageError("/tools needs none, read or all");
      talk.settings = { ...talk.settings, tools: tools.data };
      return output.note(`tools: ${tools.data}`);
    }
    case "title": {
      const id = begun(talk);
      const title =
        rest === ""
          ? await client.conversations.generateTitle(id, { signal })
          : (await client.conversations.update(id, { title: rest }, { signal })).title;
      return output.note(`called "${printable(title)}"`);
    }
    case "save":
      return await save(rest, { client, output, talk, signal });
    case "new":
      talk.begin();
      return output.note("a new conversation");
    default:
      throw new UsageError(`there is no /${name}; /help tells what there is`);
  }
}

async function save(file: string, { client, output, talk, signal }: Surroundings): Promise<void> {
  const format = { ".md": "markdown", ".markdown": "markdown", ".json": "json" } as const;
  const known = Object.entries(format).find(([ending]) => ending === extname(file).toLowerCase());
  if (known === undefined) throw new UsageError("/save needs a file whose name ends with .md or .json");
  const text = await client.conversations.export(begun(talk), known[1], { signal });
  try {
    // What is there already is somebody's.
    await writeFile(file, text, { flag: "wx" });
  } catch (error) {
    throw new UsageError(
      `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  output.note(`saved as ${file}`);
}

function begun({ sessionId }: Talk): string {
  if (sessionId === null) throw new UsageError("nothing has been said yet");
  return sessionId;
}
