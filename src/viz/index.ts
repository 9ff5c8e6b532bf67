export { type DotOptions, dot, renderSvg } from './dot.js';
export { type GridOptions, makeGrid, saveImage } from './images.js';
