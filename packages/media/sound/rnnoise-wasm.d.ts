declare module '@jitsi/rnnoise-wasm/dist/rnnoise-sync.js' {
  /** The part of the compiled module that is used; heap addresses are bytes. */
  export interface RnnoiseModule {
    ready: Promise<unknown>;
    HEAPF32: Float32Array;
    _malloc(bytes: number): number;
    _rnnoise_create(): number;
    _rnnoise_process_frame(state: number, output: number, input: number): number;
  }
  const create: () => RnnoiseModule;
  // biome-ignore lint/style/noDefaultExport: this is how the package exports it
  export default create;
}
