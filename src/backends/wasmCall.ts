import { ERROR_WORD, type KernelSpec } from '../kernels.js';
import { storageExtent, storageReachBack } from '../shape.js';
import {
  type Arguments,
  type Operand,
  refusedDType,
  startOf,
  throwReported,
  writeDense,
  writeStrided,
  writeThree,
  writeTwo,
} from './call.js';
import { callInPieces, comesInPieces, isLarge } from './wasmPieces.js';
import type { Staging } from './wasmStaging.js';

/** A kernel as the module exports it: addresses, then scalars. */
export type Entry = (...args: number[]) => void;

/** What a kernel says of dtypes it does not take. */
const BAD_DTYPE = 4;

/** What to throw for an error that ended a kernel. */
function explained(
  error: unknown,
  name: string,
  spec: KernelSpec,
  args: readonly unknown[],
  descriptor: Int32Array,
): unknown {
  if (descriptor[ERROR_WORD] !== BAD_DTYPE) return error;
  descriptor[ERROR_WORD] = 0;
  return refusedDType(name, spec, args);
}

/** Bytes of a flat operand's place. */
const room = (x: Operand): number => x.count * x.dtypeInfo.size + 64;

/** A unary or binary elementwise kernel on operands without gaps: the commonest call, without arrays. */
function bindFlat(
  name: string,
  spec: KernelSpec,
  k: 2 | 3,
  entry: Entry,
  staging: Staging,
  general: (...operands: Operand[]) => void,
): (...operands: Operand[]) => void {
  if (k === 2) {
    return (out: Operand, x: Operand) => {
      if (!out.isDense || !x.isDense || isLarge(out)) return general(out, x);
      staging.reserve(room(out) + room(x));
      const to = staging.address(out, startOf(name, out), out.count, false);
      const from = staging.address(x, startOf(name, x), x.count, true);
      writeTwo(name, staging.descriptor, out, x);
      try {
        entry(to, from);
      } catch (error) {
        out.storage.copy = null;
        throw explained(error, name, spec, [out, x], staging.descriptor);
      }
      staging.copyOut(to, out, startOf(name, out), out.count);
    };
  }
  return (out: Operand, x: Operand, y: Operand) => {
    if (!out.isDense || !x.isDense || !y.isDense || isLarge(out)) return general(out, x, y);
    staging.reserve(room(out) + room(x) + room(y));
    const to = staging.address(out, startOf(name, out), out.count, false);
    const a = staging.address(x, startOf(name, x), x.count, true);
    const b = y === x ? a : staging.address(y, startOf(name, y), y.count, true);
    writeThree(name, staging.descriptor, out, x, y);
    try {
      entry(to, a, b);
    } catch (error) {
      out.storage.copy = null;
      throw explained(error, name, spec, [out, x, y], staging.descriptor);
    }
    staging.copyOut(to, out, startOf(name, out), out.count);
  };
}

/** A kernel as the ops call it. */
export function bind(name: string, spec: KernelSpec, entry: Entry, staging: Staging): unknown {
  const k = spec.operands.length;
  const general = bindGeneral(name, spec, entry, staging);
  const isPlain = spec.kind === 'strided' && spec.scalars.length === 0 && !spec.checked && spec.operands[0] === 'out';
  return isPlain && (k === 2 || k === 3) ? bindFlat(name, spec, k, entry, staging, general) : general;
}

/** Calls a kernel; few arguments without spreading them, which is slow. */
function call(entry: Entry, values: readonly number[]): void {
  switch (values.length) {
    case 2:
      entry(values[0]!, values[1]!);
      break;
    case 3:
      entry(values[0]!, values[1]!, values[2]!);
      break;
    case 4:
      entry(values[0]!, values[1]!, values[2]!, values[3]!);
      break;
    default:
      entry(...values);
  }
}

function bindGeneral(name: string, spec: KernelSpec, entry: Entry, staging: Staging): (...args: Arguments) => void {
  const k = spec.operands.length;
  const m = spec.ints.length;
  const isStrided = spec.kind === 'strided';
  const isWritten = spec.operands.map((role) => /^(in)?out/.test(role));
  const isOnlyWritten = spec.operands.map((role) => role.startsWith('out'));
  // Filled anew by every call: no kernel calls another. What an operand spans, and how far below its first element.
  const lengths = new Array<number>(k).fill(0);
  const before = new Array<number>(k).fill(0);
  const values = new Array<number>(k + spec.scalars.length).fill(0);
  /** Reads the operands' extents; gives the room that they take. */
  const measure = (args: Arguments): number => {
    let total = 0;
    for (let i = 0; i < k; i++) {
      const x = args[i] as Operand | null | undefined;
      const hasGaps = isStrided && x !== null && x !== undefined && !x.isDense;
      lengths[i] = hasGaps ? storageExtent(x.shape, x.strides) : (x?.count ?? 0);
      before[i] = hasGaps ? storageReachBack(x.shape, x.strides) : 0;
      total += lengths[i]! * (x?.dtypeInfo.size ?? 0) + 64;
    }
    return total;
  };
  const mayComeInPieces = isStrided && !spec.checked;
  return (...args) => {
    if (mayComeInPieces && isLarge(args[0] as Operand) && comesInPieces(args.slice(0, k) as Operand[])) {
      try {
        return callInPieces(name, spec, entry, staging, args);
      } catch (error) {
        (args[0] as Operand).storage.copy = null;
        throw explained(error, name, spec, args, staging.descriptor);
      }
    }
    staging.reserve(measure(args));
    for (let i = 0; i < k; i++) {
      const x = args[i] as Operand | null | undefined;
      if (x === null || x === undefined) {
        values[i] = 0;
        continue;
      }
      // An output with gaps keeps what stands in them.
      const isRead = !isOnlyWritten[i] || (isStrided && !x.isDense);
      // What is staged starts at the lowest element, the kernel at the first.
      const at = staging.address(x, startOf(name, x) - before[i]!, lengths[i]!, isRead);
      values[i] = at + before[i]! * x.dtypeInfo.size;
    }
    const d = staging.descriptor;
    if (isStrided) writeStrided(name, d, args, k);
    else writeDense(name, d, args, k, m);
    for (let i = k; i < values.length; i++) values[i] = args[i + m] as number;
    try {
      call(entry, values);
      if (spec.checked) throwReported(name, d);
    } catch (error) {
      // What was written does not go home: resident copies of it are wrong.
      for (let i = 0; i < k; i++) if (isWritten[i] && args[i]) (args[i] as Operand).storage.copy = null;
      throw explained(error, name, spec, args, d);
    }
    for (let i = 0; i < k; i++) {
      const x = args[i] as Operand | null | undefined;
      if (!isWritten[i] || x === null || x === undefined) continue;
      staging.copyOut(values[i]! - before[i]! * x.dtypeInfo.size, x, startOf(name, x) - before[i]!, lengths[i]!);
    }
  };
}
