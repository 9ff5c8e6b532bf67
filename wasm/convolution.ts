/** Convolutions: forward, and the gradients of the input (also the transposed convolution) and of the weight. */
import { begin, c, FEW, inputs, n, o, outputs, outVolume, taps, turn, turnPays, volume } from './convolution_geometry';
import { fewBackwardInput, fewBackwardWeight, fewForward } from './convolution_few';
import { backwardInput, backwardWeight, forward } from './convolution_plain';
import { tiledBackwardInput, tiledBackwardWeight, tiledForward } from './convolution_tiles';
import { winograd } from './convolution_winograd';
import { winogradWeight } from './convolution_winograd_weight';
import { check, DType, dtypeOf, unsupported } from './descriptor';

export function convolution(out: usize, x: usize, weight: usize, bias: usize): void {
  begin(4);
  check(4, 0, <i64>n * o * outVolume);
  check(4, 1, <i64>n * c * volume);
  check(4, 2, <i64>o * inputs * taps);
  if (bias != 0) check(4, 3, o);
  switch (dtypeOf(0)) {
    case DType.float32:
      if (winograd(out, x, weight, bias, false)) return;
      if (outputs >= FEW) return tiledForward(out, x, weight, bias, false);
      if (fewForward(out, x, weight, bias, false)) return;
      return forward<f32>(out, x, weight, bias);
    case DType.float64:
      return forward<f64>(out, x, weight, bias);
    case DType.int64:
      return forward<i64>(out, x, weight, bias);
    case DType.int32:
      return forward<i32>(out, x, weight, bias);
    default:
      unsupported();
  }
}

export function convolutionBackwardInput(out: usize, grad: usize, weight: usize): void {
  begin(3);
  check(3, 0, <i64>n * c * volume);
  check(3, 1, <i64>n * o * outVolume);
  check(3, 2, <i64>o * inputs * taps);
  switch (dtypeOf(0)) {
    case DType.float32:
      if (winograd(out, grad, weight, 0, true)) return;
      if (outputs >= FEW == inputs >= FEW && turnPays()) {
        turn();
        if (outputs >= FEW) return tiledForward(out, grad, weight, 0, true);
        if (fewForward(out, grad, weight, 0, true)) return;
        turn();
      }
      if (outputs < FEW && fewBackwardInput(out, grad, weight)) return;
      if (outputs >= FEW && inputs * taps >= FEW) return tiledBackwardInput(out, grad, weight);
      return backwardInput<f32>(out, grad, weight);
    case DType.float64:
      return backwardInput<f64>(out, grad, weight);
    case DType.int64:
      return backwardInput<i64>(out, grad, weight);
    case DType.int32:
      return backwardInput<i32>(out, grad, weight);
    default:
      unsupported();
  }
}

export function convolutionBackwardWeight(out: usize, x: usize, grad: usize): void {
  begin(3);
  check(3, 0, <i64>o * inputs * taps);
  check(3, 1, <i64>n * c * volume);
  check(3, 2, <i64>n * o * outVolume);
  const isFloat = dtypeOf(0) == DType.float32;
  if (isFloat && winogradWeight(out, x, grad)) return;
  if (isFloat && outputs >= FEW) tiledBackwardWeight(out, x, grad);
  else if (isFloat && fewBackwardWeight(out, x, grad)) return;
  else if (isFloat) backwardWeight<f32>(out, x, grad);
  else if (dtypeOf(0) == DType.float64) backwardWeight<f64>(out, x, grad);
  else unsupported();
}
