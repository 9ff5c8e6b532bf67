// Writes OPS.md: every op of PyTorch's vectors, its forms, gradients, and the cases passed on each backend; and which of
// PyTorch's public functions and methods are not there.
//   node scripts/ops.mjs            writes it
//   node scripts/ops.mjs --check    exits with 1 when it would change; without the addon only what WASM passes is compared
import './typescript.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addonPath, root } from './build.mjs';

const GROUPS = ['ops_core', 'ops_nn', 'ops_more', 'ops_linalg', 'ops_exotic', 'ops_hand'];
const BACKENDS = ['native', 'wasm'];

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
      const known = ops.get(op) ?? { tier, differentiable: false, gradgrad: false, calls: {} };
      known.differentiable ||= differentiable;
      known.gradgrad ||= gradgrad === true;
      Object.assign(known.calls, calls);
      ops.set(op, known);
    }
  }
  return ops;
}

const camel = (name) => name.replace(/(?<=[A-Za-z0-9])_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const path = (name) => name.split('.').map(camel).join('.');

const library = await import('../src/index.ts');
const prototype = library.Tensor.prototype;

/** What `ng.a.b` is, or undefined. */
function find(name) {
  return name.split('.').reduce((value, key) => value?.[camel(key)], library);
}
const isFunction = (name) => typeof find(name) === 'function';
/** Whether tensors have a method or property of PyTorch's name. */
const hasMember = (name) => camel(name) in prototype;

/** What stands for Python's operators. */
const OPERATORS = {
  __bool__: ['', 'x.item', ''],
  __getitem__: ['', 'x.at', ''],
  __setitem__: ['', '', 'x.setAt'],
  __radd__: ['ng.add', '', ''],
  __rand__: ['ng.bitwiseAnd', '', ''],
  __rdiv__: ['ng.div', '', ''],
  __rmatmul__: ['ng.matmul', '', ''],
  __rmod__: ['ng.remainder', '', ''],
  __rmul__: ['ng.mul', '', ''],
  __ror__: ['ng.bitwiseOr', '', ''],
  __rpow__: ['ng.pow', '', ''],
  __rsub__: ['ng.rsub', '', ''],
  __rxor__: ['ng.bitwiseXor', '', ''],
};

/** The spellings of an op that the library has: function, method or property, in-place method. */
function forms(op, calls) {
  if (op in OPERATORS) return OPERATORS[op];
  const member = (calls.method ?? calls.property ?? (op.includes('.') ? '' : op)).replace(/^Tensor\./, '');
  const inPlace = member.endsWith('_') ? member : `${member}_`;
  const functional =
    /^nn\.functional\./.test(op) && typeof calls.inplace === 'string' && calls.inplace.includes('inplace=');
  return [
    isFunction(op) ? `ng.${path(op)}` : '',
    member !== '' && hasMember(member) ? `x.${camel(member)}` : '',
    functional ? 'inplace: true' : member !== '' && hasMember(inPlace) ? `x.${camel(inPlace)}` : '',
  ];
}

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

/** Public names of PyTorch without a counterpart, by namespace. */
function missingNames() {
  const lines = readFileSync(join(root, 'scripts', 'torch-names.txt'), 'utf8').split('\n');
  const missing = new Map();
  let space = '';
  let count = 0;
  for (const line of lines) {
    if (line.startsWith('#') || line === '') continue;
    const [head, ...rest] = line.trim().split(' ');
    const isHead = head.endsWith(':');
    if (isHead) space = head.slice(0, -1);
    for (const name of isHead ? rest : [head, ...rest]) {
      count++;
      const isThere = space === 'torch.Tensor' ? hasMember(name) : find(`${space}.${name}`.slice(6)) !== undefined;
      if (!isThere) missing.set(space, [...(missing.get(space) ?? []), name]);
    }
  }
  return { missing, count };
}

function text(reports) {
  const rows = [];
  const absent = [];
  const totals = BACKENDS.map(() => [0, 0]);
  for (const [op, { tier, differentiable, gradgrad, calls }] of [...vectors()].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const results = reports.map((report) => (report === null ? null : counts(report, op)));
    const known = results.find((result) => result !== null);
    if (known.passed + known.failed + known.different === 0) {
      if (known.absent > 0) absent.push(op);
      continue;
    }
    for (const [i, result] of results.entries()) {
      if (result === null) continue;
      totals[i][0] += result.passed;
      totals[i][1] += result.passed + result.failed + result.different;
    }
    const cells = [
      op.startsWith('__') ? op : path(op),
      tier,
      ...forms(op, calls).map((form) => (form === '' ? '' : `\`${form}\``)),
      differentiable ? 'yes' : '',
      gradgrad ? 'yes' : '',
      ...results.map((result) => (result === null ? '' : cell(result))),
    ];
    rows.push(`| ${cells.join(' | ')} |`);
  }
  const { missing, count } = missingNames();
  const missingCount = [...missing.values()].reduce((sum, names) => sum + names.length, 0);
  const sums = BACKENDS.map((name, i) => (reports[i] === null ? '' : `${name} ${totals[i].join(' of ')}`)).filter(
    Boolean,
  );
  return `# Ops

Written by \`npm run ops\` from PyTorch's vectors, the library and the conformance runs; not to be edited. An op of
\`torch.a.b_c\` is \`ng.a.bC\`. "Gradient" and "second order": PyTorch differentiates the op once, twice, and so does this
library. The last columns say how many of PyTorch's cases pass (values, dtypes, shapes, gradients, Hessian-vector
products, aliasing, in-place forms): ${sums.join(', ')}.

## Not there

Of the ${rows.length + absent.length} ops of the vectors: ${absent.map((op) => `\`${op}\``).join(', ') || 'none'}.

Of the ${count} public functions and methods of PyTorch 1.13 (without quantized, sparse, named and CUDA tensors) ${missingCount}:

${[...missing].map(([space, names]) => `- ${space}: ${names.map((name) => `\`${name}\``).join(', ')}`).join('\n')}

## There

| op | tier | function | method | in place | gradient | second order | ${BACKENDS.join(' | ')} |
| --- | --- | --- | --- | --- | --- | --- | ${BACKENDS.map(() => '---').join(' | ')} |
${rows.join('\n')}
`;
}

/** Lines as \`--check\` compares them where native was not run: without its numbers. */
const withoutNative = (page) =>
  page.replaceAll(/^(\|.*\|)[^|]*\|([^|]*\|)$/gm, '$1$2').replace(/native \d+ of \d+, /, '');

const target = join(root, 'OPS.md');
const isChecked = process.argv.includes('--check');
const hasNative = existsSync(addonPath);
if (!hasNative && !isChecked) throw new Error('OPS.md tells of both backends: build the addon first (npm run build)');
const page = text([hasNative ? run('native') : null, run('wasm')]);
if (isChecked) {
  const written = existsSync(target) ? readFileSync(target, 'utf8') : '';
  const isSame = hasNative ? written === page : withoutNative(written) === withoutNative(page);
  if (!isSame) {
    console.error('OPS.md is not what the code gives; run npm run ops.');
    process.exit(1);
  }
} else {
  writeFileSync(target, page);
  console.log(`OPS.md: ${page.split('\n').filter((line) => line.startsWith('| ')).length - 2} ops`);
}
