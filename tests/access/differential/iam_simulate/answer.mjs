// Reads one simulation a line, as JSON, and writes iam-simulate's decision about it, one a line.
//
//     node answer.mjs FOLDER      FOLDER/node_modules holds the package

import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const load = createRequire(join(process.argv[2], "package.json"));
const { runSimulation } = load("@cloud-copilot/iam-simulate");

async function decide(simulation) {
  const outcome = await runSimulation(simulation, { simulationMode: "Strict" });
  if (outcome.resultType === "error") return { error: JSON.stringify(outcome.errors) };
  if (outcome.result?.ignoredContextKeys?.length) return { error: `ignored: ${outcome.result.ignoredContextKeys}` };
  return { decision: outcome.overallResult };
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await decide(JSON.parse(line)).catch((error) => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
