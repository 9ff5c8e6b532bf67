// npm run check: format and lint, types, then the tests on both backends. Runs every step and fails if one of them did.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, root } from './build.mjs';

const bin = (...path) => join(root, 'node_modules', ...path);
const steps = [
  ['format and lint', [bin('@biomejs', 'biome', 'bin', 'biome'), 'ci', '.']],
  ['C++ format', [join('scripts', 'clang-format.mjs'), '--check']],
  ['types', [bin('typescript', 'bin', 'tsc'), '-p', 'tsconfig.check.json']],
  ['tests', [join('scripts', 'test.mjs')]],
];

build();
const failed = steps.filter(([name, args]) => {
  console.log(`\n${name}`);
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status !== 0;
});
console.log(failed.length === 0 ? '\ncheck: all good' : `\ncheck: failed: ${failed.map(([name]) => name).join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
