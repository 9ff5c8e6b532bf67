/** NumPy's scalars in checkpoints, like a best accuracy: numbers, as closed as all else that a pickle may name. */
import type { PickleGlobal } from './pickle.js';

type Read = (view: DataView, little: boolean) => number | bigint | boolean;

const safe = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

/** By NumPy's code. */
const readers: Readonly<Record<string, Read>> = {
  f8: (view, little) => view.getFloat64(0, little),
  f4: (view, little) => view.getFloat32(0, little),
  i8: (view, little) => safe(view.getBigInt64(0, little)),
  i4: (view, little) => view.getInt32(0, little),
  i2: (view, little) => view.getInt16(0, little),
  i1: (view) => view.getInt8(0),
  u8: (view, little) => safe(view.getBigUint64(0, little)),
  u4: (view, little) => view.getUint32(0, little),
  u2: (view, little) => view.getUint16(0, little),
  u1: (view) => view.getUint8(0),
  b1: (view) => view.getUint8(0) !== 0,
};

/** `numpy.dtype('f8')`, whose byte order comes after it. */
class NumpyDtype {
  little = true;
  constructor(readonly code: string) {}

  /** @returns whether the state is one of a plain number's dtype */
  build(state: unknown): boolean {
    if (!Array.isArray(state) || !['<', '>', '|'].includes(state[1] as string)) return false;
    this.little = state[1] !== '>';
    // Fields, a base and names belong to structured dtypes.
    return state.slice(2, 5).every((part) => part === null);
  }
}

/** The names that scalars use. @param malformed throws */
export function numpyGlobals(malformed: (what: string) => never): Map<string, PickleGlobal> {
  const globals = new Map<string, PickleGlobal>();
  globals.set('numpy.dtype', {
    call: ([code]) =>
      typeof code === 'string' && Object.hasOwn(readers, code)
        ? new NumpyDtype(code)
        : malformed("a NumPy scalar's dtype"),
  });
  const scalar: PickleGlobal = {
    call: ([dtype, bytes]) => {
      if (!(dtype instanceof NumpyDtype) || !(bytes instanceof Uint8Array)) return malformed('a NumPy scalar');
      if (bytes.byteLength !== Number(dtype.code.slice(1))) return malformed('a NumPy scalar');
      return readers[dtype.code]!(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), dtype.little);
    },
  };
  for (const module of ['numpy.core.multiarray', 'numpy._core.multiarray']) globals.set(`${module}.scalar`, scalar);
  return globals;
}
