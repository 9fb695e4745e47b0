// The update of adamw.wat, compiled: WebAssembly with 128-bit vectors. Over which memory: state-host.ts.

interface Kernels {
  /** Σ x² of `count` floats. */
  sumOfSquares(x: number, count: number): number;
  /** The update of one parameter; what each argument does stands in adamw.wat. */
  adamw(
    weight: number,
    moment1: number,
    moment2: number,
    gradient: number,
    count: number,
    factor: number,
    beta1: number,
    beta2: number,
    rate: number,
    kept: number,
    epsilon: number,
    low: number,
    high: number,
  ): void;
}

/** `npx vitest run test/training/optimizer.test.ts -t bytes` prints these bytes when the text changes. */
export const BYTES =
  'AGFzbQEAAAABFwJgAn9/AXxgDX9/f39/fX19fX19fX0AAhQBBXN0YXRlBm1lbW9yeQIBAYCABAMDAgABBxgCDHN1bU9m' +
  'U3F1YXJlcwAABWFkYW13AAEK8AICbAEEewJAA0AgAUEATA0BIAD9AAQAIQIgAv1fIQMgAiAC/Q0ICQoLDA0ODwgJCgsM' +
  'DQ4P/V8hBCAFIAMgA/3yASAEIAT98gH98AH98AEhBSAAQRBqIQAgAUEEayEBDAALCyAF/SEAIAX9IQGgC4ACAQ17IAX9' +
  'EyEQIAb9EyERQwAAgD8gBpP9EyESIAf9EyETQwAAgD8gB5P9EyEUIAj9EyEVIAn9EyEWIAr9EyEXIAv9EyEYIAz9EyEZ' +
  'AkADQCAEQQBMDQEgA/0ABAAgEP3mASENIAH9AAQAIBH95gEgDSAS/eYB/eQBIQ4gAv0ABAAgE/3mASANIA395gEgFP3m' +
  'Af3kASEPIAEgDv0LBAAgAiAP/QsEACAAIAD9AAQAIBb95gEgDiAV/eYBIA/94wEgF/3kAf3nAf3lASAY/ekBIBn96AH9' +
  'CwQAIABBEGohACABQRBqIQEgAkEQaiECIANBEGohAyAEQQRrIQQMAAsLCw==';

let compiled: WebAssembly.Module | undefined;

/** The functions over a memory. */
export function kernels(memory: WebAssembly.Memory): Kernels {
  compiled ??= new WebAssembly.Module(Buffer.from(BYTES, 'base64'));
  return new WebAssembly.Instance(compiled, { state: { memory } }).exports as unknown as Kernels;
}
