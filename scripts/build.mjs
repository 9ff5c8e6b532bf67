// Builds what is missing or older than its sources: the WebAssembly module, the TypeScript, the addon.
//   node scripts/build.mjs [--force]
// Also imported by the scripts that need a build: start, test, conformance, bench.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingTool } from './toolchain.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const addonPath = process.env.NODEGRAD_ADDON ?? join(root, 'build', 'Release', 'nodegrad.node');

const generated = join('src', 'generated');
const parts = {
  wasm: {
    sources: ['wasm', join('scripts', 'build-wasm.mjs')],
    target: join(root, generated, 'wasm-binary.ts'),
    command: [join('scripts', 'build-wasm.mjs')],
  },
  types: {
    sources: ['src', 'tsconfig.json', 'package.json'],
    target: join(root, 'dist', '.tsbuildinfo'),
    command: [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.json'],
  },
  native: {
    sources: ['native', join('scripts', 'build-native.mjs')],
    target: join(root, 'build', 'Release', 'nodegrad.node'),
    command: [join('scripts', 'build-native.mjs')],
  },
};

/** The time of the newest file in there; build output inside a source folder does not count. */
function newest(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  let time = 0;
  for (const name of readdirSync(path)) {
    if (name !== 'node_modules' && name !== 'build') time = Math.max(time, newest(join(path, name)));
  }
  return time;
}

/** Is the part missing, or older than its sources? */
export function isStale(name) {
  const { sources, target } = parts[name];
  const stats = statSync(target, { throwIfNoEntry: false });
  return !stats || sources.some((source) => newest(join(root, source)) > stats.mtimeMs);
}

export const isBuilt = (name) => existsSync(parts[name].target);

/** Why the addon is not to be compiled, as a line for the user; null if it is. */
export function nativeObstacle() {
  if (process.env.NODEGRAD_BACKEND === 'wasm')
    return 'nodegrad: NODEGRAD_BACKEND=wasm, so the native addon is not compiled.';
  const missing = missingTool();
  return missing && `nodegrad: ${missing} was not found, so everything runs on the WebAssembly backend.`;
}

function run(name) {
  const { status, error, signal } = spawnSync(process.execPath, parts[name].command, { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) {
    console.error(`nodegrad: building ${name} failed (${signal ?? `exit code ${status}`}).`);
    process.exit(status || 1);
  }
  if (isBuilt(name)) utimesSync(parts[name].target, new Date(), new Date());
}

/** Builds the named parts where they are stale (or all of them, with force); the addon only where it can be compiled. */
export function build(names = Object.keys(parts), { force = false, quiet = false } = {}) {
  for (const name of names) {
    if (!force && !isStale(name)) continue;
    if (name === 'native') {
      const obstacle = nativeObstacle();
      if (obstacle) {
        if (!quiet) console.log(obstacle);
        continue;
      }
    }
    run(name);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build(undefined, { force: process.argv.includes('--force') });
