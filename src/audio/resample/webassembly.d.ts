/** The part of the WebAssembly interface that is used here; Node's types leave it to those of browsers. */
declare namespace WebAssembly {
  const Module: new (bytes: Uint8Array) => object;
  class Memory {
    readonly buffer: ArrayBuffer;
  }
  class Instance {
    constructor(module: object);
    readonly exports: Readonly<Record<string, Memory | ((...numbers: readonly number[]) => void)>>;
  }
}
