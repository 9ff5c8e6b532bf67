import { rangeError, typeError } from '../errors.js';
import { isOptions } from '../ops/options.js';
import { describe } from '../shape.js';
import { Tensor } from '../tensor.js';

/** Where a DataLoader stands. */
export interface DataLoaderState {
  /** How many batches of the epoch were given; 0 between epochs. */
  position: number;
  /** The generators' states when the epoch began; empty between epochs. */
  epochStates: Tensor[];
  /** The generators' states now. */
  generatorStates: Tensor[];
}

const op = 'DataLoader.loadStateDict';

function bytesOf(name: string, value: unknown, counts: readonly number[]): Uint8Array[] {
  if (!Array.isArray(value) || !counts.includes(value.length)) {
    throw rangeError(
      `${op}: ${name} has ${Array.isArray(value) ? value.length : 'no'} generator states, but this loader has ${counts[0]} generators; make it with the options it was saved with.`,
    );
  }
  return value.map((state: unknown) => {
    if (!(state instanceof Tensor) || state.dtype !== 'uint8')
      throw typeError(`${op}: ${name} holds ${describe(state)}; a generator's state is a uint8 tensor.`);
    return state.toTypedArray() as Uint8Array;
  });
}

/** A loader's state out of a checkpoint, with the generators' states as bytes. */
export function checkState(
  state: unknown,
  generators: number,
): { position: number; epochStates: Uint8Array[]; generatorStates: Uint8Array[] } {
  if (!(state instanceof Map) && !isOptions(state))
    throw typeError(`${op}: the state is ${describe(state)}; give what stateDict() returned.`);
  const field = (name: keyof DataLoaderState): unknown => (state instanceof Map ? state.get(name) : state[name]);
  const position = field('position');
  if (typeof position !== 'number' || !Number.isSafeInteger(position) || position < 0)
    throw rangeError(`${op}: position is ${String(position)}; give what stateDict() returned.`);
  return {
    position,
    epochStates: bytesOf('epochStates', field('epochStates'), position === 0 ? [generators, 0] : [generators]),
    generatorStates: bytesOf('generatorStates', field('generatorStates'), [generators]),
  };
}
