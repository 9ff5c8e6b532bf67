// npm start: trains a classifier on handwritten digits (examples/digits), after making sure that everything is built.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, root } from './build.mjs';

build(['wasm', 'native'], { quiet: true });
const example = join('examples', 'digits', 'main.ts');
const args = ['--import', './scripts/typescript.mjs', example, ...process.argv.slice(2)];
const { status, error } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
if (error) throw error;
process.exit(status ?? 1);
