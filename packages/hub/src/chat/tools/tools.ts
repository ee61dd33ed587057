import type { AuditedCall, CallToolRequest, HubTool } from "@hearth/wire/chat/tools";
import type { Page } from "@hearth/wire/hub/common";
import { z } from "zod";
import { HearthError, serialiseError } from "../../errors.ts";
import type { Database } from "../../storage/database.ts";
import type { Approvals } from "../approvals.ts";
import { allTools } from "./all-tools.ts";
import { createAudit } from "./audit.ts";
import { bounded } from "./bounded.ts";
import type { ToolRooms } from "./rooms.ts";
import type { Tool } from "./tool.ts";

/** The hub's tools, and the book in which their calls are written. */
export interface Tools extends Approvals {
  list(): HubTool[];
  /**
   * Runs a tool; the call is written down before it begins and when it has ended.
   *
   * @throws HearthError `not_found` for an unknown tool, `invalid_request` for an input that does not fit, `forbidden`
   * for a change that nobody approved, and what the tool's room throws.
   */
  call(name: string, request: CallToolRequest, signal: AbortSignal): Promise<unknown>;
  audit(query: {
    page: number;
    page_size: number;
    session_id?: string | undefined;
  }): Promise<Page<AuditedCall>>;
  /** Closes the calls that an earlier hub did not see the end of. */
  recover(): Promise<void>;
}

export function createTools(database: Database, rooms: ToolRooms, now: () => number = Date.now): Tools {
  const byName = new Map(allTools.map((tool) => [tool.name, tool]));
  const audit = createAudit(database, now);
  return {
    list: () =>
      allTools.map(({ name, title, description, input, changes }) => ({
        name,
        title,
        description,
        changes,
        input_schema: z.toJSONSchema(input, { io: "input", target: "draft-7" }),
      })),

    async decide(calls) {
      if (calls.length === 0) return;
      await audit.decide(calls.map((call) => ({ ...call, changes: byName.get(call.tool)?.changes ?? true })));
    },

    async call(name, request, signal) {
      const tool = byName.get(name);
      if (tool === undefined) {
        await audit.refuse(name, request, "there is no such tool");
        throw unknownTool(name, [...byName.keys()]);
      }
      const id = await audit.begin(tool, request);
      if (id === null) throw notApproved(tool);
      try {
        const output = bounded(await tool.run(request.input ?? {}, rooms, signal));
        await audit.end(id, { status: "done", output: JSON.stringify(output) });
        return output;
      } catch (error) {
        const told = error instanceof z.ZodError ? inputError(tool, error) : error;
        await audit.end(id, { status: "failed", error: serialiseError(told).message });
        throw told;
      }
    },

    audit: (query) => audit.list(query),
    recover: () => audit.recover(),
  };
}

function unknownTool(name: string, known: readonly string[]): HearthError {
  return new HearthError(
    "not_found",
    `There is no tool "${name.slice(0, 100)}"; there are ${known.join(", ")}.`,
  );
}

function notApproved(tool: Tool): HearthError {
  return new HearthError(
    "forbidden",
    `"${tool.name}" changes something, and nobody approved this call with this input. It was not run.`,
    { details: { tool: tool.name } },
  );
}

/** What does not fit, each with its place: a model mends its call by it. */
function inputError(tool: Tool, error: z.ZodError): HearthError {
  const words = error.issues.map(
    ({ path, message }) => `${path.map(String).join(".") || "the input"}: ${message}`,
  );
  return new HearthError("invalid_request", `The input of ${tool.name} does not fit: ${words.join("; ")}.`, {
    cause: error,
    details: { tool: tool.name },
  });
}
