// The one place that knows onnxruntime-node: devices, sessions, tensors.

export { devices, resolveDevice } from './devices';
export type { Device } from './devices';
export { download } from './download';
export { fastestDevice } from './fastest';
export type { DeviceChoice } from './fastest';
export { deviceFailure } from './probe';
export { openSession, Session, Tensor } from './session';
export type { SessionOptions, TensorInfo } from './session';
