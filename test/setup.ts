import { afterEach, expect } from 'vitest';
import * as ng from '../src/index.js';

// A test must not leave a mode switched on behind it: the next test's gradients would silently be missing.
afterEach(() => {
  expect(ng.isGradEnabled(), 'the test left grad mode off').toBe(true);
});
