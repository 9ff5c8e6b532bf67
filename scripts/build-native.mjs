// Compiles native/ to build/Release/nodegrad.node with node-gyp, unless nothing changed since the last time. Works in a
// checkout of the repository and in the published package, where node-gyp is npm's own or comes from the registry.
//   NODEGRAD_STRICT=1      warnings are errors
//   NODEGRAD_SANITIZE=1    a build with AddressSanitizer and UBSan, in build-asan/build/Release (load it with
//                          NODEGRAD_ADDON=build-asan/build/Release/nodegrad.node and libasan preloaded)
//   CXX, MAKE, PYTHON      the tools to use
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingTool, nodeHeaders } from './toolchain.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const sanitize = process.env.NODEGRAD_SANITIZE === '1';
const folder = sanitize ? join(root, 'build-asan') : root;
const release = join(folder, 'build', 'Release');
const addon = join(release, 'nodegrad.node');
const stampPath = join(release, 'nodegrad.stamp');

/** What the addon depends on: its sources, the compiler's name and the switches. */
function stampOfSources() {
  const hash = createHash('sha256');
  const sources = readdirSync(join(root, 'native')).filter((name) => /\.(cpp|h|gypi)$/.test(name));
  for (const path of sources.sort().map((name) => join('native', name))) {
    const text = readFileSync(join(root, path));
    hash.update(`${path}\n${text.length}\n`).update(text);
  }
  const { CXX = '', NODEGRAD_STRICT = '' } = process.env;
  const compiler = CXX.split(/\s+/).filter((word) => !/(^|\/)ccache$/.test(word));
  hash.update(JSON.stringify([process.platform, process.arch, compiler, NODEGRAD_STRICT === '1']));
  return hash.digest('hex');
}

/** node-gyp works in a folder of its own name; a second kind of build needs a second folder with the same sources. */
function linkSources() {
  mkdirSync(folder, { recursive: true });
  for (const name of ['native', 'binding.gyp']) {
    if (!existsSync(join(folder, name))) symlinkSync(join('..', name), join(folder, name));
  }
}

/** Why this machine cannot compile it, or null. */
function obstacle() {
  if (process.arch !== 'x64' && process.arch !== 'arm64') return `no native code for ${process.arch}`;
  const tool = missingTool();
  return tool && `no ${tool.replace(/^an? /, '')} found`;
}

/** The command that runs node-gyp: the one installed here, else the one that npx fetches. */
function nodeGyp() {
  const installed = join(root, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  if (existsSync(installed)) return [process.execPath, installed];
  return [process.platform === 'win32' ? 'npx.cmd' : 'npx', '--yes', 'node-gyp@12.4'];
}

/** npm would compile a package that has a binding.gyp, so the published one gets it only here. */
function provideBinding() {
  const path = join(root, 'binding.gyp');
  if (!existsSync(path)) writeFileSync(path, "{'includes': ['native/nodegrad.gypi']}\n");
}

function compile() {
  provideBinding();
  const headers = nodeHeaders();
  const [command, ...prefix] = nodeGyp();
  const args = [
    ...prefix,
    'configure',
    'build',
    `--jobs=${Math.min(availableParallelism(), 8)}`,
    '--loglevel=error',
    ...(headers ? [`--nodedir=${headers}`] : []),
  ];
  // What make says is only of interest when something is wrong.
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error) throw error;
  process.stderr.write(stderr);
  if (status !== 0) process.stdout.write(stdout);
  return status;
}

const stamp = stampOfSources();
const reason = obstacle();
if (reason) {
  console.log(`nodegrad: ${reason}; using the WebAssembly backend`);
} else if (existsSync(addon) && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) {
  console.log('native: up to date');
} else {
  if (sanitize) linkSources();
  const status = compile();
  if (status === 0) {
    writeFileSync(stampPath, stamp);
    console.log(`native: ${addon}`);
  } else if (process.env.NODEGRAD_BACKEND === 'wasm') {
    console.log('nodegrad: the native addon did not compile; using the WebAssembly backend, as NODEGRAD_BACKEND says');
  } else {
    console.error('nodegrad: the native addon did not compile; NODEGRAD_BACKEND=wasm does without it');
    process.exitCode = 1;
  }
}
