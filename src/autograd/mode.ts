import { stateError } from '../errors.js';

/** What the running code records. Read on every op, so plain fields of one object. */
export const mode = { grad: true, inference: false, anomaly: false };

type Guard = { [Symbol.dispose](): void };

/** Runs `body` with a field of {@link mode} set, or returns a guard for `using` when there is no body. */
function scoped(name: string, apply: () => () => void): { <T>(body: () => T): T; (): Guard } {
  function run<T>(body: () => T): T;
  function run(): Guard;
  function run<T>(body?: () => T): T | Guard {
    const restore = apply();
    if (body === undefined) return { [Symbol.dispose]: restore };
    try {
      const result = body();
      if (result instanceof Promise) {
        throw stateError(
          `${name}: the function returned a promise, and the mode would not hold across await; call ${name} inside the async code, around synchronous parts.`,
        );
      }
      return result;
    } finally {
      restore();
    }
  }
  return run;
}

function setGrad(enabled: boolean): () => void {
  const before = mode.grad;
  mode.grad = enabled;
  return () => {
    mode.grad = before;
  };
}

/**
 * Runs a function without recording the graph, or gives a guard for `using`.
 * @example const y = noGrad(() => model(x));
 * @throws Error when the function returns a promise
 */
export const noGrad = scoped('noGrad', () => setGrad(false));

/** Runs a function with recording on, inside noGrad too. */
export const enableGrad = scoped('enableGrad', () => setGrad(true));

/** Runs a function without recording, as {@link noGrad}; its results are ordinary tensors. */
export const inferenceMode = scoped('inferenceMode', () => {
  const restore = setGrad(false);
  const before = mode.inference;
  mode.inference = true;
  return () => {
    mode.inference = before;
    restore();
  };
});

/** Names the forward call site of the op whose gradient is NaN or throws. */
export const detectAnomaly = scoped('detectAnomaly', () => setAnomaly(true));

function setAnomaly(enabled: boolean): () => void {
  const before = mode.anomaly;
  mode.anomaly = enabled;
  return () => {
    mode.anomaly = before;
  };
}

/** Turns anomaly detection on or off for good. */
export function setDetectAnomaly(enabled: boolean): void {
  mode.anomaly = enabled;
}

/** Whether anomaly detection is on. */
export function isAnomalyEnabled(): boolean {
  return mode.anomaly;
}

/** Whether ops are recorded for backward. */
export function isGradEnabled(): boolean {
  return mode.grad;
}

/** Whether this runs in {@link inferenceMode}. */
export function isInferenceModeEnabled(): boolean {
  return mode.inference;
}

/** Sets recording for good, or for a function. */
export function setGradEnabled(enabled: boolean): void;
export function setGradEnabled<T>(enabled: boolean, body: () => T): T;
export function setGradEnabled<T>(enabled: boolean, body?: () => T): T | undefined {
  if (body === undefined) {
    mode.grad = enabled;
    return undefined;
  }
  return enabled ? enableGrad(body) : noGrad(body);
}
