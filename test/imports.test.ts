import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const source = fileURLToPath(new URL('../src/', import.meta.url));

/**
 * The layers of src/, lowest first. A file may import from its own layer and from those below; `import type` may go
 * anywhere, since nothing of it is left at run time. The first pattern that matches a file places it.
 */
const LAYERS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['contract', /^(kernels|dtype|constants|errors|generated\/.*)\.ts$/],
  ['shape and storage', /^(shape|memory|storage|size|device|promotion|limits|repr|pythonNumber)\.ts$/],
  ['backends', /^backends\//],
  ['record', /^autograd\/(record|node|opNode|jointNode|mode)\.ts$/],
  ['random state', /^random\//],
  ['ops', /^(ops\/|indexing\.ts$)/],
  ['engine', /^(autograd\/|printing\.ts$)/],
  ['tensor', /^(tensor|message)\.ts$/],
  ['creation', /^(creation|predicates)(\.ts$|\/)/],
  ['namespaces of ops', /^(fft|linalg|masked|special)\.ts$/],
  ['nn, optim, data', /^(nn|optim|data|func)(\.ts$|\/)/],
  ['io, tensorboard, viz, cli', /^(io|tensorboard|viz|cli)(\.ts$|\/)/],
  ['index', /^index\.ts$/],
];

function layerOf(file: string): number {
  return LAYERS.findIndex(([, pattern]) => pattern.test(file));
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts'))
  .sort();

/** What a file imports at run time, relative to src/. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(source, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const found: string[] = [];
  const statement = /^(?:import|export)\s+(?!type\b)([^;'"]*?)\s*(?:from\s*)?['"](\.[^'"]+)['"]/gm;
  for (const [, clause, specifier] of text.matchAll(statement)) {
    if (!isTypeOnly(clause!)) found.push(posix.join(posix.dirname(file), specifier!.replace(/\.js$/, '.ts')));
  }
  return found;
}

/** `import { type A, type B } from …` leaves nothing either. */
function isTypeOnly(clause: string): boolean {
  const names = /^\{([^}]*)\}$/.exec(clause.trim())?.[1];
  return names?.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type ')) ?? false;
}

describe('imports in src/ go one way', () => {
  it('finds files and imports', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(files.length);
  });

  it('every file has a layer', () => {
    expect(files.filter((file) => layerOf(file) < 0)).toEqual([]);
  });

  it.each(files)('%s', (file) => {
    const own = layerOf(file);
    const upward = importsOf(file)
      .filter((target) => layerOf(target) > own)
      .map((target) => `${file} (${LAYERS[own]![0]}) imports ${target} (${LAYERS[layerOf(target)]![0]})`);
    expect(upward).toEqual([]);
  });

  it('has no cycle', () => {
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
        return;
      }
      if (done.has(file) || !files.includes(file)) return;
      for (const target of importsOf(file)) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });
});
