// npm run bench: the workloads of bench/, native and WASM side by side, each in its own process.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, root } from './build.mjs';

build(['wasm', 'native']);
const args = ['--import', './scripts/typescript.mjs', join('bench', 'main.ts'), ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
