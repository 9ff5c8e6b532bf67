import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadNative } from '../src/backends/native.js';
import { loadWasm } from '../src/backends/wasm.js';
import { contract, kernelNames } from '../src/kernels.js';
import { isDense, rules, stridedRules } from './agreement/rules.js';
import { checkDense, checkStrided } from './agreement/run.js';

const addon = process.env.NODEGRAD_ADDON ?? fileURLToPath(new URL('../build/Release/nodegrad.node', import.meta.url));
// Both are loaded whichever backend is chosen, so the pass on WASM need not do it all again.
const isSkipped = !existsSync(addon) || process.env.NODEGRAD_BACKEND === 'wasm';

describe.skipIf(isSkipped)('native and WASM agree', () => {
  const backends = !isSkipped ? { native: loadNative().kernels, wasm: loadWasm().kernels } : null!;

  it.each(kernelNames)('%s', (name) => {
    const rule = rules[name];
    if (contract[name].kind === 'strided') {
      expect(stridedRules(name).flatMap((each) => checkStrided(backends, name, each))).toEqual([]);
    } else if (isDense(rule)) expect(checkDense(backends, name, rule)).toEqual([]);
    else expect.fail(`${name} needs a rule with its cases in test/agreement/dense.ts`);
  });
});
