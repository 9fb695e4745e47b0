// A graph whose outputs are gradients, opened: into host memory that is given, or left on the device.

import { Ops } from '#autodiff';
import { toModelFile, GraphBuilder, size } from '#onnx';
import { openSession, Tensor, type Device, type Session } from '#runtime';
import type { Tensors } from '../data/batch';
import type { Parameter } from '../tower/parameters';
import type { StepGraph } from './step-graph';

/** Tensors in host memory for the gradients of `parameters`. */
export function gradientTensors(parameters: Parameter[]): Tensors {
  return Object.fromEntries(
    parameters.map(({ name, dims }) => [
      `gradient.${name}`,
      new Tensor('float32', new Float32Array(size(dims)), dims),
    ]),
  );
}

/** A session with outputs `gradient.NAME`, some of which are added to inputs `sum.NAME`. */
export class GradientSession {
  private constructor(
    readonly parameters: Parameter[],
    private readonly summed: Parameter[],
    private readonly session: Session,
  ) {}

  static async open(
    { model, parameters, summed }: StepGraph,
    { device, threads }: { device: Device; threads: number },
  ): Promise<GradientSession> {
    const outputsOnDevice = parameters.map(({ name }) => `gradient.${name}`);
    const options = { device, threads, outputsOnDevice, inPlace: true };
    return new GradientSession(parameters, summed, await openSession(model, options));
  }

  /**
   * Runs into `into`, in host memory. What is there of summed gradients is added to. Input and output
   * share memory there: a sum is read by nothing but the node that writes it.
   */
  async fill(feeds: Tensors, into: Tensors): Promise<void> {
    const sums = this.summed.map(({ name }) => [`sum.${name}`, into[`gradient.${name}`]!]);
    await this.session.fill({ ...feeds, ...Object.fromEntries(sums) }, into);
  }

  /** Runs on a device. Sums, where it takes some, are among the feeds. */
  run(feeds: Tensors): Promise<Tensors> {
    return this.session.run(feeds);
  }

  /** Sets summed gradients in host memory to zero. */
  clear(gradients: Tensors): void {
    for (const { name } of this.summed)
      (gradients[`gradient.${name}`]!.data as Float32Array).fill(0);
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
