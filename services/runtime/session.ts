// One ONNX Runtime session: opened with the options that the project found best, run, released.
// Which devices exist is devices.ts.

import ort from 'onnxruntime-node';
import { resolveDevice, type Device } from './devices';
import { STOP_OUTPUT, stoppedCopying, withStop } from './in-place';

export const Tensor = ort.Tensor;
export type Tensor = ort.Tensor;

export interface SessionOptions {
  /** Default: the CPU. */
  device?: Device | 'auto';
  /** Threads of one operation; 0 lets the runtime choose. */
  threads?: number;
  /**
   * Whether threads that wait for the next operation sleep. They are slower to begin it, and leave the
   * processor to whoever works at the same time.
   */
  waitAsleep?: boolean;
  /** Outputs that stay on the device, to be fed to the next run. Only WebGPU has this; ignored elsewhere. */
  outputsOnDevice?: readonly string[];
  /** Lets `fill` write outputs without copies; for a model given as bytes, ignored on WebGPU. */
  inPlace?: boolean;
  /** Start of the name of a profile in Chrome's trace format, written on release. */
  profile?: string;
}

/** A graph input or output: element type, and shape with names for dynamic axes. */
export interface TensorInfo {
  name: string;
  type: ort.Tensor.Type;
  shape: readonly (number | string)[];
}

/**
 * Opens a model: the path of an .onnx file, or its bytes.
 * Throws one line when the model or the device cannot be used.
 */
export async function openSession(
  model: string | Uint8Array,
  options: SessionOptions = {},
): Promise<Session> {
  const device = resolveDevice(options.device ?? 'cpu');
  const outputs = device === 'webgpu' ? (options.outputsOnDevice ?? []) : [];
  const fillable = options.inPlace === true && device !== 'webgpu' && typeof model !== 'string';
  const source = fillable ? withStop(model) : model;
  try {
    const session = await ort.InferenceSession.create(source as string, {
      executionProviders: [providers[device]],
      executionMode: 'sequential',
      // Costs no speed and keeps a third less memory in training.
      enableMemPattern: false,
      logSeverityLevel: 3,
      ...(options.threads ? { intraOpNumThreads: options.threads } : {}),
      ...(options.waitAsleep ? { extra: { session: { intra_op: { allow_spinning: '0' } } } } : {}),
      ...(outputs.length === 0
        ? {}
        : {
            preferredOutputLocation: Object.fromEntries(
              outputs.map((name) => [name, 'gpu-buffer' as const]),
            ),
          }),
      ...(options.profile === undefined
        ? {}
        : { enableProfiling: true, profileFilePrefix: options.profile }),
    });
    return new Session(session, device, options.profile !== undefined);
  } catch (cause) {
    const file = typeof model === 'string' ? `${model}: ` : '';
    throw new Error(`${file}cannot be opened on ${device}: ${firstLine(cause)}`, { cause });
  }
}

/** WebGPU's default layout, NHWC, computes some grouped convolutions wrongly. */
const providers: Record<Device, ort.InferenceSession.ExecutionProviderConfig> = {
  cpu: 'cpu',
  webgpu: { name: 'webgpu', preferredLayout: 'NCHW' },
  cuda: 'cuda',
};

export class Session {
  readonly device: Device;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly #session: ort.InferenceSession;
  readonly #profiling: boolean;
  /** Whether a run can be kept from copying its outputs. */
  readonly #stops: boolean;

  /** For `openSession` alone. */
  constructor(session: ort.InferenceSession, device: Device, profiling: boolean) {
    this.#session = session;
    this.device = device;
    this.#profiling = profiling;
    this.#stops = session.outputNames.includes(STOP_OUTPUT);
    this.inputs = session.inputMetadata.filter((info) => info.isTensor);
    this.outputs = session.outputMetadata.filter((info) => info.isTensor);
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames.filter((name) => name !== STOP_OUTPUT);
  }

  /**
   * Runs the graph. Blocks the thread until it is done, whatever the promise suggests.
   * `fetches` picks outputs by name, or gives tensors to be filled in place.
   * Outputs on the device are the caller's to `dispose()`.
   */
  async run(
    feeds: Record<string, Tensor>,
    fetches?: readonly string[] | Record<string, Tensor>,
  ): Promise<Record<string, Tensor>> {
    if (this.device !== 'webgpu') refuseDeviceTensors(feeds, this.device);
    const wanted = fetches ?? (this.#stops ? this.outputNames : undefined);
    const outputs = wanted
      ? await this.#session.run(feeds, wanted)
      : await this.#session.run(feeds);
    return outputs as Record<string, Tensor>;
  }

  /**
   * Runs the graph and writes into the tensors of `outputs`, in host memory, by name. Where the
   * session was opened with `inPlace` nothing is copied. An output may share memory only with an
   * input that no node reads but the one that writes the output, element by element: the runtime
   * writes some outputs before it has read all inputs.
   */
  async fill(feeds: Record<string, Tensor>, outputs: Record<string, Tensor>): Promise<void> {
    if (!this.#stops) {
      await this.run(feeds, outputs);
      return;
    }
    try {
      await this.#session.run(feeds, { [STOP_OUTPUT]: null, ...outputs });
    } catch (error) {
      if (!stoppedCopying(error)) throw error;
    }
  }

  /** Frees the session; it cannot run again. */
  async release(): Promise<void> {
    if (this.#profiling) this.#session.endProfiling();
    await this.#session.release();
  }
}

/** Without this the runtime would read a GPU handle as if it were the values, and say nothing. */
function refuseDeviceTensors(feeds: Record<string, Tensor>, device: Device): void {
  for (const [name, tensor] of Object.entries(feeds)) {
    if (tensor.location === 'gpu-buffer')
      throw new Error(
        `input ${name} lies on the GPU, this session on ${device}: download it first`,
      );
  }
}

/** ONNX Runtime's message without its source location and stack. */
function firstLine(error: unknown): string {
  const message = (error as Error).message.split('\n')[0] as string;
  return message.replace(/^\/\S+:\d+ .*? was false\. /, '');
}
