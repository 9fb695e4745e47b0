// Why a picture is like a query: where in it the match lies. Importing this loads no runtime.

export type { HeatMap } from './heat-map';
export type { Explanation, Question } from './protocol';
export { ExplainerProcess } from './remote';
export { renderHeat, seenPart } from './render';
