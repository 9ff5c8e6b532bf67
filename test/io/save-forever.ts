// Run as a process of its own by atomic.test.ts, which kills it in the middle of a save that never ends.
import { writeSync } from 'node:fs';
import { writeFileAtomicSync } from '../../src/io/atomic.js';

function* pieces(): Generator<Uint8Array> {
  const piece = new Uint8Array(4096);
  yield piece;
  writeSync(1, 'writing\n');
  for (;;) yield piece;
}

writeFileAtomicSync(process.argv[2]!, pieces());
