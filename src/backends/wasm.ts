import { relaxedWasmBase64, wasmBase64 } from '../generated/wasm-binary.js';
import { contract, type KernelName, type KernelSpec } from '../kernels.js';
import type { Kernels } from './call.js';
import { bind, type Entry } from './wasmCall.js';
import { type StagedModule, Staging } from './wasmStaging.js';

/** What is used of the global that Node's types leave out. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: object };
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi };

type Module = Record<KernelName, Entry> & StagedModule;

export interface WasmBackend {
  readonly kernels: Kernels;
  readonly isa: string;
  readonly exports: Module;
}

/** Compiles the module and wraps its kernels. Synchronous, so that require() works too. */
export function loadWasm(): WasmBackend {
  const relaxed = Buffer.from(relaxedWasmBase64, 'base64');
  const isRelaxed = relaxed.length > 0 && WebAssembly.validate(relaxed);
  const bytes = isRelaxed ? relaxed : Buffer.from(wasmBase64, 'base64');
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: {
      abort(): never {
        throw new Error('wasm: a kernel met a state it does not know');
      },
    },
  });
  const module = instance.exports as unknown as Module;
  const staging = new Staging(module);
  const kernels: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(contract) as [KernelName, KernelSpec][]) {
    const entry = module[name];
    if (entry === undefined)
      throw new Error(`the WebAssembly module has no kernel ${name}; build it again (npm run build)`);
    kernels[name] = bind(name, spec, entry, staging);
  }
  return { kernels: kernels as unknown as Kernels, isa: isRelaxed ? 'simd128+relaxed' : 'simd128', exports: module };
}
