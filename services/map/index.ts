// Maps: all pictures of a model in two dimensions, near each other where they look alike.

export { packMap, readMap } from './file';
export { EDGE, type MapProgress, type PictureMap } from './types';
export { compareMap, updateMap, type MapState } from './update';
