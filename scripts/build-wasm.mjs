// Compiles wasm/ twice, for plain SIMD and with relaxed SIMD, and writes both as base64 to src/generated/wasm-binary.ts,
// so that the package loads them synchronously and without reading files.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'src', 'generated');
const target = join(folder, 'wasm-binary.ts');

/** What the output depends on: the sources, their configuration, this script and the compiler. */
function stampOfSources() {
  const hash = createHash('sha256');
  const sources = readdirSync(join(root, 'wasm'))
    .filter((name) => /\.(ts|json)$/.test(name))
    .sort()
    .map((name) => join('wasm', name));
  const compiler = join('node_modules', 'assemblyscript', 'package.json');
  for (const path of [...sources, join('scripts', 'build-wasm.mjs'), compiler]) {
    const text = readFileSync(join(root, path));
    hash.update(`${path}\n${text.length}\n`).update(text);
  }
  return hash.digest('hex');
}

/** Compiles one of the targets of wasm/asconfig.json. */
async function compile(name) {
  const { main } = await import('assemblyscript/asc');
  let binary;
  const { error, stderr } = await main(
    ['--config', 'wasm/asconfig.json', '--target', name, '--outFile', 'module.wasm'],
    {
      readFile(path, baseDirectory) {
        const file = join(root, baseDirectory, path);
        return existsSync(file) ? readFileSync(file, 'utf8') : null;
      },
      listFiles: (path, baseDirectory) =>
        readdirSync(join(root, baseDirectory, path)).filter((file) => file.endsWith('.ts')),
      writeFile(path, contents) {
        if (path.endsWith('.wasm')) binary = contents;
      },
    },
  );
  const messages = stderr.toString();
  if (messages) process.stderr.write(messages);
  if (error || !binary) throw error ?? new Error(`wasm: the compiler wrote nothing for the target ${name}`);
  return Buffer.from(binary);
}

const stamp = `// ${stampOfSources()}`;
if (existsSync(target) && readFileSync(target, 'utf8').includes(stamp)) {
  const now = new Date();
  utimesSync(target, now, now);
} else {
  const plain = await compile('simd');
  const relaxed = await compile('relaxed');
  const text = `// Written by scripts/build-wasm.mjs; the stamp of what it was made from:
${stamp}

export const wasmBase64 =
  '${plain.toString('base64')}';

/** The same with relaxed SIMD, for engines that validate it. */
export const relaxedWasmBase64 =
  '${relaxed.toString('base64')}';
`;
  mkdirSync(folder, { recursive: true });
  // two builds at once must not see half a file
  const temporary = `${target}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, target);
  console.log(`wasm: ${plain.length} bytes, relaxed SIMD ${relaxed.length} bytes`);
}
