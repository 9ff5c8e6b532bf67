import type { KernelSpec } from '../kernels.js';
import { type Arguments, isFlat, type Operand, startOf, writeStrided } from './call.js';
import type { Entry } from './wasmCall.js';
import type { Staging } from './wasmStaging.js';

/** How much of an operand is staged at a time: what the operands take together stays in a cache. */
const PIECE_BYTES = 2 ** 18;
/** What is smaller is staged whole. */
const LARGE = 2 ** 20;

/** Whether an output may be worth pieces. */
export const isLarge = (out: Operand): boolean => out.count * out.dtypeInfo.size >= LARGE;

/** Whether a piece of `out` may be written before the next piece of `x` is read. */
function isApart(out: Operand, x: Operand): boolean {
  if (x.storage.buffer !== out.storage.buffer) return true;
  if (x.dtypeInfo.size !== out.dtypeInfo.size) return false;
  return x.storage.byteOffset === out.storage.byteOffset && x.offset === out.offset && x.count === out.count;
}

/** Whether a strided kernel's operands are large, and all read from front to back or one element. */
export function comesInPieces(operands: readonly Operand[]): boolean {
  const out = operands[0]!;
  if (!out.isDense) return false;
  for (let i = 1; i < operands.length; i++) {
    const x = operands[i]!;
    if (!isFlat(x, out.count) || !isApart(out, x)) return false;
  }
  return true;
}

/** Calls a strided kernel with one output on operands that {@link comesInPieces} takes, piece by piece. */
export function callInPieces(name: string, spec: KernelSpec, entry: Entry, staging: Staging, args: Arguments): void {
  const k = spec.operands.length;
  const operands = args.slice(0, k) as Operand[];
  const out = operands[0]!;
  const length = Math.floor(PIECE_BYTES / Math.max(...operands.map((x) => x.dtypeInfo.size)));
  staging.reserve(k * (PIECE_BYTES + 64));
  const parts = operands.map((x, i) => partOf(name, x, i > 0, length, staging));
  const values = [...parts.map((part) => part.at), ...(args.slice(k) as number[])];
  const d = staging.descriptor;
  writeStrided(name, d, args, k);
  for (let from = 0; from < out.count; from += length) {
    const count = Math.min(length, out.count - from);
    d[1 + 2 * k] = count;
    for (let i = 0; i < k; i++) {
      const { x, start, at, isResident, isCopied } = parts[i]!;
      if (isResident) values[i] = at + from * x.dtypeInfo.size;
      else if (isCopied) staging.copyIn(at, x, start + from, count);
    }
    entry(...values);
    staging.copyOut(values[0]!, out, parts[0]!.start + from, count);
  }
}

/** Where the pieces of an operand are for the kernel. */
interface Part {
  readonly x: Operand;
  readonly start: number;
  readonly at: number;
  /** Whether all of it is there, and the pieces follow one another. */
  readonly isResident: boolean;
  /** Whether each piece is copied there. */
  readonly isCopied: boolean;
}

function partOf(name: string, x: Operand, isRead: boolean, length: number, staging: Staging): Part {
  const start = startOf(name, x);
  if (x.count === 1) return { x, start, at: staging.address(x, start, 1, true), isResident: false, isCopied: false };
  const resident = staging.resident(x, start, isRead);
  if (resident !== 0) return { x, start, at: resident, isResident: true, isCopied: false };
  return { x, start, at: staging.place(length, x.dtypeInfo), isResident: false, isCopied: isRead };
}
