// Recall before and after training, both ways, with chance and the interval of the change.
'use client';

import type { ComparisonAnswer } from '#api';
import { useLanguage, useMessages } from '../_components/shell/language';
import { formatFor } from '../_lib/format';
import { messages } from './messages';
import styles from './training.module.css';

const CUTS = ['r1', 'r5', 'r10'] as const;
const WAYS = { textToImage: 'words', imageToText: 'picture' } as const;

export function RecallTable({
  comparison: { before, after, difference },
  note,
}: {
  comparison: ComparisonAnswer;
  /** On which pictures it was measured. */
  note: string;
}) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const rows = (['textToImage', 'imageToText'] as const).flatMap((way) =>
    CUTS.map((cut) => ({
      name: text.atCut(WAYS[way], Number(cut.slice(1))),
      chance: after[way].chance[cut],
      before: before[way][cut],
      after: after[way][cut],
      change: difference[way][cut],
    })),
  );
  const mean = {
    name: text.both,
    chance: rows.reduce((sum, { chance }) => sum + chance, 0) / rows.length,
    before: before.meanRecall.value,
    after: after.meanRecall.value,
    change: difference.meanRecall,
  };
  return (
    // A scroller is reached by keys only when it can have the focus.
    <div className={styles.scroll} role="group" aria-label={note} tabIndex={0}>
      <table className={`table ${styles.recall}`}>
        <caption>
          {text.pictures(format.count(after.pairs))}. {note}
        </caption>
        <thead>
          <tr>
            {[text.figure, text.chance, text.before, text.after, text.change].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...rows, mean].map(({ name, chance, before, after, change }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{format.percent(chance)}</td>
              <td>{format.percent(before)}</td>
              <td>
                <b>{format.percent(after)}</b>
              </td>
              <td data-sign={signOf(change.interval)}>
                {format.points(change.value)}{' '}
                <small>
                  ({format.points(change.interval[0])} … {format.points(change.interval[1])})
                </small>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Better or worse only where the whole interval says so. */
function signOf([low, high]: readonly [number, number]): 'better' | 'worse' | undefined {
  if (low > 0) return 'better';
  return high < 0 ? 'worse' : undefined;
}
