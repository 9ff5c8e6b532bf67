import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { contract, KERNEL_WORD, type KernelName, type KernelSpec } from '../kernels.js';
import type { LargeAllocator } from '../memory.js';
import {
  type Arguments,
  type Kernels,
  type Operand,
  type Repeat,
  refusedDType,
  throwReported,
  writeDense,
  writeStrided,
  writeThree,
  writeTwo,
} from './call.js';
import type { Collector } from './collector.js';

type Value = ArrayBuffer | number | null;

/** What the addon exports. */
interface Addon {
  readonly descriptor: ArrayBuffer;
  readonly isa: string;
  readonly kernels: readonly { readonly name: string }[];
  /**
   * Calls the kernel whose number, its place in `kernels`, the descriptor has at KERNEL_WORD, with up to 4 arguments.
   * One function for all: V8 calls what a call site has always called far faster than one of many.
   */
  call(...values: Value[]): void;
  /** The same with any number of arguments. */
  callMany(...values: Value[]): void;
  /** Calls a dense kernel several times: the operands of each call, then the scalars of all. */
  callSets(...values: Value[]): void;
  setNumThreads(n: number): void;
  getNumThreads(): number;
  /**
   * A buffer with memory of a large result, from the byte on that the descriptor's first word tells: reused after
   * `owner` is collected. Null where there is none.
   */
  allocateLarge(bytes: number, owner: object): ArrayBuffer | null;
  /** Gives {@link allocateLarge} a way to have V8 collect garbage. */
  setCollector(collect: Collector): void;
}

export interface NativeBackend {
  readonly kernels: Kernels;
  readonly repeat: Repeat;
  readonly isa: string;
  readonly addon: Addon;
  readonly allocateLarge: LargeAllocator;
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
  const addon = createRequire(import.meta.url)(path) as Addon;
  const descriptor = new Int32Array(addon.descriptor);
  const numbers = new Map(addon.kernels.map(({ name }, i) => [name, i]));
  const kernels: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(contract) as [KernelName, KernelSpec][]) {
    const number = numbers.get(name);
    if (number === undefined)
      throw new Error(`the addon ${path} has no kernel ${name}; build it again (npm run build)`);
    kernels[name] = bind(name, spec, number, addon, descriptor);
  }
  const repeat: Repeat = (name, calls) =>
    callTogether(name, contract[name], numbers.get(name)!, addon, descriptor, calls);
  const allocateLarge: LargeAllocator = (bytes, memory) => {
    const buffer = addon.allocateLarge(bytes, memory);
    if (buffer === null) return false;
    memory.buffer = buffer;
    memory.byteOffset = descriptor[0]!;
    return true;
  };
  return { kernels: kernels as unknown as Kernels, repeat, isa: addon.isa, addon, allocateLarge };
}

/** The function that fills the descriptor and calls a kernel; the common arities without arrays of arguments. */
function bind(name: string, spec: KernelSpec, number: number, addon: Addon, d: Int32Array): unknown {
  const { call, callMany } = addon;
  const k = spec.operands.length;
  const isStrided = spec.kind === 'strided';
  if (isStrided && spec.scalars.length === 0 && !spec.checked) {
    if (k === 2) {
      return (out: Operand, x: Operand) => {
        writeTwo(name, d, out, x);
        d[KERNEL_WORD] = number;
        try {
          call(out.storage.buffer, x.storage.buffer);
        } catch (error) {
          throw explained(error, name, spec, [out, x]);
        }
      };
    }
    if (k === 3) {
      return (out: Operand, x: Operand, y: Operand) => {
        writeThree(name, d, out, x, y);
        d[KERNEL_WORD] = number;
        try {
          call(out.storage.buffer, x.storage.buffer, y.storage.buffer);
        } catch (error) {
          throw explained(error, name, spec, [out, x, y]);
        }
      };
    }
  }
  const m = spec.ints.length;
  const count = k + spec.scalars.length;
  /** What goes to the addon: the operands' buffers, then the scalars. */
  const argument = (args: Arguments, i: number): Value =>
    i < k ? ((args[i] as Operand | null)?.storage.buffer ?? null) : (args[i + m] as number);
  return (...args: Arguments) => {
    if (isStrided) writeStrided(name, d, args, k);
    else writeDense(name, d, args, k, m);
    d[KERNEL_WORD] = number;
    try {
      switch (count) {
        case 2:
          call(argument(args, 0), argument(args, 1));
          break;
        case 3:
          call(argument(args, 0), argument(args, 1), argument(args, 2));
          break;
        case 4:
          call(argument(args, 0), argument(args, 1), argument(args, 2), argument(args, 3));
          break;
        default: {
          const values = new Array<Value>(count);
          for (let i = 0; i < count; i++) values[i] = argument(args, i);
          callMany(...values);
        }
      }
    } catch (error) {
      throw explained(error, name, spec, args);
    }
    if (spec.checked) throwReported(name, d);
  };
}

/** What to throw for an error of the addon. */
function explained(error: unknown, name: string, spec: KernelSpec, args: readonly unknown[]): unknown {
  return (error as { code?: unknown }).code === 'ERR_NODEGRAD_DTYPE' ? refusedDType(name, spec, args) : error;
}

/** Calls a dense kernel several times, as many as the descriptor has room for in one call of the addon. */
function callTogether(
  name: string,
  spec: KernelSpec,
  number: number,
  addon: Addon,
  d: Int32Array,
  calls: readonly Arguments[],
): void {
  const { operands, ints, scalars } = spec;
  const [k, m] = [operands.length, ints.length];
  const step = 1 + 3 * k + m;
  const most = Math.floor(KERNEL_WORD / step);
  for (let begin = 0; begin < calls.length; begin += most) {
    const end = Math.min(begin + most, calls.length);
    const values: Value[] = [];
    for (let i = begin; i < end; i++) {
      const args = calls[i]!;
      writeDense(name, d, args, k, m, (i - begin) * step);
      for (let j = 0; j < k; j++) values.push((args[j] as Operand | null)?.storage.buffer ?? null);
    }
    for (let j = 0; j < scalars.length; j++) values.push(calls[begin]![k + m + j] as number);
    d[KERNEL_WORD] = number;
    try {
      addon.callSets(...values);
    } catch (error) {
      throw explained(error, name, spec, calls[begin]!);
    }
  }
}
