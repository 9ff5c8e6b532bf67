// Formats the C++ in native/, or with --check fails where it is not formatted.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build.mjs';

const folder = join(root, 'native');
const files = readdirSync(folder, { recursive: true })
  .filter((name) => /\.(cpp|h|inc)$/.test(name))
  .map((name) => join('native', name))
  .sort();
const mode = process.argv.includes('--check') ? ['--dry-run', '-Werror'] : ['-i'];
const command = join(root, 'node_modules', 'clang-format', 'index.js');
const { status } = spawnSync(process.execPath, [command, ...mode, ...files], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
