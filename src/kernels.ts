/**
 * THE CONTRACT between the graph and the backends: every kernel's name, operands and scalars.
 *
 * A kernel is a function of the same name in `native/<family>.cpp` and `wasm/<family>.ts`. It has no opcode, allocates
 * nothing and knows no autograd. It reads its geometry from the descriptor, an Int32Array that the backend's caller
 * fills (see `backends/call.ts`), and writes the whole of its output.
 *
 * There are two kinds:
 *
 * - **strided**: elementwise over one index space. All operands are broadcast to the first one's shape by stride 0.
 *   Descriptor: `[ndim, dtype × k, offset × k, shape × ndim, (strides × ndim) × k]`, offsets and strides in elements.
 *   Contiguous operands of one shape arrive collapsed to one dimension.
 * - **dense**: each operand is contiguous. Descriptor: `[m, dtype × k, offset × k, length × k, ints × m]`; `length` is
 *   how many elements the operand has, and a kernel checks it against what its ints make it touch.
 *
 * k is the number of operands; dtypes are the `code`s of dtype.ts. Scalars are float64 and follow the operands.
 *
 * An operand's role stands before its name: `out` is written and not read, `inout` is read and written, none is read.
 * A name that ends in `?` may be given null. A kernel marked `checked` may report a bad index through the descriptor's
 * last four words, `[flag, value low, value high, bound]`; the caller throws.
 */

export type KernelKind = 'strided' | 'dense';

export interface KernelSpec {
  readonly kind: KernelKind;
  readonly operands: readonly string[];
  readonly ints: readonly string[];
  readonly scalars: readonly string[];
  readonly checked: boolean;
}

/** Elementwise over the broadcast shape of the first operand. */
function strided<const O extends readonly string[], const S extends readonly string[] = []>(
  operands: O,
  scalars?: S,
): { kind: 'strided'; operands: O; ints: []; scalars: S; checked: boolean } {
  return { kind: 'strided', operands, ints: [], scalars: (scalars ?? []) as S, checked: false };
}

/** Contiguous operands, integer sizes, float64 scalars. */
function dense<
  const O extends readonly string[],
  const I extends readonly string[],
  const S extends readonly string[] = [],
>(operands: O, ints: I, scalars?: S): { kind: 'dense'; operands: O; ints: I; scalars: S; checked: boolean } {
  return { kind: 'dense', operands, ints, scalars: (scalars ?? []) as S, checked: false };
}

/** A kernel that may find a bad index in its data. */
export function checked<T extends KernelSpec>(spec: T): T {
  return { ...spec, checked: true };
}

/** Words in the descriptor; the last four report a bad index, the one before them says which kernel the addon calls. */
export const DESCRIPTOR_WORDS = 2048;
export const ERROR_WORD = DESCRIPTOR_WORDS - 4;
export const KERNEL_WORD = ERROR_WORD - 1;
export const MAX_DIMS = 64;

const unary = strided(['out', 'x']);
const binary = strided(['out', 'x', 'y']);
/** The ints of gather; those of the scatters. */
const gatherInts = [
  ...(['outer', 'count', 'inner', 'bound', 'wrap', 'xOuter', 'xStep', 'xInner'] as const),
  ...(['indexOuter', 'indexStep', 'indexInner'] as const),
] as const;
const scatterInts = [...gatherInts, 'srcOuter', 'srcStep', 'srcInner'] as const;
const scattering = checked(dense(['inout', 'index', 'src'], scatterInts));

/** Of a window that moves over three dimensions: input, window, output, stride, padding, dilation. */
const axes = [
  ...(['d', 'h', 'w', 'kd', 'kh', 'kw', 'od', 'oh', 'ow'] as const),
  ...(['sd', 'sh', 'sw', 'pd', 'ph', 'pw', 'dd', 'dh', 'dw'] as const),
] as const;
/** The distances of an operand's batches, heads and rows. */
const steps = <const N extends string>(name: N) => [`${name}Batch`, `${name}Head`, `${name}Row`] as const;
const attentionSizes = ['batch', 'heads', 'rows', 'columns', 'width', 'valueWidth', 'causal'] as const;
const attentionSteps = [...steps('query'), ...steps('key'), ...steps('value'), ...steps('mask')] as const;

/** Of a convolution. */
const geometry = ['n', 'c', 'o', 'groups', ...axes] as const;
/** Of a pooling window. */
const window = ['planes', ...axes] as const;

export const contract = {
  // elementwise: out and x (and y) of one dtype unless said otherwise
  /**
   * out = x, converted from x's dtype to out's as C does on x86: a float that is NaN or beyond the range becomes the
   * smallest int64 or int32; int16 and int8 are the low bits of that int32, uint8 those of that int64. Any non-zero is
   * true; a complex number becomes its real part.
   */
  copy: unary,
  /** out = value + rest, which together make any int64; complex64: value + i · rest. Any dtype. */
  fill: strided(['out'], ['value', 'rest']),
  /** out = origin + step · (first + i), computed in float64; floats, and integers, whole towards 0. */
  sequence: dense(['out'], [], ['origin', 'step', 'first']),
  /** Integers wrap; bool: or, exclusive or, and. Also complex64. */
  add: binary,
  sub: binary,
  mul: binary,
  /** Floats and complex64. */
  div: binary,
  /**
   * Floats and integers; an integer divided by 0 is reported with flag 2 (and gives 0), the smallest integer / -1 wraps.
   * floorDivide rounds down, truncDivide towards 0; remainder has y's sign as in Python, fmod x's.
   */
  floorDivide: checked(binary),
  truncDivide: checked(binary),
  remainder: checked(binary),
  fmod: checked(binary),
  /** Real dtypes. NaN where either is NaN. */
  maximum: binary,
  minimum: binary,
  /** Real dtypes. The number where one of them is NaN. */
  fmax: binary,
  fmin: binary,
  /** Floats and integers; an integer to a negative power is 0, unless it is 1 or -1. */
  pow: binary,
  /** Floats. */
  atan2: binary,
  hypot: binary,
  copysign: binary,
  nextafter: binary,
  /** out: bool; eq and ne take any dtype, the others real ones. */
  eq: binary,
  ne: binary,
  lt: binary,
  le: binary,
  gt: binary,
  ge: binary,
  /** Integers and bool. */
  bitwiseNot: unary,
  bitwiseAnd: binary,
  bitwiseOr: binary,
  bitwiseXor: binary,
  /** Integers. Shifting by a negative number or by the width and more moves every bit out: 0, to the right -1 if x < 0. */
  bitwiseLeftShift: binary,
  bitwiseRightShift: binary,
  /** out: bool; any dtype. */
  logicalNot: unary,
  isnan: unary,
  isinf: unary,
  isfinite: unary,
  /** Numbers. */
  neg: unary,
  /** Floats, integers; complex64 to float32. */
  abs: unary,
  /** -1, 0 or 1, 0 for NaN; real dtypes. */
  sign: unary,
  square: unary,
  /** x³; floats. */
  cube: unary,
  // floats only, from here to erfc
  floor: unary,
  ceil: unary,
  trunc: unary,
  /** Halves to the even neighbour. */
  round: unary,
  /** x - trunc(x). */
  frac: unary,
  sqrt: unary,
  /** 1 / sqrt(x). */
  rsqrt: unary,
  reciprocal: unary,
  exp: unary,
  exp2: unary,
  expm1: unary,
  log: unary,
  log2: unary,
  log10: unary,
  log1p: unary,
  sin: unary,
  cos: unary,
  tan: unary,
  asin: unary,
  acos: unary,
  atan: unary,
  sinh: unary,
  cosh: unary,
  tanh: unary,
  asinh: unary,
  acosh: unary,
  atanh: unary,
  /** 1 / (1 + exp(-x)). */
  sigmoid: unary,
  erf: unary,
  erfc: unary,
  erfinv: unary,
  /** sin(πx) / πx, 1 at 0. */
  sinc: unary,
  /** log(x / (1 - x)), x clamped to [eps, 1 - eps] unless eps is NaN. */
  logit: strided(['out', 'x'], ['eps']),
  /** x, with numbers for NaN, ∞ and -∞. */
  nanToNum: strided(['out', 'x'], ['nan', 'posinf', 'neginf']),
  logaddexp: binary,
  logaddexp2: binary,
  /** x · log(y), 0 where x is 0 and y is no NaN. */
  xlogy: binary,
  /** out = x as out · 2 ** exponent with 0.5 <= |out| < 1; exponent: int32. */
  frexp: dense(['out', 'out exponent', 'x'], []),
  /** 0 below 0, 1 above, y at 0 (and 0 for NaN); real dtypes. */
  heaviside: binary,
  /** Integers; not negative. */
  gcd: binary,
  lcm: binary,
  /** out = condition ? x : y; condition: bool, out, x and y: any one dtype. */
  where: strided(['out', 'condition', 'x', 'y']),
  /** x + value · y · z; floats and integers. */
  addcmul: strided(['out', 'x', 'y', 'z'], ['value']),
  /** x + value · y; floats. */
  addScaled: strided(['out', 'x', 'y'], ['value']),
  /** x + value · y / z; floats. */
  addcdiv: strided(['out', 'x', 'y', 'z'], ['value']),
  /** x + weight · (y - x), or y - (1 - weight) · (y - x) from weight = ½ on; floats. */
  lerp: strided(['out', 'x', 'y', 'weight']),
  /** min(max(x, min), max), NaN where x is NaN; a limit that is NaN is none; floats and integers. */
  clamp: strided(['out', 'x'], ['min', 'max']),

  // special functions: floats, computed in float64
  /** log |Γ(x)|, ∞ at the poles. */
  lgamma: unary,
  /** ψ(x) = Γ′(x) / Γ(x), NaN at the poles below 0. */
  digamma: unary,
  /** The n-th derivative of ψ. */
  polygamma: strided(['out', 'x'], ['n']),
  /** Σ (y + k) ** -x over k ≥ 0. */
  zeta: binary,
  /** P(x, y) = γ(x, y) / Γ(x), and Q = 1 - P. */
  igamma: binary,
  igammac: binary,
  /** e^(x²) erfc x. */
  erfcx: unary,
  /** The logarithm of the normal distribution's integral to x. */
  logNdtr: unary,
  /** Where that integral is x. */
  ndtri: unary,
  /** -x log x, -∞ below 0. */
  entr: unary,
  /** x · log(1 + y), 0 where x is 0 and y is no NaN. */
  xlog1py: binary,
  besselJ0: unary,
  besselJ1: unary,
  besselY0: unary,
  besselY1: unary,
  i0: unary,
  /** e^-|x| I₀(x). */
  i0e: unary,
  i1: unary,
  i1e: unary,
  modifiedBesselK0: unary,
  modifiedBesselK1: unary,
  /** eˣ K₀(x). */
  scaledModifiedBesselK0: unary,
  scaledModifiedBesselK1: unary,
  /** sin x / x. */
  sphericalBesselJ0: unary,
  airyAi: unary,
  /** Polynomials of degree trunc y at x, 0 for y < 0; the shifted ones at 2 x - 1. */
  chebyshevPolynomialT: binary,
  chebyshevPolynomialU: binary,
  chebyshevPolynomialV: binary,
  chebyshevPolynomialW: binary,
  shiftedChebyshevPolynomialT: binary,
  shiftedChebyshevPolynomialU: binary,
  shiftedChebyshevPolynomialV: binary,
  shiftedChebyshevPolynomialW: binary,
  hermitePolynomialH: binary,
  hermitePolynomialHe: binary,
  laguerrePolynomialL: binary,
  legendrePolynomialP: binary,

  // reduction: x is [outer, n, inner], out [outer, inner]
  /** Pairwise in float32 and float64; wrapping in integers, of which any (and bool) may be added to an int64. */
  sum: dense(['out', 'x'], ['outer', 'n', 'inner']),
  /** float32, float64, int64, int32; floats are multiplied in float64. */
  prod: dense(['out', 'x'], ['outer', 'n', 'inner']),
  /** out: bool; x: any real dtype. Whether any element is not 0; NaN is not. */
  any: dense(['out', 'x'], ['outer', 'n', 'inner']),
  /** out: bool; x: any real dtype. Whether no element is 0. */
  all: dense(['out', 'x'], ['outer', 'n', 'inner']),
  /** out = Σ (x - mean)² / max(n - correction, 0); floats, in two passes in float64. */
  variance: dense(['out', 'out mean', 'x'], ['outer', 'n', 'inner'], ['correction']),
  /** (Σ |x|^p)^(1/p); p may be 0 (count of non-zeros) and ±∞ (largest, smallest magnitude). Floats, in float64. */
  norm: dense(['out', 'x'], ['outer', 'n', 'inner'], ['p']),
  /** log Σ e^x; floats. */
  logSumExp: dense(['out', 'x'], ['outer', 'n', 'inner']),

  // cumulative: x and out are [outer, n, inner], along n; reverse = 1 runs from the end. float32, float64 (in float64), int64
  cumsum: dense(['out', 'x'], ['outer', 'n', 'inner', 'reverse']),
  cumprod: dense(['out', 'x'], ['outer', 'n', 'inner', 'reverse']),
  /** Floats only. */
  logCumSumExp: dense(['out', 'x'], ['outer', 'n', 'inner', 'reverse']),
  /** out[i] = x[i] + a[i] · out[i - 1]; in reverse out[i] = x[i] + a[i + 1] · out[i + 1]. */
  recurrence: dense(['out', 'x', 'a'], ['outer', 'n', 'inner', 'reverse']),

  // indexing: any dtype; index: int64, checked against [0, bound), negative ones counted from the end when wrap = 1.
  // Element (o, j, i) of [outer, count, inner] stands at o · ‹outer› + j · ‹step› + i · ‹inner› of an operand; x, which
  // is as long as its memory reaches, is stepped through by the index instead of j.
  /** out[o, j, i] = x[o, index[o, j, i], i]. */
  gather: checked(dense(['out', 'x', 'index'], gatherInts)),
  /** x[o, index[o, j, i], i] = src[o, j, i], the last j where an index comes twice. */
  scatter: scattering,
  /** x[o, index[o, j, i], i] += src[o, j, i]. */
  scatterAdd: scattering,
  scatterMultiply: scattering,
  /** x[o, index[o, j, i], i] = the larger of it and src[o, j, i]; NaN wins. Not for complex numbers. */
  scatterMaximum: scattering,
  scatterMinimum: scattering,
  /** out = base + index · step: int64; index checked against [-size, size), negative ones counted from the end. */
  linearIndex: checked(strided(['out', 'base', 'index'], ['size', 'step'])),

  // masking
  /** out [outer, inner] = how many of x [outer, n, inner] are not 0; out: int64, x: any dtype. */
  countNonzero: dense(['out', 'x'], ['outer', 'n', 'inner']),
  /** out [count, rank] = where x, of `shape`, is not 0, in order; out and shape: int64, x: any dtype. */
  nonzero: dense(['out', 'x', 'shape'], ['n', 'count', 'rank']),
  /** out [count] = the elements of x [n] where mask is true, in order. */
  maskedSelect: dense(['out', 'x', 'mask'], ['n', 'count']),
  /** The elements of inout [n] where mask is true = those of src [count], in order, as many as there are. */
  maskedScatter: dense(['inout', 'mask', 'src'], ['n', 'count']),
  /** out = x where column - row ≤ diagonal, else 0; any dtype. */
  tril: dense(['out', 'x'], ['batch', 'rows', 'columns', 'diagonal']),
  /** out = x where column - row ≥ diagonal, else 0; any dtype. */
  triu: dense(['out', 'x'], ['batch', 'rows', 'columns', 'diagonal']),

  // extremes: x is [outer, n, inner], n ≥ 1 unless there is nothing to write; no complex numbers; indices: int64
  /** The largest along n and where it stands first; NaN is larger than any number. */
  max: dense(['out values?', 'out indices?', 'x'], ['outer', 'n', 'inner']),
  /** The smallest, NaN smaller than any number. */
  min: dense(['out values?', 'out indices?', 'x'], ['outer', 'n', 'inner']),
  /** The largest so far and where it stands last; all [outer, n, inner]. */
  cummax: dense(['out values', 'out indices', 'x'], ['outer', 'n', 'inner']),
  cummin: dense(['out values', 'out indices', 'x'], ['outer', 'n', 'inner']),

  // sorting: x is [outer, n, inner]; NaN is above every number, equal elements keep their order; indices: int64.
  // work: uint8, n · (2 · key + 8) bytes (rounded up to 8) for each thread; key is 4, or 8 for 8-byte elements
  sort: dense(['out values', 'out indices', 'x', 'inout work'], ['outer', 'n', 'inner', 'descending']),
  /** The k first when sorted, descending if largest = 1. */
  topk: dense(['out values', 'out indices', 'x', 'inout work'], ['outer', 'n', 'inner', 'k', 'largest']),
  /** The k-th smallest, from 1; with k = 0 the lower median, which is NaN if one is there, or ignores them. */
  kthvalue: dense(['out values', 'out indices', 'x', 'inout work'], ['outer', 'n', 'inner', 'k', 'ignoreNan']),
  /** The most frequent, the smallest of several; the index is the last one's. */
  mode: dense(['out values', 'out indices', 'x', 'inout work'], ['outer', 'n', 'inner']),

  // searching
  /**
   * out [rows, m] = how many of a row of sorted [rows or, shared = 1, one, n] stand before a value: those below it, with
   * right = 1 also those equal to it. sorter?: int64, the order that sorts `sorted`. out: int64 or int32.
   */
  searchsorted: checked(dense(['out', 'sorted', 'values', 'sorter?'], ['rows', 'n', 'm', 'right', 'shared'])),
  /** out [rows], int64 = the stable order that sorts x's rows, column by column; work: int64 [rows]. */
  sortRows: dense(['out', 'x', 'inout work'], ['rows', 'columns']),
  /** out [rows], int64 = the number of the run of equal rows that a row of x is in, from 0. */
  runs: dense(['out', 'x'], ['rows', 'columns']),
  /** inout = inout · bins + the bin between edges [bins + 1] that x is in; int64; -1, and left so, outside. float32, float64. */
  bins: dense(['inout', 'x', 'edges'], ['n', 'bins']),
  /** The same for bins of one width between low and high. */
  evenBins: dense(['inout', 'x'], ['n', 'bins'], ['low', 'high']),

  // matmul
  /**
   * out[b] = a[b] · c[b] (+ bias) for each b of batch; float32, float64, integers.
   * a is [m, k] when transA = 0, else stored [k, m]; c is [k, n] when transB = 0, else stored [n, k].
   * strideA, strideB: elements between batches (0: shared). bias?: [n], added to each row.
   * accumulate = 1: out += …, out is read.
   */
  gemm: dense(
    ['inout', 'a', 'c', 'bias?'],
    ['batch', 'm', 'n', 'k', 'transA', 'transB', 'strideA', 'strideB', 'accumulate'],
  ),

  // linear algebra: float64, row-major matrices one after the other
  /** a [m, n] = P · L · U in place; pivots int32 [min(m, n)], 1-based row exchanges; info int32: the first zero pivot or 0. */
  luFactor: dense(['inout a', 'out pivots', 'out info'], ['batch', 'm', 'n']),
  /** a [n, n] becomes its lower Cholesky factor; info int32: the first minor that is not positive, or 0. */
  choleskyFactor: dense(['inout a', 'out info'], ['batch', 'n']),
  /** b [m, n] = a⁻¹ · b, a [m, m] triangular; with transposed = 1 by aᵀ, with unit = 1 its diagonal counts as ones. */
  triangularSolve: dense(['inout b', 'a'], ['batch', 'm', 'n', 'upper', 'transposed', 'unit']),
  /** LAPACK's geqrf of a [m, n]; tau [min(m, n)]; work [n]. */
  qrFactor: dense(['inout a', 'out tau', 'inout work'], ['batch', 'm', 'n']),
  /** LAPACK's orgqr: the first n columns of Q from the k reflections in a [m, n] and tau [k]; work [n]. */
  householderProduct: dense(['inout a', 'tau', 'inout work'], ['batch', 'm', 'n', 'k']),
  /** Symmetric a [n, n] becomes its eigenvectors, as rows, for rising values [n]; work [3 n]. Reports flag 3. */
  symmetricEigen: checked(dense(['inout a', 'out values', 'inout work'], ['batch', 'n'])),
  /**
   * x holds the n columns of a matrix as rows of length m ≥ n, with space for `rows` in all; it becomes the rows of Uᵀ,
   * completed to `rows`. Falling values [n], v the rows of Vᵀ [n, n]. Reports flag 3.
   */
  svdFactor: checked(dense(['inout x', 'out values', 'out v'], ['batch', 'm', 'n', 'rows'])),
  /**
   * Eigenvalues of a [n, n] (destroyed) as pairs, values [n, 2], and eigenvectors as columns of pairs, vectors [n, n, 2],
   * in the order and with the signs of LAPACK's geev; work [7 n], and n² more with vectors. Reports flag 3.
   */
  generalEigen: checked(dense(['inout a', 'out values', 'out vectors?', 'inout work'], ['batch', 'n'])),
  /**
   * LAPACK's sytrf of a symmetric matrix's lower triangle: a [n, n], which holds the columns as rows, becomes L and D,
   * zero above; pivots int32 [n] as LAPACK has them; info int32: the first zero pivot or 0.
   */
  ldlFactor: dense(['inout a', 'out pivots', 'out info'], ['batch', 'n']),
  /** b [n, m] = A⁻¹ · b by what ldlFactor made. Reports a pivot that is none with flag 1. */
  ldlSolve: checked(dense(['inout b', 'a', 'pivots'], ['batch', 'n', 'm'])),

  // fft
  /**
   * The Fourier transform of each row of x [batch, n], complex64, times scale; with inverse = 1 of exp(+2πi…). m = n for a
   * power of two, else a power of two ≥ 2 n - 1. table, float64: exp(-2πik/m) for k < m / 2, then for m ≠ n exp(-πik²/n)
   * for k < n, real and imaginary parts interleaved. work, float64: [2 m], or [4 m] for m ≠ n.
   */
  fft: dense(['out', 'x', 'table', 'inout work'], ['batch', 'n', 'm', 'inverse'], ['scale']),

  // normalization: rows [rows, n] of one float dtype; mean and rstd (1 / √(variance + eps)) are [rows]
  /** out = (x - mean) · rstd · weight + bias. */
  layerNorm: dense(['out', 'x', 'weight?', 'bias?', 'out mean', 'out rstd'], ['rows', 'n'], ['eps']),
  /** out = rstd · (g - mean(g) - x̂ · mean(g · x̂)), g = grad · weight. */
  layerNormBackward: dense(['out', 'grad', 'x', 'weight?', 'mean', 'rstd'], ['rows', 'n']),
  /** weight = Σ grad · x̂, bias = Σ grad over rows. */
  layerNormParameters: dense(['out weight', 'out bias', 'grad', 'x', 'mean', 'rstd'], ['rows', 'n']),
  /** Each channel of x [batch, channels, inner] as a row of layerNorm; only with training = 1 are mean and variance made. */
  batchNorm: dense(
    ['out', 'x', 'weight?', 'bias?', 'inout mean', 'inout variance', 'out rstd'],
    ['batch', 'channels', 'inner', 'training'],
    ['eps'],
  ),
  /** Its gradients; with training = 0 mean and rstd are constants. */
  batchNormBackward: dense(
    ['out', 'out weightGrad', 'out biasGrad', 'grad', 'x', 'weight?', 'mean', 'rstd'],
    ['batch', 'channels', 'inner', 'training'],
  ),
  /**
   * Rows, each a group of a sample, of `width` channels of `inner` elements: every row normalized, then times its
   * channel's weight, plus its bias; of weights there are groups · width.
   */
  groupNorm: dense(
    ['out', 'x', 'weight?', 'bias?', 'out mean', 'out rstd'],
    ['rows', 'groups', 'width', 'inner'],
    ['eps'],
  ),
  /** Its gradient; products = Σ grad · x̂ and sums = Σ grad of every row's channels, [rows, width]. */
  groupNormBackward: dense(
    ['out', 'out products', 'out sums', 'grad', 'x', 'weight?', 'mean', 'rstd'],
    ['rows', 'groups', 'width', 'inner'],
  ),

  // random: state is a generator's words (src/random/state.ts), int32; each draws as PyTorch's CPU generator does
  /** Uniform in [from, to); float32 (one word a number), float64 (two). */
  randomUniform: dense(['out', 'inout state'], [], ['from', 'to']),
  /** Normal; float32, float64. 16 numbers or more in blocks of 16, unless serial = 1; fewer one by one, in pairs. */
  randomNormal: dense(['out', 'inout state'], ['serial'], ['mean', 'std']),
  /** base + word % range, any real dtype; range and base are 64-bit, in two 32-bit halves. Range 0 stands for 2 ** 64. */
  randomInteger: dense(['out', 'inout state'], [], ['rangeHigh', 'rangeLow', 'baseHigh', 'baseLow']),
  /** A permutation of 0 … out's length - 1; any real dtype. */
  randomPermutation: dense(['out', 'inout state'], []),
  /** scale with the probability, else 0; any real dtype. probabilities?: one for each element, float32 or float64. */
  randomBernoulli: dense(['out', 'inout state', 'probabilities?'], [], ['probability', 'scale']),
  /** -log(1 - u) / rate; float32, float64. */
  randomExponential: dense(['out', 'inout state'], [], ['rate']),
  /** ceil(log(u) / log(1 - probability)); any real dtype. */
  randomGeometric: dense(['out', 'inout state'], [], ['probability']),
  /** median + sigma · tan(π (u - ½)); float32, float64. */
  randomCauchy: dense(['out', 'inout state'], [], ['median', 'sigma']),
  /** exp of a normal number; float32, float64. */
  randomLogNormal: dense(['out', 'inout state'], [], ['mean', 'std']),
  /** Poisson numbers of rates ≥ 0; float32, float64. */
  randomPoisson: dense(['out', 'inout state', 'rates'], []),
  /**
   * With replacement: out (int64) [rows, samples] indexes each row of weights [rows, categories]; cumulative
   * [categories] is work space of weights' dtype. Reports flag 3 for weights that are no probabilities.
   */
  randomMultinomial: checked(
    dense(['out', 'inout state', 'weights', 'out cumulative'], ['rows', 'categories', 'samples']),
  ),

  // optim: one step of a parameter; all operands of one dtype, float32 or float64, and one length.
  // sign is -1 to maximize; weightDecay is added to the gradient times the parameter. Bias corrections come ready-made.
  /** momentum null: p -= lr · g; else its buffer is g at first, later momentum · buffer + (1 - dampening) · g. */
  sgdStep: dense(
    ['inout param', 'grad', 'inout momentum?'],
    ['first', 'nesterov'],
    ['lr', 'momentum', 'dampening', 'weightDecay', 'sign'],
  ),
  /** p = shrink · p - stepSize · average / (√square / correction + eps); with maximum, by the largest square so far. */
  adamStep: dense(
    ['inout param', 'grad', 'inout average', 'inout square', 'inout maximum?'],
    [],
    ['stepSize', 'beta1', 'beta2', 'eps', 'correction', 'weightDecay', 'shrink', 'sign'],
  ),
  /** p -= stepSize · average / norm, the norm decaying by beta2 or |g| + eps. */
  adamaxStep: dense(
    ['inout param', 'grad', 'inout average', 'inout norm'],
    [],
    ['stepSize', 'beta1', 'beta2', 'eps', 'weightDecay', 'sign'],
  ),
  /** p -= (gradStep · g + averageStep · average) / (√(square / correction) + eps). */
  nadamStep: dense(
    ['inout param', 'grad', 'inout average', 'inout square'],
    [],
    ['gradStep', 'averageStep', 'beta1', 'beta2', 'eps', 'correction', 'weightDecay', 'sign'],
  ),
  /** p -= stepSize · average, over √square + eps when rectified. */
  radamStep: dense(
    ['inout param', 'grad', 'inout average', 'inout square'],
    ['rectified'],
    ['stepSize', 'beta1', 'beta2', 'eps', 'weightDecay', 'sign'],
  ),
  /** p -= lr · g / (√square + eps); with mean, by the variance; with momentum, through its buffer. */
  rmspropStep: dense(
    ['inout param', 'grad', 'inout square', 'inout mean?', 'inout momentum?'],
    [],
    ['lr', 'alpha', 'eps', 'momentum', 'weightDecay', 'sign'],
  ),
  /** The step of each element grows while its gradient keeps its sign and shrinks when it turns. */
  rpropStep: dense(
    ['inout param', 'grad', 'inout previous', 'inout step'],
    [],
    ['smaller', 'greater', 'least', 'most', 'sign'],
  ),
  /** total += g²; p -= stepSize · g / (√total + eps). */
  adagradStep: dense(['inout param', 'grad', 'inout total'], [], ['stepSize', 'eps', 'weightDecay', 'sign']),
  /** p -= lr · delta, delta = √(deltas + eps) / √(square + eps) · g. */
  adadeltaStep: dense(
    ['inout param', 'grad', 'inout square', 'inout deltas'],
    [],
    ['lr', 'rho', 'eps', 'weightDecay', 'sign'],
  ),
  /** p = decay · p - eta · g; average += mu · (p - average). */
  asgdStep: dense(['inout param', 'grad', 'inout average'], [], ['decay', 'eta', 'mu', 'weightDecay', 'sign']),

  // activation; floats, and integers where it says so. A …Backward is grad · f'(x); y stands for f(x)
  /** grad · (1 - y²). */
  tanhBackward: strided(['out', 'grad', 'y']),
  /** grad · (1 - y) · y. */
  sigmoidBackward: strided(['out', 'grad', 'y']),
  /** max(x, 0), NaN kept. Integers too. */
  relu: unary,
  /** x ≤ threshold ? value : x. Integers too. */
  threshold: strided(['out', 'x'], ['threshold', 'value']),
  /** x ≤ threshold ? 0 : grad. Integers too. */
  thresholdBackward: strided(['out', 'grad', 'x'], ['threshold']),
  /** min(max(x, low), high), NaN kept. Integers too. */
  hardtanh: strided(['out', 'x'], ['low', 'high']),
  hardtanhBackward: strided(['out', 'grad', 'x'], ['low', 'high']),
  /** x > 0 ? x : slope · x. */
  leakyRelu: strided(['out', 'x'], ['slope']),
  leakyReluBackward: strided(['out', 'grad', 'x'], ['slope']),
  /** x > 0 ? x : w · x. */
  prelu: strided(['out', 'x', 'w']),
  /** |x| ≤ width ? 0 : x. */
  hardshrink: strided(['out', 'x'], ['width']),
  /** x moved towards 0 by width, as far as 0. */
  softshrink: strided(['out', 'x'], ['width']),
  /** |x| ≤ width ? 0 : grad. */
  shrinkBackward: strided(['out', 'grad', 'x'], ['width']),
  /** min(max(x + 3, 0), 6) / 6. */
  hardsigmoid: unary,
  hardsigmoidBackward: strided(['out', 'grad', 'x']),
  /** x · hardsigmoid(x). */
  hardswish: unary,
  hardswishBackward: strided(['out', 'grad', 'x']),
  /** scale · (x > 0 ? x : alpha (e^(inputScale · x) - 1)). */
  elu: strided(['out', 'x'], ['alpha', 'scale', 'inputScale']),
  eluBackward: strided(['out', 'grad', 'x'], ['alpha', 'scale', 'inputScale']),
  /** x Φ(x). */
  gelu: unary,
  geluBackward: strided(['out', 'grad', 'x']),
  /** ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
  geluTanh: unary,
  geluTanhBackward: strided(['out', 'grad', 'x']),
  /** x / (1 + e⁻ˣ). */
  silu: unary,
  siluBackward: strided(['out', 'grad', 'x']),
  /** x tanh(log(1 + eˣ)). */
  mish: unary,
  mishBackward: strided(['out', 'grad', 'x']),
  /** βx > threshold ? x : log(1 + e^(βx)) / β. */
  softplus: strided(['out', 'x'], ['beta', 'threshold']),
  softplusBackward: strided(['out', 'grad', 'x'], ['beta', 'threshold']),
  /** -log(1 + e⁻ˣ). */
  logSigmoid: unary,
  logSigmoidBackward: strided(['out', 'grad', 'x']),

  // distances: x [batch, rows, width], y [batch, columns, width]; float32, float64
  /** out [batch, rows, columns] = √Σ (x - y)². */
  distances: dense(['out', 'x', 'y'], ['batch', 'rows', 'columns', 'width']),
  /** out [batch, rows, width] = Σ factor (x - y) over the columns; factor: [batch, rows, columns]. */
  distancesBackward: dense(['out', 'factor', 'x', 'y'], ['batch', 'rows', 'columns', 'width']),

  // recurrent cells: states [rows, size], sums of gates [rows, 4 size] or [rows, 3 size]; float32, float64
  /** i, f, g, o = the sums x + hidden through σ, σ, tanh, σ; next = f c + i g; h = o tanh(next). */
  lstmCell: dense(['out h', 'out next', 'x', 'hidden', 'c'], ['rows', 'size']),
  /** The gradients of x (and of hidden) and c from those of h and next, one of which may be absent. */
  lstmCellBackward: dense(['out gates', 'out c', 'hGrad?', 'cGrad?', 'x', 'hidden', 'c'], ['rows', 'size']),
  /** r, z = σ(x + hidden); n = tanh(x + r hidden); h = (h - n) z + n. */
  gruCell: dense(['out h', 'x', 'hidden', 'h'], ['rows', 'size']),
  gruCellBackward: dense(['out x', 'out hidden', 'out h', 'grad', 'x', 'hidden', 'h'], ['rows', 'size']),

  // softmax: all operands [outer, n, inner], along n; float32, float64
  softmax: dense(['out', 'x'], ['outer', 'n', 'inner']),
  logSoftmax: dense(['out', 'x'], ['outer', 'n', 'inner']),
  /** y is what softmax gave. */
  softmaxBackward: dense(['out', 'grad', 'y'], ['outer', 'n', 'inner']),
  logSoftmaxBackward: dense(['out', 'grad', 'y'], ['outer', 'n', 'inner']),

  // attention: matrices [batch, heads, rows or columns, width or valueWidth] of float32 or float64; of each operand stand
  // the distances of batches, heads and rows, a row's elements are neighbours. logSums: [batch, heads, rows]
  /** softmax(query · keyᵀ · scale + mask) · value and log Σ e^score; with causal = 1 a row sees no column beyond its own. */
  attention: dense(
    ['out', 'out logSums', 'query', 'key', 'value', 'mask?'],
    [...attentionSizes, ...steps('out'), ...attentionSteps],
    ['scale'],
  ),
  /** Its gradients, from what it gave. */
  attentionBackward: dense(
    [
      ...(['out queryGrad', 'out keyGrad', 'out valueGrad', 'grad', 'query', 'key', 'value'] as const),
      ...(['mask?', 'result', 'logSums'] as const),
    ],
    [
      ...attentionSizes,
      ...steps('queryGrad'),
      ...steps('keyGrad'),
      ...steps('valueGrad'),
      ...steps('grad'),
      ...attentionSteps,
      ...steps('result'),
    ],
    ['scale'],
  ),

  // nll: x [outer, n, inner], float32 or float64; target int64 [outer, inner]; weight [n]. reduction: 0 none, 1 mean, 2 sum
  /** Of logits. largest [2, outer, inner]: a row's largest logit, and log Σ e^(x - largest); total: Σ weights. */
  crossEntropy: checked(
    dense(
      ['out', 'out largest', 'out total', 'x', 'target', 'weight?'],
      ['outer', 'n', 'inner', 'reduction'],
      ['ignoreIndex'],
    ),
  ),
  crossEntropyBackward: checked(
    dense(
      ['out', 'grad', 'x', 'largest', 'target', 'weight?', 'total'],
      ['outer', 'n', 'inner', 'reduction'],
      ['ignoreIndex'],
    ),
  ),
  /** Of log-probabilities. total: Σ weights. */
  nllLoss: checked(
    dense(['out', 'out total', 'x', 'target', 'weight?'], ['outer', 'n', 'inner', 'reduction'], ['ignoreIndex']),
  ),
  nllLossBackward: checked(
    dense(['out', 'grad', 'target', 'weight?', 'total'], ['outer', 'n', 'inner', 'reduction'], ['ignoreIndex']),
  ),

  // loss: element by element; float32, float64
  /** (x - y)². */
  mseLoss: binary,
  /** factor (x - y) grad. */
  mseLossBackward: strided(['out', 'grad', 'x', 'y'], ['factor']),
  /** -(y log x + (1 - y) log(1 - x)), logarithms at least -100; an x outside [0, 1] is reported. */
  binaryCrossEntropy: checked(binary),
  binaryCrossEntropyBackward: strided(['out', 'grad', 'x', 'y']),
  /** (1 - y) x + log(1 + e⁻ˣ). */
  binaryCrossEntropyWithLogits: binary,
  /** factor (sigmoid x - y) grad. */
  binaryCrossEntropyWithLogitsBackward: strided(['out', 'grad', 'x', 'y'], ['factor']),
  smoothL1Loss: strided(['out', 'x', 'y'], ['beta']),
  smoothL1LossBackward: strided(['out', 'grad', 'x', 'y'], ['beta', 'factor']),
  huberLoss: strided(['out', 'x', 'y'], ['delta']),
  huberLossBackward: strided(['out', 'grad', 'x', 'y'], ['delta', 'factor']),

  // convolution: x [n, c, d, h, w], weight [o, c / groups, kd, kh, kw], y [n, o, od, oh, ow];
  // y[p] looks at x[p · stride - pad + k · dilation], 0 outside. float32, float64, int64, int32
  convolution: dense(['out', 'x', 'weight', 'bias?'], geometry),
  /** The gradient of x; of another out size also the transposed convolution. */
  convolutionBackwardInput: dense(['out', 'grad', 'weight'], geometry),
  /** The gradient of the weight; floats. */
  convolutionBackwardWeight: dense(['out', 'x', 'grad'], geometry),

  // pooling: x [planes, d, h, w], out [planes, od, oh, ow]
  /** Indices (int64) are into a plane; of equal values the first, NaN before all. float32, float64, int64. */
  maxPool: dense(['out', 'out indices', 'x'], window),
  /** out [planes, volume] = 0, then out[plane, indices[plane, j]] += grad[plane, j]. */
  maxPoolBackward: checked(dense(['out', 'grad', 'indices'], ['planes', 'volume', 'count'])),
  /** out = factors · Σ of each window; factors: one, or one for each place of an out plane. float32, float64. */
  averagePool: dense(['out', 'x', 'factors'], window),
  /** out [planes, d, h, w] = 0, then in each window += factors · grad. */
  averagePoolBackward: dense(['out', 'grad', 'factors'], window),

  // resampling
  /**
   * out [outer, count, inner] = Σ weights[k] · x[·, index[k], ·] over k from start[i] to start[i + 1], x: [outer, size,
   * inner]; float32, float64. places: int32, start [count + 1], then index; an index is checked.
   */
  resample: checked(dense(['out', 'x', 'places', 'weights'], ['outer', 'size', 'inner', 'count'])),
} satisfies Record<string, KernelSpec>;

export type Contract = typeof contract;
export type KernelName = keyof Contract;
export const kernelNames = Object.keys(contract) as KernelName[];
