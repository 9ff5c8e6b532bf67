/** Refusals of dtypes that an op is not defined for, as the factories take them. */
import { bool, type DTypeInfo } from '../dtype.js';
import { typeError } from '../errors.js';

/** Refuses bool. */
export function notBool(op: string, instead: string): (info: DTypeInfo) => void {
  return (info) => {
    if (info === bool) throw typeError(`${op}: bool tensors are not supported; ${instead}.`);
  };
}

/** Refuses all but floats and complex numbers. */
export function floatsOnly(op: string): (info: DTypeInfo) => void {
  return (info) => {
    if (info.category < 2) throw typeError(`${op}: not implemented for ${info.name}; convert with to('float32').`);
  };
}

/** Refuses all but integers and bool. */
export function integersOnly(op: string): (info: DTypeInfo) => void {
  return (info) => {
    if (info.category > 1)
      throw typeError(
        `${op}: not implemented for ${info.name}; it is an op on the bits of integers, convert with to('int64').`,
      );
  };
}
