/**
 * float32 matrix product. A block of A is packed in panels of four rows and one panel of eight columns of B at a time,
 * both so that the tile in registers (4 × 8) reads them in a straight line; the panel of B stays in the first-level
 * cache while the block of A passes by.
 */
import { COLUMNS, KC, MC, packA, packB, PACKED_A, PACKED_B, ROWS } from './gemm_pack';
import { edgeTile, fullTile, placeTile, TILE } from './gemm_tile';

/** The length of equal pieces of at most `limit`, a multiple of `unit`. */
export function pieces(n: i32, limit: i32, unit: i32): i32 {
  const count = (n + limit - 1) / limit;
  return ((n + count - 1) / count + unit - 1) / unit * unit;
}

/** out (m, n) = a · b (+ bias) (+ out); a is (m, k), b is (k, n), each maybe stored transposed. k is not 0. */
export function sgemm(
  out: usize,
  a: usize,
  b: usize,
  bias: usize,
  m: i32,
  n: i32,
  k: i32,
  transA: bool,
  transB: bool,
  accumulate: bool,
): void {
  const aStep = <usize>(transA ? m : k) << 2;
  const bStep = <usize>(transB ? k : n) << 2;
  sgemmSteps(out, <usize>n << 2, a, aStep, b, bStep, bias, m, n, k, transA, transB, accumulate);
}

/** The same of matrices with gaps: the steps are the bytes from row to row as stored. */
export function sgemmSteps(
  out: usize,
  step: usize,
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  bias: usize,
  m: i32,
  n: i32,
  k: i32,
  transA: bool,
  transB: bool,
  accumulate: bool,
): void {
  const mc = pieces(m, MC, ROWS);
  const kc = pieces(k, KC, 4);
  for (let p = 0; p < k; p += kc) {
    const depth = min(kc, k - p);
    const adds = accumulate || p > 0;
    const shift: usize = p > 0 ? <usize>0 : bias;
    for (let i = 0; i < m; i += mc) {
      const rows = min(mc, m - i);
      packA(
        a + (transA ? <usize>p * aStep + (<usize>i << 2) : <usize>i * aStep + (<usize>p << 2)),
        aStep,
        rows,
        depth,
        transA,
      );
      for (let j = 0; j < n; j += COLUMNS) {
        const columns = min(COLUMNS, n - j);
        packB(
          b + (transB ? <usize>j * bStep + (<usize>p << 2) : <usize>p * bStep + (<usize>j << 2)),
          bStep,
          columns,
          depth,
          transB,
        );
        const here = shift ? shift + (<usize>j << 2) : <usize>0;
        let c = out + <usize>i * step + (<usize>j << 2);
        let panel = PACKED_A;
        for (let r = 0; r < rows; r += ROWS) {
          const height = min(ROWS, rows - r);
          if (columns == COLUMNS && height == ROWS) {
            fullTile(panel, PACKED_B, depth, c, step, here, adds);
          } else if (columns == COLUMNS || columns == 4) {
            edgeTile(height, columns == COLUMNS, panel, PACKED_B, depth, c, step, here, adds);
          } else {
            edgeTile(height, columns > 4, panel, PACKED_B, depth, TILE, 32, 0, false);
            placeTile(height, columns, c, step, here, adds);
          }
          panel += <usize>depth << 4;
          c += <usize>ROWS * step;
        }
      }
    }
  }
}
