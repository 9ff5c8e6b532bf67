export { SummaryWriter, type SummaryWriterOptions } from './writer.js';
