export * from './elementwise.js';
export * from './indexing.js';
export * from './matmul.js';
export * from './movement.js';
export * from './reduction.js';
export * from './random.js';
