// Module hooks: `./x.js` finds `./x.ts`, `nodegrad` is src/index.ts, and TypeScript loses its types, one file at a time.
// Node 20 cannot strip types, and `using` has to be lowered for it. Results are kept in node_modules/.cache, by content.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, 'node_modules', '.cache', 'nodegrad-typescript');
const entry = pathToFileURL(join(root, 'src', 'index.ts')).href;
const version = JSON.parse(readFileSync(join(root, 'node_modules', 'typescript', 'package.json'), 'utf8')).version;
let compiler;

export async function resolve(specifier, context, next) {
  if (specifier === 'nodegrad') return { url: entry, shortCircuit: true };
  if (specifier.endsWith('.js') && specifier.startsWith('.') && context.parentURL?.endsWith('.ts')) {
    const url = new URL(`${specifier.slice(0, -3)}.ts`, context.parentURL);
    if (existsSync(url)) return { url: url.href, shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const path = fileURLToPath(url);
  const text = readFileSync(path, 'utf8');
  const key = createHash('sha256').update(version).update('\0').update(path).update('\0').update(text).digest('hex');
  const file = join(cache, `${key}.js`);
  let source;
  try {
    source = readFileSync(file, 'utf8');
  } catch {
    source = await compile(path, text);
    mkdirSync(cache, { recursive: true });
    const temporary = `${file}.${process.pid}`;
    writeFileSync(temporary, source);
    renameSync(temporary, file);
  }
  return { format: 'module', source, shortCircuit: true };
}

async function compile(path, text) {
  compiler ??= (await import('typescript')).default;
  const { outputText } = compiler.transpileModule(text, {
    fileName: path,
    compilerOptions: {
      target: compiler.ScriptTarget.ES2022,
      module: compiler.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      inlineSourceMap: true,
      inlineSources: true,
    },
  });
  return outputText;
}
