/** Copying with conversion between dtypes. */
import { convertDirectly, convertWidely } from './conversion';
import { dtypeOf, sizeOf } from './descriptor';
import { begin2, next, pointer } from './iterator';
import { copyTransposed } from './transpose';

/**
 * out = x, converted as C does on x86. Common pairs have a loop of their own; else integers widen to int64 and floats
 * to float64, and those narrow to out's type, so there are as many loops as types, not pairs of types.
 */
export function copy(out: usize, x: usize): void {
  const to = dtypeOf(0);
  const from = dtypeOf(1);
  const size = sizeOf(to);
  if (to == from) {
    if (copyTransposed(out, x, size)) return;
    for (let n = begin2(out, x); n != 0; n = next()) memory.copy(pointer(0), pointer(1), <usize>(n * size));
    return;
  }
  for (let n = begin2(out, x); n != 0; n = next()) {
    if (!convertDirectly(pointer(0), to, pointer(1), from, n)) convertWidely(pointer(0), to, pointer(1), from, n);
  }
}
