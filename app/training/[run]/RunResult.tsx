// What came out of a run: recall before and after, and under the table the button that lets the model serve.
'use client';

import type { RunDetailAnswer } from '#api';
import { useLanguage, useMessages } from '../../_components/shell/language';
import { formatFor } from '../../_lib/format';
import { messages } from '../messages';
import { Promote } from '../Promote';
import { RecallTable } from '../RecallTable';
import styles from '../training.module.css';

interface Props {
  run: RunDetailAnswer;
  onChange: () => void;
}

export function RunResult({ run, onChange }: Props) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const { report } = run;
  if (report === null) return null;
  const { evaluation, test, warnings, skipped } = report;
  return (
    <section className="card">
      <h2>{text.result}</h2>
      {test !== null && <RecallTable comparison={test} note={text.onTest} />}
      {evaluation !== null && <RecallTable comparison={evaluation} note={text.chosenBy} />}
      {warnings.length > 0 && (
        <ul className={styles.warnings} aria-label={text.warnings}>
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      {skipped.length > 0 && (
        <p className={styles.small}>{text.skipped(format.count(skipped.length))}</p>
      )}
      {report.alpha === 0 ? (
        <p className={styles.small}>{text.unchanged}</p>
      ) : (
        <Promote run={run.name} serves={run.serves} onChange={onChange} />
      )}
    </section>
  );
}
