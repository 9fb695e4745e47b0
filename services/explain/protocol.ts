// What the two sides of the explaining process's channel say to each other. Values travel by structured clone.

import type { HeatMap } from './heat-map';
import type { Preprocessing } from '#preprocess';

/** Why a picture is like a query. */
export interface Question {
  /** The model's folder. */
  model: string;
  /** The picture's file. */
  picture: string;
  /** Of length one. */
  query: Float32Array;
}

export interface Explanation {
  map: HeatMap;
  /** How the model looks at pictures. */
  preprocessing: Preprocessing;
}

export type Asked = Question & { number: number };

export type Answered =
  { number: number; explanation: Explanation } | { number: number; name: string; message: string };
