/** Conversion of a module's parameters and buffers to another dtype. */
import { checkDevice, type Device } from '../device.js';
import { DTYPES, type DType } from '../dtype.js';
import { typeError } from '../errors.js';
import { isOptions } from '../ops/options.js';
import { dtypeOf } from '../promotion.js';
import { Tensor } from '../tensor.js';
import type { Module } from './module.js';
import { isLazy } from './parameter.js';

/** A dtype, a tensor whose dtype is meant, or the one device there is. */
export type ConversionTarget = DType | Tensor | Device | string | { dtype?: DType; device?: Device | string };

/** The dtype that is asked for; null where none is. */
function targetDType(target: ConversionTarget): DType | null {
  if (target instanceof Tensor) return target.dtype;
  if (isOptions(target)) {
    const { dtype, device } = target as { dtype?: DType; device?: string };
    checkDevice('to', device);
    return dtype ?? null;
  }
  if (typeof target === 'string' && !target.startsWith('cpu') && !target.startsWith('cuda')) {
    return Object.hasOwn(DTYPES, target) ? (target as DType) : dtypeOf('to', target as DType).name;
  }
  checkDevice('to', target as Device | string);
  return null;
}

/** Puts what `change` makes of them in the place of all parameters, their gradients and the buffers. */
function mapTensors(module: Module, change: (tensor: Tensor) => Tensor): void {
  for (const child of module.children()) mapTensors(child, change);
  const { registry } = module;
  for (const parameter of registry.parameters.values()) {
    if (parameter === null) continue;
    const { grad } = parameter;
    parameter.data = change(parameter.data);
    if (grad !== null) {
      const changed = change(grad.data);
      parameter.setGrad(grad.requiresGrad ? changed.requiresGrad_() : changed);
    }
  }
  for (const [name, buffer] of registry.buffers) if (buffer !== null) registry.assign(module, name, change(buffer));
}

function convert(x: Tensor, dtype: DType): Tensor {
  return isLazy(x) ? x : x.to(dtype);
}

/** See {@link Module.to}. */
export function convertFloats(module: Module, target: ConversionTarget): void {
  const dtype = targetDType(target);
  if (dtype === null) return;
  const info = dtypeOf('to', dtype);
  if (!info.isFloat && !info.isComplex) {
    throw typeError(`to: Module.to only accepts floating point or complex dtypes, but got ${dtype}.`);
  }
  mapTensors(module, (x) => (x.dtypeInfo.isFloat || x.dtypeInfo.isComplex ? convert(x, info.name) : x));
}

/** See {@link Module.type}. */
export function convertAll(module: Module, dtype: DType): void {
  const { name } = dtypeOf('type', dtype);
  mapTensors(module, (x) => convert(x, name));
}
