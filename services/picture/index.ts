// The door of this room: picture files to pixels, with limits, and one-line reasons when one cannot be read.
// What a model wants of the pixels is its room's affair.

export { ImageError } from './error';
export { decodePicture, openPicture, type Picture } from './open';
export type { Kernel, Pixels } from './decode';
