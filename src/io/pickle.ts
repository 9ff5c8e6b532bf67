/**
 * A closed pickle reader. It knows the opcodes that checkpoints are made of and the globals of a table; nothing in a
 * file can name code of ours or run any.
 */
import { PickleMachine, type PickleTable } from './pickleMachine.js';
import { OPCODES, STOP } from './pickleOpcodes.js';
import { PickleStream } from './pickleStream.js';

export type { PickleGlobal, PickleTable } from './pickleMachine.js';

/** {@link unpickle} of a pickle that other bytes may follow, and how long it is. */
export function unpickleFirst(op: string, bytes: Uint8Array, table: PickleTable): { value: unknown; length: number } {
  const stream = new PickleStream(op, bytes);
  const machine = new PickleMachine(stream, table);
  while (!stream.isAtEnd) {
    const opcode = stream.number(1);
    if (opcode === STOP) return { value: machine.result(), length: stream.position };
    const step = OPCODES.get(opcode);
    if (step === undefined) {
      stream.back();
      return stream.fail(`opcode 0x${opcode.toString(16)} is not among what a checkpoint may use`);
    }
    step(machine, stream);
  }
  return stream.fail('it does not end');
}

/**
 * Reads a pickle of plain values: None, booleans, numbers, strings, bytes, lists, tuples, dicts, and what the table has.
 *
 * Dicts become Maps, tuples Tuples, integers beyond 2 ** 53 bigints.
 *
 * @throws RangeError for any other opcode or name, and for a pickle that is malformed
 */
export function unpickle(op: string, bytes: Uint8Array, table: PickleTable): unknown {
  return unpickleFirst(op, bytes, table).value;
}
