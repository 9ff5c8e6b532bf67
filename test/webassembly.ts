/** What the tests use of the global that Node's types leave out. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  Module: (new (bytes: Uint8Array) => object) & { exports(module: object): { readonly name: string }[] };
  Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
}

export const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi };
