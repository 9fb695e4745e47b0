// What is measured of the starter model; evaluation.json holds it.

export interface Direction {
  r1: number;
  r5: number;
  r10: number;
  medianRank: number;
  /** Recall@10 of a random order. */
  chance10: number;
  /** 95 % interval of recall@10. */
  interval10: [number, number];
}

export interface Recalls {
  pictures: number;
  textToImage: Direction;
  imageToText: Direction;
}

export interface GalleryFigures {
  queries: number;
  /** Queries whose first picture is accepted, and with one among the first five. */
  first: number;
  firstFive: number;
  /** What came instead, by query: the first five. */
  missed: Record<string, string[]>;
}

/** Recall from words to pictures of concepts that as many drawings were trained on. */
export interface Coverage {
  drawings: string;
  pictures: number;
  r1: number;
  r10: number;
}

/** Milliseconds of one text and one picture, each by itself on one thread. */
export interface Times {
  text: number;
  picture: number;
}

/** Recall on a set's other pictures before and after the trainer's defaults learned from some. */
export interface FineTune {
  pairs: number;
  seconds: number;
  before: Recalls;
  after: Recalls;
}

export interface Figures {
  /** The unseen vendor, asked by the names of each language. */
  languages: Record<string, Recalls>;
  /** Of the unseen vendor's pictures, asked in English. */
  coverage: Coverage[];
  outlines: Recalls;
  concepts: Recalls;
  clipart: Recalls;
  /** Tux Paint's stamps, asked by the sentences of each language. */
  stamps: Record<string, Recalls>;
  gallery: Record<string, GalleryFigures>;
  times: Times;
  /** Of foreign sets, by their splits. */
  fineTunes: Record<'heldout-outlines' | 'heldout-stamps', FineTune>;
  /** Pictures that were trained on, by vendor or kind. */
  trainedOn: Record<string, number>;
}
