// npm run conformance: holds the library against PyTorch's vectors (test/vectors), on one backend or both.
//   npm run conformance -- --op nn.functional.conv2d,add --backend native     (--help lists the options)
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { addonPath, build, isBuilt, isStale, root } from './build.mjs';

const args = process.argv.slice(2);
const at = args.findIndex((arg) => arg === '--backend' || arg.startsWith('--backend='));
let chosen = process.env.NODEGRAD_BACKEND;
if (at >= 0) {
  chosen = args[at].includes('=') ? args[at].slice(args[at].indexOf('=') + 1) : args[at + 1];
  args.splice(at, args[at].includes('=') ? 1 : 2);
}
if (chosen && chosen !== 'native' && chosen !== 'wasm') {
  console.error(`conformance: --backend is native or wasm, not ${chosen}`);
  process.exit(2);
}
const needed = chosen ? [chosen] : ['native', 'wasm'];
build(needed.filter((name) => !isBuilt(name)));
if (!isBuilt('wasm')) build(['wasm']);
for (const name of needed) {
  if (isBuilt(name) && isStale(name))
    console.error(`conformance: the ${name} build is older than its sources (npm run build)`);
}
const backends = chosen ? [chosen] : existsSync(addonPath) ? ['native', 'wasm'] : ['wasm'];

let worst = 0;
for (const backend of backends) {
  const { status } = spawnSync(
    process.execPath,
    ['--import', './scripts/typescript.mjs', join('test', 'conformance', 'main.ts'), ...args],
    { cwd: root, stdio: 'inherit', env: { ...process.env, NODEGRAD_BACKEND: backend } },
  );
  worst = Math.max(worst, status ?? 1);
}
process.exit(worst);
