// How much views of a picture differ from it: what can be set, and the named strengths.

export interface Augmentation {
  /** Bounds of the cut's area as a share of the picture's; above 1 it reaches past the edges. */
  area: [number, number];
  /** Bounds of the cut's aspect ratio. */
  ratio: [number, number];
  /** Largest rotation, in degrees. */
  rotation: number;
  /** How far shapes are bent at most (`randomWarp`), as a share of the view's side. */
  warp: number;
  /** Largest relative change of brightness, contrast and saturation. */
  colour: number;
  /** Share of views that lose their colour. */
  grayscale: number;
  /** Share of views that are blurred. */
  blur: number;
  /** Share of views whose colours and textures become others, while shapes stay (`restyle`). */
  style: number;
  /** Share of views that are mirrored. Whether a run does is also a question of its captions: sides.ts. */
  flip: number;
}

const STRONG: Augmentation = {
  area: [0.5, 1.3],
  ratio: [0.8, 1.25],
  rotation: 12,
  warp: 0,
  colour: 0.3,
  grayscale: 0.05,
  blur: 0.1,
  style: 0,
  flip: 0.5,
};

/**
 * Named strengths. `style` and `warp` are `strong` for drawings that are to be known in other styles, and from other
 * hands, as well; `views` is for two views of a picture against each other (SimCLR, Chen et al. 2020).
 */
export const AUGMENTATIONS = {
  none: {
    area: [1, 1],
    ratio: [1, 1],
    rotation: 0,
    warp: 0,
    colour: 0,
    grayscale: 0,
    blur: 0,
    style: 0,
    flip: 0,
  },
  light: {
    area: [0.7, 1],
    ratio: [0.9, 1.1],
    rotation: 0,
    warp: 0,
    colour: 0.1,
    grayscale: 0,
    blur: 0,
    style: 0,
    flip: 0.5,
  },
  strong: STRONG,
  style: { ...STRONG, style: 0.3 },
  warp: { ...STRONG, warp: 0.1 },
  views: {
    area: [0.2, 1],
    ratio: [3 / 4, 4 / 3],
    rotation: 0,
    warp: 0,
    colour: 0.4,
    grayscale: 0.2,
    blur: 0.5,
    style: 0,
    flip: 0.5,
  },
} satisfies Record<string, Augmentation>;
