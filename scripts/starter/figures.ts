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

/** Milliseconds of one text and one picture, each by itself on one thread. */
export interface Times {
  text: number;
  picture: number;
}

export interface Figures {
  /** The unseen vendor, asked by the names of each language. */
  languages: Record<string, Recalls>;
  outlines: Recalls;
  concepts: Recalls;
  clipart: Recalls;
  /** Tux Paint's stamps, asked by the sentences of each language. */
  stamps: Record<string, Recalls>;
  gallery: Record<string, GalleryFigures>;
  times: Times;
  fineTune: { pairs: number; seconds: number; before: Recalls; after: Recalls };
  /** Pictures that were trained on, by vendor or kind. */
  trainedOn: Record<string, number>;
}
