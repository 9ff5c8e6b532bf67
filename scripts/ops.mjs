// Writes OPS.md: every op of PyTorch's vectors, its forms, gradients, and the cases passed on each backend.
//   node scripts/ops.mjs            writes it
//   node scripts/ops.mjs --check    exits with 1 when it would change
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addonPath, root } from './build.mjs';

const GROUPS = ['ops_core', 'ops_nn', 'ops_more', 'ops_linalg', 'ops_exotic', 'ops_hand'];

/** What the conformance run of a backend says, by group and op. */
function run(backend) {
  const args = [join(root, 'scripts', 'conformance.mjs'), '--backend', backend, '--group', GROUPS.join(','), '--json'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (!stdout.startsWith('{')) throw new Error(`the conformance run on ${backend} printed no JSON: ${stderr}`);
  return JSON.parse(stdout);
}

/** The table of ops that a group of vectors has in its header, variants of an op as one. */
function vectors() {
  const ops = new Map();
  for (const group of GROUPS) {
    const header = JSON.parse(readFileSync(join(root, 'test', 'vectors', `${group}.json`), 'utf8'));
    for (const { op, tier, differentiable, gradgrad, calls } of Object.values(header.ops)) {
      const known = ops.get(op) ?? { tier, differentiable: false, gradgrad: false, forms: new Set() };
      known.differentiable ||= differentiable;
      known.gradgrad ||= gradgrad === true;
      for (const form of Object.keys(calls ?? {})) known.forms.add(form);
      ops.set(op, known);
    }
  }
  return ops;
}

const camel = (name) => name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter) => letter.toUpperCase());

/** Counts of an op over all groups. */
function counts(report, op) {
  const sum = { passed: 0, failed: 0, different: 0, absent: 0 };
  for (const group of Object.values(report.groups)) {
    for (const key of Object.keys(sum)) sum[key] += group.ops[op]?.[key] ?? 0;
  }
  return sum;
}

function cell({ passed, failed, different }) {
  const total = passed + failed + different;
  return different > 0 ? `${passed}/${total} (${different} by design)` : `${passed}/${total}`;
}

const backends = existsSync(addonPath) ? ['native', 'wasm'] : ['wasm'];
const reports = backends.map(run);
const rows = [];
const missing = [];
for (const [op, { tier, differentiable, gradgrad, forms }] of [...vectors()].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const results = reports.map((report) => counts(report, op));
  const [first] = results;
  if (first.passed + first.failed + first.different === 0) {
    if (first.absent > 0) missing.push(op);
    continue;
  }
  const gradient = differentiable ? (gradgrad ? 'twice' : 'yes') : '';
  rows.push(
    `| ${camel(op)} | ${tier} | ${[...forms].sort().join(', ')} | ${gradient} | ${results.map(cell).join(' | ')} |`,
  );
}
const text = `# Ops

Written by \`npm run ops\` from PyTorch's vectors and the conformance runs; not to be edited. An op of \`torch.a.b_c\` is
\`ng.a.bC\`. "Gradient": \`twice\` where second derivatives are tested too. The last columns say how many of PyTorch's cases
pass (values, dtypes, shapes, gradients, Hessian-vector products, aliasing, in-place forms).

${rows.length} ops; the ${missing.length} of the vectors that are not there: ${missing.map((op) => `\`${op}\``).join(', ') || 'none'}.

| op | tier | forms | gradient | ${backends.join(' | ')} |
| --- | --- | --- | --- | ${backends.map(() => '---').join(' | ')} |
${rows.join('\n')}
`;
const target = join(root, 'OPS.md');
if (process.argv.includes('--check')) {
  if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
    console.error('OPS.md is not what the code gives; run npm run ops.');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
  console.log(`OPS.md: ${rows.length} ops, ${missing.length} not there`);
}
