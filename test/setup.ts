import fc from 'fast-check';
import { afterEach, expect } from 'vitest';
import * as ng from '../src/index.js';

// The same cases in every run.
fc.configureGlobal({ seed: 20261126 });

// A test must not leave a mode switched on behind it: the next test's gradients would silently be missing.
afterEach(() => {
  expect(ng.isGradEnabled(), 'the test left grad mode off').toBe(true);
});
