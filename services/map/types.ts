// What a map is. No implementation.

/** Places of pictures in two dimensions: those near each other look alike to one model. */
export interface PictureMap {
  /** The fingerprint of the model, and the catalog whose pictures these are. */
  model: string;
  catalog: string;
  /** When it was laid out, and when it last took pictures in; ISO 8601. */
  madeAt: string;
  updatedAt: string;
  /** Pictures that were laid out together; the others were placed among them. */
  base: number;
  /** Items, ascending. */
  ids: Uint32Array;
  /** x and y of each in turn, 0 to 65,535. */
  places: Uint16Array;
}

/** The largest coordinate. */
export const EDGE = 0xffff;

/** How far a map is, while one is made. */
export interface MapProgress {
  phase: 'reading' | 'neighbours' | 'layout' | 'placing';
  done: number;
  total: number;
}

export interface MapOptions {
  onProgress?: (progress: MapProgress) => void;
  /** When aborted, the map stays as it was. */
  signal?: AbortSignal;
}
