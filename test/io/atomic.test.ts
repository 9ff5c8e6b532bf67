import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeFileAtomic, writeFileAtomicSync } from '../../src/io/atomic.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodegrad-atomic-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe.each([
  ['writeFileAtomic', writeFileAtomic],
  ['writeFileAtomicSync', async (path: string, parts: Iterable<Uint8Array>) => writeFileAtomicSync(path, parts)],
])('%s', (_, write) => {
  test('writes the pieces one after another and leaves nothing else behind', async () => {
    await write(join(folder, 'a'), [text('one '), text(''), text('two')]);
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('one two');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('replaces a file, keeping its permissions', async () => {
    const path = join(folder, 'a');
    writeFileSync(path, 'old');
    chmodSync(path, 0o640);
    await write(path, [text('new')]);
    expect(readFileSync(path, 'utf8')).toBe('new');
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  test('a failure half-way leaves the old file and no temporary one', async () => {
    const path = join(folder, 'a');
    writeFileSync(path, 'old');
    const parts = function* (): Generator<Uint8Array> {
      yield text('half');
      throw new Error('no more');
    };
    await expect(write(path, parts())).rejects.toThrow('no more');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('a folder that does not exist is the file system error', async () => {
    await expect(write(join(folder, 'b', 'a'), [text('x')])).rejects.toThrow(/ENOENT/);
  });

  test.skipIf(process.platform === 'win32')('a link stays a link, its target is written', async () => {
    writeFileSync(join(folder, 'target'), 'old');
    symlinkSync('target', join(folder, 'link'));
    await write(join(folder, 'link'), [text('new')]);
    expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('new');
    expect(statSync(join(folder, 'link')).isFile()).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['link', 'target']);
  });
});

test('pieces may come asynchronously', async () => {
  const parts = async function* (): AsyncGenerator<Uint8Array> {
    yield text('a');
    await Promise.resolve();
    yield text('b');
  };
  await writeFileAtomic(join(folder, 'a'), parts());
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('ab');
});

test.skipIf(process.platform === 'win32')('a process killed while it saves leaves the old file whole', async () => {
  const path = join(folder, 'a');
  writeFileSync(path, 'old');
  const root = new URL('../../', import.meta.url);
  const child = spawn(
    process.execPath,
    [
      '--import',
      new URL('scripts/typescript.mjs', root).href,
      fileURLToPath(new URL('save-forever.ts', import.meta.url)),
      path,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(line.toString()).toBe('writing\n');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder).length).toBe(2);
});
