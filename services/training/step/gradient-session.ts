// A graph whose outputs are gradients, opened: into host memory that is given, or left on the device.

import { Ops } from '#autodiff';
import { toModelFile, GraphBuilder, size } from '#onnx';
import { openSession, Tensor, type Device, type Session } from '#runtime';
import type { Tensors } from '../data/batch';
import type { Parameter } from '../tower/parameters';
import type { StepGraph } from './step-graph';

/** Tensors in host memory for the gradients of `parameters`, one after another in `buffer`. */
export function gradientTensors(parameters: Parameter[], buffer?: Float32Array): Tensors {
  let at = 0;
  return Object.fromEntries(
    parameters.map(({ name, dims }) => {
      const data = buffer?.subarray(at, at + size(dims)) ?? new Float32Array(size(dims));
      at += size(dims);
      return [`gradient.${name}`, new Tensor('float32', data, dims)];
    }),
  );
}

/** A session with outputs `gradient.NAME`. */
export class GradientSession {
  private constructor(
    readonly parameters: Parameter[],
    private readonly session: Session,
  ) {}

  static async open(
    { model, parameters }: StepGraph,
    { device, threads }: { device: Device; threads: number },
  ): Promise<GradientSession> {
    const outputsOnDevice = parameters.map(({ name }) => `gradient.${name}`);
    const options = { device, threads, outputsOnDevice, inPlace: true };
    return new GradientSession(parameters, await openSession(model, options));
  }

  /** Runs into `into`, or on the device. */
  async run(feeds: Tensors, into: Tensors | undefined): Promise<Tensors> {
    if (into === undefined) return this.session.run(feeds);
    await this.session.fill(feeds, into);
    return into;
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

/** Zeros in place of gradients, on the WebGPU device, made there once. */
export class DeviceZeros {
  private constructor(
    readonly tensors: Tensors,
    /** The buffers are gone with the session that made them. */
    private readonly session: Session,
  ) {}

  static async open(parameters: Parameter[]): Promise<DeviceZeros> {
    const ops = new Ops(new GraphBuilder('zeros'), false);
    const zero = ops.b.input('zero', 'float32', []);
    const names = parameters.map(({ name, dims }) => {
      ops.b.output(ops.expand(zero, dims), `gradient.${name}`, 'float32', dims);
      return `gradient.${name}`;
    });
    const model = toModelFile(ops.b.graph);
    const session = await openSession(model, { device: 'webgpu', outputsOnDevice: names });
    const feeds = { zero: new Tensor('float32', new Float32Array(1), []) };
    return new DeviceZeros(await session.run(feeds), session);
  }

  release(): Promise<void> {
    for (const tensor of Object.values(this.tensors)) tensor.dispose();
    return this.session.release();
  }
}
