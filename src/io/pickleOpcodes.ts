import type { PickleMachine } from './pickleMachine.js';
import type { PickleStream } from './pickleStream.js';

/** What one opcode does; its argument stands in the stream. */
type Opcode = (machine: PickleMachine, stream: PickleStream) => void;

const MAX_PROTOCOL = 5;

/** The opcode that ends a pickle. */
export const STOP = 0x2e;

const checkProtocol: Opcode = (_, stream) => {
  if (stream.number(1) > MAX_PROTOCOL) stream.fail('its protocol is unknown');
};

/** A frame says how long it is, which the opcodes in it say again. */
const skipFrame: Opcode = (_, stream) => void stream.length8();

/** A tuple of the topmost `count` values. */
function tupleOf(count: number): Opcode {
  return (machine) => {
    const items: unknown[] = [];
    for (let i = 0; i < count; i++) items.unshift(machine.pop());
    machine.tuple(items);
  };
}

const setOne: Opcode = (machine) => {
  const value = machine.pop();
  const key = machine.pop();
  machine.setItems([key, value]);
};

const stackGlobal: Opcode = (machine, stream) => {
  const name = machine.pop();
  const module = machine.pop();
  if (typeof name !== 'string' || typeof module !== 'string') return stream.fail('a name is no string');
  machine.global(module, name);
};

/** The opcodes that checkpoints are made of, but {@link STOP}, with the names of Python's pickletools. */
export const OPCODES: ReadonlyMap<number, Opcode> = new Map<number, Opcode>([
  [0x80, /* PROTO */ checkProtocol],
  [0x95, /* FRAME */ skipFrame],
  [0x28, /* MARK */ (machine) => machine.mark()],
  [0x4e, /* NONE */ (machine) => machine.push(null)],
  [0x88, /* NEWTRUE */ (machine) => machine.push(true)],
  [0x89, /* NEWFALSE */ (machine) => machine.push(false)],
  [0x4a, /* BININT */ (machine, stream) => machine.push(stream.number(4) | 0)],
  [0x4b, /* BININT1 */ (machine, stream) => machine.push(stream.number(1))],
  [0x4d, /* BININT2 */ (machine, stream) => machine.push(stream.number(2))],
  [0x8a, /* LONG1 */ (machine, stream) => machine.push(stream.long(stream.number(1)))],
  [0x47, /* BINFLOAT */ (machine, stream) => machine.push(stream.double())],
  [0x58, /* BINUNICODE */ (machine, stream) => machine.push(stream.string(stream.number(4)))],
  [0x8c, /* SHORT_BINUNICODE */ (machine, stream) => machine.push(stream.string(stream.number(1)))],
  [0x55, /* SHORT_BINSTRING */ (machine, stream) => machine.push(stream.string(stream.number(1)))],
  [0x42, /* BINBYTES */ (machine, stream) => machine.push(new Uint8Array(stream.take(stream.number(4))))],
  [0x43, /* SHORT_BINBYTES */ (machine, stream) => machine.push(new Uint8Array(stream.take(stream.number(1))))],
  [0x5d, /* EMPTY_LIST */ (machine) => machine.push([])],
  [0x7d, /* EMPTY_DICT */ (machine) => machine.push(new Map())],
  [0x29, /* EMPTY_TUPLE */ tupleOf(0)],
  [0x85, /* TUPLE1 */ tupleOf(1)],
  [0x86, /* TUPLE2 */ tupleOf(2)],
  [0x87, /* TUPLE3 */ tupleOf(3)],
  [0x74, /* TUPLE */ (machine) => machine.tuple(machine.popMark())],
  [0x61, /* APPEND */ (machine) => machine.append([machine.pop()])],
  [0x65, /* APPENDS */ (machine) => machine.append(machine.popMark())],
  [0x73, /* SETITEM */ setOne],
  [0x75, /* SETITEMS */ (machine) => machine.setItems(machine.popMark())],
  [0x71, /* BINPUT */ (machine, stream) => machine.memoize(stream.number(1))],
  [0x72, /* LONG_BINPUT */ (machine, stream) => machine.memoize(stream.number(4))],
  [0x94, /* MEMOIZE */ (machine) => machine.memoize(machine.memoSize)],
  [0x68, /* BINGET */ (machine, stream) => machine.recall(stream.number(1))],
  [0x6a, /* LONG_BINGET */ (machine, stream) => machine.recall(stream.number(4))],
  [0x63, /* GLOBAL */ (machine, stream) => machine.global(stream.line(), stream.line())],
  [0x93, /* STACK_GLOBAL */ stackGlobal],
  [0x52, /* REDUCE */ (machine) => machine.reduce()],
  [0x62, /* BUILD */ (machine) => machine.build()],
  [0x51, /* BINPERSID */ (machine) => machine.persistent()],
]);
