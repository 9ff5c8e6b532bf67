import { stateError } from './errors.js';
import { reprSymbol } from './repr.js';

/** Where a tensor lives: here always the CPU. */
export class Device {
  readonly type = 'cpu';
  readonly index = null;
  toString(): string {
    return 'cpu';
  }
  [reprSymbol](): string {
    return "device(type='cpu')";
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this[reprSymbol]();
  }
}

/** The one device there is. */
export const cpu = new Device();

/** Checks a device that came from a user. @throws Error for any but the CPU */
export function checkDevice(op: string, value: unknown): void {
  if (value === undefined || value === null || value === 'cpu' || value === 'cpu:0' || value instanceof Device) return;
  throw stateError(`${op}: device ${String(value)} is not there; this library computes on 'cpu' only.`);
}

/** See torch.device. @throws Error for any but 'cpu' */
export function device(type: string | Device): Device {
  checkDevice('device', type);
  return cpu;
}

/** There is no CUDA here. */
export const cuda = { isAvailable: (): boolean => false, deviceCount: (): number => 0 };
