// Heat maps by one model, in this process. Running a graph blocks the thread; a server uses it through a
// process of its own (remote.ts).

import { preprocess, readModelFolder, type ModelFolder, type Preprocessing } from '#model';
import { openSession, Tensor, type Session } from '#runtime';
import { buildHeatGraph, FINE, type HeatGraph } from './heat-graph';
import { valueAt, type HeatMap } from './heat-map';

/** Less than this is rounding: behind a transformer's last block no place has a gradient. */
const NOTHING = 1e-7;

export class Explainer {
  private constructor(
    private readonly folder: ModelFolder,
    private readonly graph: HeatGraph,
    private readonly session: Session,
  ) {}

  /** Opens a model, a name or a folder. Throws one line if it cannot be explained. */
  static async open(model: string, threads?: number): Promise<Explainer> {
    const folder = await readModelFolder(model);
    const graph = await buildHeatGraph(folder);
    const session = await openSession(graph.model, threads === undefined ? {} : { threads });
    return new Explainer(folder, graph, session);
  }

  get preprocessing(): Preprocessing {
    return this.folder.preprocessing;
  }

  /**
   * The map over what the model sees of a picture: the square in its middle, or all of it squeezed, as
   * its preprocessing says.
   * @param query - of length one
   * @throws ImageError if the picture cannot be decoded
   */
  async heat(picture: string | Uint8Array, query: Float32Array): Promise<HeatMap> {
    const { preprocessing } = this.folder;
    const { height, width } = preprocessing;
    const pixels = await preprocess(picture, preprocessing);
    const outputs = await this.session.run({
      pixel_values: new Tensor('float32', pixels, [1, 3, height, width]),
      query: new Tensor('float32', query, [1, query.length]),
    });
    const maps = this.graph.grids.map((grid, n): HeatMap => {
      return { ...grid, values: outputs[`heat.${n}`]!.data as Float32Array };
    });
    return combined(maps.filter(isSomething));
  }

  close(): Promise<void> {
    return this.session.release();
  }
}

function isSomething({ values }: HeatMap): boolean {
  return values.some((value) => Math.abs(value) > NOTHING);
}

/**
 * What the last layer says, which knows most of what there is; where its grid is coarse, times what the
 * last fine one says of where.
 */
function combined([last, ...others]: HeatMap[]): HeatMap {
  if (last === undefined) return { rows: 1, columns: 1, values: new Float32Array(1) };
  const isFine = ({ rows, columns }: HeatMap) => Math.min(rows, columns) >= FINE;
  const fine = isFine(last) ? last : (others.find(isFine) ?? last);
  const { rows, columns } = fine;
  const values = Float32Array.from({ length: rows * columns }, (_, place) => {
    const own = Math.max(0, fine.values[place]!);
    if (fine === last) return own;
    const y = (Math.floor(place / columns) + 0.5) / rows;
    const x = ((place % columns) + 0.5) / columns;
    return own * Math.max(0, valueAt(last, x, y));
  });
  const most = Math.max(...values);
  return { rows, columns, values: most > 0 ? values.map((value) => value / most) : values };
}
