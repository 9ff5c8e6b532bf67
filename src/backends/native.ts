import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { contract, type KernelName, type KernelSpec } from '../kernels.js';
import { type Kernels, type Operand, throwReported, writeDense, writeStrided, writeThree, writeTwo } from './call.js';

type Entry = (...args: (ArrayBuffer | number | null)[]) => void;

/** What the addon exports beside a function for each kernel. */
interface Addon {
  readonly descriptor: ArrayBuffer;
  readonly isa: string;
  readonly kernels: readonly { name: string; operands: number; scalars: number }[];
  setNumThreads(n: number): void;
  getNumThreads(): number;
  /** Memory of a large result, reused after its ArrayBuffer is collected; null where there is none. */
  allocateLarge(bytes: number): ArrayBuffer | null;
}

export interface NativeBackend {
  readonly kernels: Kernels;
  readonly isa: string;
  readonly addon: Addon;
}

const platform = `${process.platform}-${process.arch}`;

function isMusl(): boolean {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return process.platform === 'linux' && report?.header?.glibcVersionRuntime === undefined;
}

/** Where the addon may be: named by the environment, built here, or shipped. */
function candidates(): string[] {
  const forced = process.env.NODEGRAD_ADDON;
  if (forced !== undefined && forced !== '') return [forced];
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const shipped = `${root}prebuilds/${platform}`;
  return [
    `${root}build/Release/nodegrad.node`,
    isMusl() ? `${shipped}-musl/nodegrad.node` : `${shipped}/nodegrad.node`,
  ];
}

/** Loads the addon. @throws Error saying why there is none */
export function loadNative(): NativeBackend {
  const tried = candidates();
  const path = tried.find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`no addon for ${platform} (looked for ${tried.join(', ')})`);
  const addon = createRequire(import.meta.url)(path) as Addon & Record<KernelName, Entry>;
  const descriptor = new Int32Array(addon.descriptor);
  const kernels: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(contract) as [KernelName, KernelSpec][]) {
    const entry = addon[name];
    if (entry === undefined) throw new Error(`the addon ${path} has no kernel ${name}; build it again (npm run build)`);
    kernels[name] = bind(name, spec, entry, descriptor);
  }
  return { kernels: kernels as unknown as Kernels, isa: addon.isa, addon };
}

/** The function that fills the descriptor and calls a kernel; the common arities without arrays of arguments. */
function bind(name: string, spec: KernelSpec, entry: Entry, d: Int32Array): unknown {
  const k = spec.operands.length;
  if (spec.kind === 'strided' && spec.scalars.length === 0 && !spec.checked) {
    if (k === 2) {
      return (out: Operand, x: Operand) => {
        writeTwo(d, out, x);
        entry(out.storage.buffer, x.storage.buffer);
      };
    }
    if (k === 3) {
      return (out: Operand, x: Operand, y: Operand) => {
        writeThree(d, out, x, y);
        entry(out.storage.buffer, x.storage.buffer, y.storage.buffer);
      };
    }
  }
  return (...args: (Operand | null | number)[]) => {
    const operands = args.slice(0, k) as (Operand | null)[];
    if (spec.kind === 'strided') writeStrided(d, operands as Operand[]);
    else writeDense(d, operands, args.slice(k, k + spec.ints.length) as number[]);
    const values: (ArrayBuffer | number | null)[] = operands.map((x) => (x === null ? null : x.storage.buffer));
    for (let i = k + spec.ints.length; i < args.length; i++) values.push(args[i] as number);
    entry(...values);
    if (spec.checked) throwReported(name, d);
  };
}
