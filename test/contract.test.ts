import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadNative } from '../src/backends/native.js';
import { relaxedWasmBase64, wasmBase64 } from '../src/generated/wasm-binary.js';
import { contract, type KernelSpec, kernelNames } from '../src/kernels.js';
import { WebAssembly } from './webassembly.js';

const addonPath =
  process.env.NODEGRAD_ADDON ?? fileURLToPath(new URL('../build/Release/nodegrad.node', import.meta.url));

const specs: readonly (readonly [string, KernelSpec])[] = Object.entries(contract);
const sorted = (names: Iterable<string>): string[] => [...names].sort();

describe('the contract', () => {
  it('names operands by role, each once', () => {
    for (const [name, { operands }] of specs) {
      expect(
        operands.some((operand) => /^(in)?out/.test(operand)),
        `${name} writes nothing`,
      ).toBe(true);
      expect(new Set(operands).size, name).toBe(operands.length);
    }
  });
});

describe.skipIf(!existsSync(addonPath))('the addon', () => {
  const addon = existsSync(addonPath)
    ? (loadNative().addon as unknown as { kernels: (KernelSpec & { name: string })[] })
    : null!;

  it('has the kernels of the contract and no others', () => {
    expect(sorted(addon.kernels.map(({ name }) => name))).toEqual(sorted(kernelNames));
  });

  it.each(specs)('%s takes what the contract says', (name, { kind, operands, ints, scalars }) => {
    const found = addon.kernels.find((kernel) => kernel.name === name);
    expect(found).toMatchObject({ kind, operands: [...operands], ints: [...ints], scalars: [...scalars] });
  });
});

/** Exports of the module that are no kernels. */
const SERVICES = new Set(['memory', 'descriptor', 'heapBase']);

describe.each([
  ['the WebAssembly module', wasmBase64],
  ['the WebAssembly module with relaxed SIMD', relaxedWasmBase64],
])('%s', (_, base64) => {
  const bytes = Buffer.from(base64, 'base64');
  const isValid = WebAssembly.validate(bytes);

  it.skipIf(!isValid)('has the kernels of the contract and no others', () => {
    const exports = WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name }) => name);
    expect(sorted(exports.filter((name) => !SERVICES.has(name)))).toEqual(sorted(kernelNames));
  });

  it.skipIf(!isValid)('has functions of as many arguments as operands and scalars', () => {
    const imports = { env: { abort: (): void => undefined } };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
    const lengths = specs.map(([name]) => [name, (exports[name] as CallableFunction).length]);
    expect(lengths).toEqual(specs.map(([name, { operands, scalars }]) => [name, operands.length + scalars.length]));
  });
});

it('at least the plain WebAssembly module runs here', () => {
  expect(WebAssembly.validate(Buffer.from(wasmBase64, 'base64'))).toBe(true);
});
