export { type GridOptions, makeGrid, saveImage } from './images.js';
