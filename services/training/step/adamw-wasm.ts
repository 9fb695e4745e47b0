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
  ): void;
}

/** `npx vitest run test/training/optimizer.test.ts -t bytes` prints these bytes when the text changes. */
export const BYTES =
  'AGFzbQEAAAABFQJgAn9/AXxgC39/f39/fX19fX19AAIUAQVzdGF0ZQZtZW1vcnkCAQGAgAQDAwIAAQcYAgxzdW1PZlNxdWFy' +
  'ZXMAAAVhZGFtdwABCtoCAmwBBHsCQANAIAFBAEwNASAA/QAEACECIAL9XyEDIAIgAv0NCAkKCwwNDg8ICQoLDA0OD/1fIQQg' +
  'BSADIAP98gEgBCAE/fIB/fAB/fABIQUgAEEQaiEAIAFBBGshAQwACwsgBf0hACAF/SEBoAvqAQELeyAF/RMhDiAG/RMhD0MA' +
  'AIA/IAaT/RMhECAH/RMhEUMAAIA/IAeT/RMhEiAI/RMhEyAJ/RMhFCAK/RMhFQJAA0AgBEEATA0BIAP9AAQAIA795gEhCyAB' +
  '/QAEACAP/eYBIAsgEP3mAf3kASEMIAL9AAQAIBH95gEgCyAL/eYBIBL95gH95AEhDSABIAz9CwQAIAIgDf0LBAAgACAA/QAE' +
  'ACAU/eYBIAwgE/3mASAN/eMBIBX95AH95wH95QH9CwQAIABBEGohACABQRBqIQEgAkEQaiECIANBEGohAyAEQQRrIQQMAAsL' +
  'Cw==';

let compiled: WebAssembly.Module | undefined;

/** The functions over a memory. */
export function kernels(memory: WebAssembly.Memory): Kernels {
  compiled ??= new WebAssembly.Module(Buffer.from(BYTES, 'base64'));
  return new WebAssembly.Instance(compiled, { state: { memory } }).exports as unknown as Kernels;
}
