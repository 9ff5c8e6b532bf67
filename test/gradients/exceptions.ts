const NO_COMPLEX128 = "float64 would need complex128, which is not there; PyTorch's vectors check it in float32";

/** Ops of the vectors whose derivatives finite differences in float64 cannot tell, and why. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  __rpow__: "Python's x ** y makes a tensor of the base that has no part in the graph",
  cholesky_solve: "PyTorch's gradient of the factor is that of a symmetric change, not of one element",
  'div (trunc_rounding)': 'the values of the case lie on the steps',
  complex: NO_COMPLEX128,
  'fft.fft': NO_COMPLEX128,
  'fft.fftn': NO_COMPLEX128,
  'fft.ifft': NO_COMPLEX128,
  'fft.ifftn': NO_COMPLEX128,
  'fft.ihfft': NO_COMPLEX128,
  'fft.irfft': NO_COMPLEX128,
  'fft.irfftn': NO_COMPLEX128,
  float: 'the result is float32',
  istft: NO_COMPLEX128,
  'linalg.norm (subgradients_at_zero)': 'at zero there is a subgradient only',
  'masked.logaddexp': "the second derivative where an operand is masked out (-∞) is NaN, as PyTorch's",
  'nn.functional.max_unpool1d': 'the indices of the case name a place twice, and the last one is seen',
  'nn.functional.max_unpool2d': 'the indices of the case name a place twice, and the last one is seen',
  'nn.functional.max_unpool3d': 'the indices of the case name a place twice, and the last one is seen',
  polar: NO_COMPLEX128,
};

/** Ops that read the memory's layout or refuse one. */
export const OWN_LAYOUT: readonly string[] = ['as_strided', 'view', 'view_as'];

/** Ops that keep each element in its place and still ask for a rank. */
export const OWN_RANK: readonly string[] = [
  'amax',
  'cummax',
  'cummin',
  'flatten',
  'mT',
  'nanquantile',
  'slice',
  'split',
  'tril',
  'triu',
];
