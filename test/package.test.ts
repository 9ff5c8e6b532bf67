import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Manifest {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly gypfile?: boolean;
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

describe.skipIf(!existsSync(join(root, 'dist', 'index.js')))('the package as it is published', () => {
  let folder: string;
  let installed: string;
  let files: string[];

  // What npm does with the tarball, without asking a registry for the dependencies: those of the repository serve.
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nodegrad-package-'));
    const command = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const [packed] = JSON.parse(execFileSync(command, args, { cwd: root, encoding: 'utf8' })) as [
      { filename: string; files: { path: string }[] },
    ];
    files = packed.files.map(({ path }) => path);
    const modules = join(folder, 'node_modules');
    installed = join(modules, 'nodegrad');
    mkdirSync(installed, { recursive: true });
    const archive = gunzipSync(readFileSync(join(folder, packed.filename)));
    execFileSync('tar', ['-xf', '-', '-C', installed, '--strip-components=1'], { input: archive });
    for (const name of Object.keys(manifest.dependencies))
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...args: string[]): string =>
    execFileSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH, NODEGRAD_BACKEND: 'wasm' },
    });

  it('has no install script, and nothing that makes npm compile', () => {
    for (const script of ['preinstall', 'install', 'postinstall']) expect(manifest.scripts).not.toHaveProperty(script);
    expect(manifest.gypfile).toBe(false);
    expect(files).not.toContain('binding.gyp');
  });

  it('has the library, its types and its texts, what the addon is compiled from, and no tests', () => {
    for (const file of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist/index.js', 'dist/index.d.ts']) {
      expect(files).toContain(file);
    }
    const sources = /^(native\/|scripts\/(build-native|toolchain)\.mjs$|bench\/torch_worker\.py$)/;
    expect(files.filter((file) => !sources.test(file) && !/^(dist|prebuilds)\/|^[^/]+$/.test(file))).toEqual([]);
    expect(files.filter((file) => /(^|\/)\.|tsbuildinfo|test/.test(file))).toEqual([]);
  });

  const program = 'const y = ng.tensor([1, 2, 3]).add(1).sum(); console.log(ng.backend.name, String(y));';

  it('can be imported', () => {
    const output = run('--input-type=module', '--eval', `import * as ng from 'nodegrad'; ${program}`);
    expect(output).toBe('wasm tensor(9)\n');
  });

  it('has a command', () => {
    expect(run(join(installed, 'dist', 'cli', 'main.js'), '--version')).toBe(`${manifest.version}\n`);
    expect(run(join(installed, 'dist', 'cli', 'main.js'), 'bench', '--help')).toContain('--compare');
  });

  it('can be required', () => {
    const output = run('--eval', `const ng = require('nodegrad'); ${program}`);
    expect(output).toBe('wasm tensor(9)\n');
  });
});
