import type { Command } from "commander";
import { createContext } from "../context.ts";
import { examine } from "../doctor/examine.ts";
import { Unsuccessful } from "../errors.ts";
import { green, red } from "../output.ts";

export function registerDoctor(program: Command): void {
  program
    .command("doctor")
    .description("check this machine and the hub: what works, what does not, and what to do")
    .action(async (_options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const findings = await examine(client, signal);
      for (const finding of findings) {
        output.line(`${finding.ok ? green("✓") : red("✗")} ${finding.name}: ${finding.found}`);
        if (!finding.ok && finding.fix) output.line(`    ${finding.fix}`);
      }
      const broken = findings.filter((finding) => !finding.ok && finding.needed);
      const result = { ok: broken.length === 0, checks: findings };
      if (!result.ok) throw new Unsuccessful(`${broken.length} of ${findings.length} checks failed`, result);
      output.result(result);
    });
}
