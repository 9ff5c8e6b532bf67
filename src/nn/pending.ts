import type { Tensor } from '../tensor.js';
import * as functional from './functional.js';

/** Ops whose files are on their way: modules are written against them, and this line goes when they are there. */
type Pending =
  | 'adaptiveAvgPool1d'
  | 'adaptiveAvgPool2d'
  | 'adaptiveAvgPool3d'
  | 'adaptiveMaxPool1d'
  | 'adaptiveMaxPool2d'
  | 'adaptiveMaxPool3d'
  | 'avgPool1d'
  | 'avgPool2d'
  | 'avgPool3d'
  | 'fractionalMaxPool2d'
  | 'fractionalMaxPool3d'
  | 'interpolate'
  | 'lpPool1d'
  | 'lpPool2d'
  | 'maxUnpool1d'
  | 'maxUnpool2d'
  | 'maxUnpool3d'
  | 'pad';

export const F = functional as typeof functional & Readonly<Record<Pending, (...args: unknown[]) => Tensor>>;
