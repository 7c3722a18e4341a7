// Runs check.js on evidence (a JSON list on stdin) and prints what it finds: node check_runner.mjs <copy of check.js>.mjs
import { text } from "node:stream/consumers";

const { check, obstacle } = await import(process.argv[2]);
const results = [];
for (const evidence of JSON.parse(await text(process.stdin))) {
  const { groups, outcome } = await check(evidence);
  results.push({ outcome, groups: groups.map(({ title, findings }) => ({ title, findings })) });
}
console.log(JSON.stringify({ obstacle: await obstacle(), results }));
