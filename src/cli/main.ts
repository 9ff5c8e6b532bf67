#!/usr/bin/env node
// The package's command: npx nodegrad bench, npx nodegrad build.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { main as bench } from './bench/main.js';

const HELP = `nodegrad: PyTorch's tensors, graph and backpropagation for Node.js

  nodegrad bench [options]   the benchmark workloads on native and WASM (--help lists the options)
  nodegrad build             compiles the native addon for this machine (needs a C++ compiler, make and Python 3)
  nodegrad --version
`;

/** The package's own folder: src/cli and dist/cli are equally deep. */
const root = new URL('../../', import.meta.url);

/** Compiles native/ beside the package, where the loader looks first. */
function compile(): number {
  const script = fileURLToPath(new URL('scripts/build-native.mjs', root));
  const { status, error } = spawnSync(process.execPath, [script], { stdio: 'inherit' });
  if (error) throw error;
  return status ?? 1;
}

async function run([command, ...args]: readonly string[]): Promise<number> {
  switch (command) {
    case 'bench':
      return bench(args);
    case 'build':
      return compile();
    case '--version': {
      const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
      console.log(manifest.version);
      return 0;
    }
    case undefined:
    case '--help':
      console.log(HELP);
      return 0;
    default:
      console.error(`nodegrad: there is no command ${command}.\n\n${HELP}`);
      return 2;
  }
}

process.exitCode = await run(process.argv.slice(2));
