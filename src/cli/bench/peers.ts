import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Request } from './worker.js';

/** A process that measures: one a backend, or PyTorch. */
export interface Peer {
  readonly name: string;
  ask<T>(request: Request): Promise<T>;
  close(): void;
}

interface Reply {
  readonly value?: unknown;
  readonly error?: string;
}

/** One request at a time; a process that dies fails it. */
function asking(
  name: string,
  child: ChildProcess,
  send: (request: Request) => void,
  listen: (reply: (r: Reply) => void) => void,
): Peer {
  let waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void } | null = null;
  listen((reply) => {
    const { resolve, reject } = waiting!;
    waiting = null;
    if (reply.error !== undefined) reject(new Error(reply.error));
    else resolve(reply.value);
  });
  const fail = (why: string) => {
    waiting?.reject(new Error(`${name} ${why}`));
    waiting = null;
  };
  child.on('exit', (code, signal) => fail(`ended early (${signal ?? `exit code ${code}`})`));
  child.on('error', (error) => fail(`did not start: ${error.message}`));
  return {
    name,
    ask: <T>(request: Request) =>
      new Promise<T>((resolve, reject) => {
        if (child.exitCode !== null) reject(new Error(`${name} has ended`));
        else {
          waiting = { resolve: resolve as (value: unknown) => void, reject };
          send(request);
        }
      }),
    close: () => void child.kill(),
  };
}

/** A process of this library on one backend. */
export function backendPeer(backend: string, threads: number | null): Peer {
  const own = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  const env: NodeJS.ProcessEnv = { ...process.env, NODEGRAD_BACKEND: backend };
  if (threads !== null) env.NODEGRAD_BENCH_THREADS = String(threads);
  const child = fork(fileURLToPath(new URL(own, import.meta.url)), [], {
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return asking(
    backend,
    child,
    (request) => void child.send(request),
    (reply) => child.on('message', reply as (r: unknown) => void),
  );
}

/** PyTorch in a Python process: bench/torch_worker.py, a line of JSON each way. */
export function torchPeer(python: string, script: string, threads: number): Peer {
  const env = {
    ...process.env,
    OMP_NUM_THREADS: String(threads),
    OPENBLAS_CORETYPE: undefined,
    OPENBLAS_L2_SIZE: undefined,
    ...(JSON.parse(process.env.NODEGRAD_TORCH_ENV ?? '{}') as Record<string, string>),
  };
  const child = spawn(python, [script, String(threads)], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  return asking(
    'torch',
    child,
    (request) => void child.stdin.write(`${JSON.stringify(request)}\n`),
    (reply) => lines.on('line', (line) => reply(JSON.parse(line) as Reply)),
  );
}
