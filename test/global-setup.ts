/** Says once which backend the suite runs on. */
export default async function setup(): Promise<void> {
  const { backend } = await import('../src/index.js');
  console.log(`backend: ${backend.name} (${backend.isa}, threads: ${backend.threads}; ${backend.reason})`);
}
