/** The short-time Fourier transform and its inverse. */

import { rangeError, typeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { viewAsComplex, viewAsReal } from './complex.js';
import { fft, ifft, irfft, rfft } from './fft.js';
import { named } from './options.js';
import { recordTransposed } from './permuting.js';
import { int64Vector } from './places.js';
import { realPart } from './properties.js';

/** The window over `n` samples: the given one with zeros on both sides, or ones. */
function windowOf(op: string, window: Tensor | null, length: number, n: number, like: Tensor): Tensor {
  if (window !== null && (window.shape.length !== 1 || window.shape[0] !== length)) {
    throw rangeError(
      `${op}: expected a 1D window tensor of size equal to win_length=${length}, but got window with size [${window.shape.join(', ')}].`,
    );
  }
  const given = window ?? like.detach().newOnes([length]);
  if (length === n) return given;
  const left = Math.floor((n - length) / 2);
  const whole = given.detach().newZeros([n]);
  return whole.indexCopy(
    0,
    places(whole, length, (i) => left + i),
    given,
  );
}

/** An int64 vector of `place(0)`, `place(1)`, … */
function places(like: Tensor, n: number, place: (i: number) => number): Tensor {
  return int64Vector(
    like,
    Array.from({ length: n }, (_, i) => place(i)),
  );
}

/** x with `pad` samples more on both sides, by PyTorch's padding modes. */
function padded(x: Tensor, pad: number, padMode: string): Tensor {
  const n = x.shape[1]!;
  const wrap: Record<string, (i: number) => number> = {
    reflect: (i) => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i),
    replicate: (i) => Math.min(Math.max(i, 0), n - 1),
    circular: (i) => (i + n) % n,
  };
  const place = wrap[padMode];
  if (padMode === 'constant')
    return x.newZeros([x.shape[0]!, n + 2 * pad]).indexCopy(
      1,
      places(x, n, (i) => i + pad),
      x,
    );
  if (place === undefined)
    throw rangeError(
      `stft: padMode ${JSON.stringify(padMode)} is unknown; use 'reflect', 'constant', 'replicate' or 'circular'.`,
    );
  if (pad >= n)
    throw rangeError(`stft: padding of ${pad} on each side needs more than ${pad} samples, but there are ${n}.`);
  return x.indexSelect(
    1,
    places(x, n + 2 * pad, (i) => place(i - pad)),
  );
}

/**
 * Fourier transforms of overlapping frames of a signal [time] or [batch, time] → [(batch,) frequency, frame].
 * https://pytorch.org/docs/stable/generated/torch.stft.html
 */
export const stft = named(
  'stft',
  ['input', 'nFft', 'hopLength', 'winLength', 'window', 'center', 'padMode', 'normalized', 'onesided', 'returnComplex'],
  (
    input: Tensor,
    nFft: number,
    hopLength?: number | null,
    winLength?: number | null,
    window?: Tensor | null,
    center: boolean = true,
    padMode: string = 'reflect',
    normalized: boolean = false,
    onesided?: boolean | null,
    returnComplex?: boolean | null,
  ): Tensor => {
    checkTensor('stft', input);
    const hop = hopLength ?? Math.floor(nFft / 4);
    const length = winLength ?? nFft;
    const isComplex = input.dtypeInfo.isComplex || (window?.dtypeInfo.isComplex ?? false);
    if (input.shape.length !== 1 && input.shape.length !== 2)
      throw rangeError(`stft: expected a 1D or 2D tensor, but got shape [${input.shape.join(', ')}].`);
    if (!input.dtypeInfo.isDifferentiable)
      throw typeError(`stft: expected a tensor of floating point or complex values, but got ${input.dtype}.`);
    const batched = input.shape.length === 2;
    let x = batched ? input : input.unsqueeze(0);
    if (center) x = padded(x, Math.floor(nFft / 2), padMode);
    const samples = x.shape[1]!;
    if (nFft <= 0 || nFft > samples) throw rangeError(`stft: expected 0 < n_fft <= ${samples}, but got n_fft=${nFft}.`);
    if (hop <= 0) throw rangeError(`stft: expected hop_length > 0, but got hop_length=${hop}.`);
    if (length <= 0 || length > nFft)
      throw rangeError(`stft: expected 0 < win_length <= n_fft, but got win_length=${length}.`);
    const half = onesided ?? !isComplex;
    if (half && isComplex) throw rangeError('stft: cannot have onesided output if window or input is complex.');
    let frames = x.unfold(1, nFft, hop);
    if (window !== null && window !== undefined) frames = frames.mul(windowOf('stft', window, length, nFft, x));
    else if (length !== nFft) frames = frames.mul(windowOf('stft', null, length, nFft, realPart(x)));
    const norm = normalized ? 'ortho' : 'backward';
    const spectrum = half ? rfft(frames, { norm }) : fft(frames, { norm });
    const out = recordTransposed('TransposeBackward1', spectrum, 1, 2);
    const result = batched ? out : out.squeeze(0);
    return (returnComplex ?? isComplex) ? result : viewAsReal(result);
  },
);

/** Frames [batch, frame, sample] added where they overlap, and the sums of their windows' squares there. */
function overlapped(frames: Tensor, window: Tensor, hop: number, total: number): { added: Tensor; envelope: Tensor } {
  const [batch, frameCount, n] = frames.shape as [number, number, number];
  const index = places(window, frameCount * n, (i) => Math.floor(i / n) * hop + (i % n));
  const added = frames.newZeros([batch, total]).indexAdd(1, index, frames.reshape(batch, frameCount * n));
  const squares = window
    .square()
    .expand(frameCount, n)
    .reshape(frameCount * n);
  return { added, envelope: window.newZeros([total]).indexAdd(0, index, squares) };
}

/**
 * The signal that {@link stft} transformed: frames windowed and added where they overlap.
 * https://pytorch.org/docs/stable/generated/torch.istft.html
 */
export const istft = named(
  'istft',
  ['input', 'nFft', 'hopLength', 'winLength', 'window', 'center', 'normalized', 'onesided', 'length', 'returnComplex'],
  (
    input: Tensor,
    nFft: number,
    hopLength?: number | null,
    winLength?: number | null,
    window?: Tensor | null,
    center: boolean = true,
    normalized: boolean = false,
    onesided?: boolean | null,
    length?: number | null,
    returnComplex: boolean = false,
  ): Tensor => {
    checkTensor('istft', input);
    const hop = hopLength ?? Math.floor(nFft / 4);
    const windowLength = winLength ?? nFft;
    const given = input.dtypeInfo.isComplex ? input : viewAsComplex(input.contiguous());
    const batched = given.shape.length === 3;
    if (given.shape.length !== 2 && !batched)
      throw rangeError(
        `istft: expected a tensor with 2 or 3 dimensions of complex values, but got shape [${given.shape.join(', ')}].`,
      );
    if (given.count === 0) throw rangeError('istft: input tensor cannot be empty.');
    const spectrum = (batched ? given : given.unsqueeze(0)).transpose(1, 2);
    const [batch, frameCount, frequencies] = spectrum.shape as [number, number, number];
    const half = onesided ?? frequencies !== nFft;
    if (frequencies !== (half ? Math.floor(nFft / 2) + 1 : nFft)) {
      throw rangeError(
        `istft: expected the frequency dimension (3rd to the last) of the input tensor to match n_fft${half ? ' / 2 + 1' : ''} when onesided=${half}, but got ${frequencies}.`,
      );
    }
    if (hop <= 0 || hop > windowLength)
      throw rangeError(`istft: expected 0 < hop_length <= win_length, but got hop_length=${hop}.`);
    if (windowLength <= 0 || windowLength > nFft)
      throw rangeError(`istft: expected 0 < win_length <= n_fft, but got win_length=${windowLength}.`);
    if (returnComplex && half) throw rangeError('istft: cannot have onesided output if window or input is complex.');
    const norm = normalized ? 'ortho' : 'backward';
    const signal =
      half || !returnComplex
        ? irfft(half ? spectrum : spectrum.narrow(2, 0, Math.floor(nFft / 2) + 1), { n: nFft, norm })
        : ifft(spectrum, { norm });
    const shape = windowOf('istft', window ?? null, windowLength, nFft, realPart(spectrum));
    const total = nFft + hop * (frameCount - 1);
    const { added, envelope } = overlapped(signal.mul(shape), shape, hop, total);
    const start = center ? Math.floor(nFft / 2) : 0;
    const wanted = length ?? total - 2 * start;
    const have = Math.max(0, Math.min(wanted, total - start));
    const weights = envelope.narrow(0, start, have);
    if (weights.abs().min().item() < 1e-11)
      throw rangeError('istft: window overlap add min is 0: the window is zero where frames do not overlap.');
    let out = added.narrow(1, start, have).unsqueeze(1).div(weights).squeeze(1);
    if (wanted > have)
      out = out.newZeros([batch, wanted]).indexCopy(
        1,
        places(out, have, (i) => i),
        out,
      );
    return batched ? out : out.squeeze(0);
  },
);
