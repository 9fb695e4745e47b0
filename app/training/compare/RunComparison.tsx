// Runs side by side: curves over each other, settings and figures in a table, what differs in front.
'use client';

import Link from 'next/link';
import type { RunDetailAnswer } from '#api';
import { useLanguage, useMessages } from '../../_components/shell/language';
import { Notice } from '../../_components/shell/Notice';
import { PageFrame } from '../../_components/shell/PageFrame';
import { formatFor } from '../../_lib/format';
import { messages } from '../messages';
import { RunCurves } from '../RunCurves';
import { settingLabels, settingText } from '../settings';
import styles from '../training.module.css';

export function RunComparison({ runs }: { runs: RunDetailAnswer[] }) {
  const text = useMessages(messages);
  const language = useLanguage();
  const format = formatFor(language);
  const share = (value: number | null) => (value === null ? '–' : format.percent(value));
  const figures: [string, (run: RunDetailAnswer) => string][] = [
    [`${text.recall}, ${text.before.toLowerCase()}`, ({ recall }) => share(recall.before)],
    [
      `${text.recall}, ${text.after.toLowerCase()}`,
      ({ recall }) => share(recall.after ?? recall.best),
    ],
    [text.loss, ({ loss }) => (loss === null ? '–' : loss.toFixed(3))],
    [text.step, ({ step }) => format.count(step)],
  ];
  const names = [...new Set(runs.flatMap(({ settings }) => Object.keys(settings)))];
  const valueOf = (run: RunDetailAnswer, name: string) => settingText(run.settings[name]);
  const differs = (name: string) => new Set(runs.map((run) => valueOf(run, name))).size > 1;
  const labels = settingLabels[language];
  const settings = [...names.filter(differs), ...names.filter((name) => !differs(name))];
  return (
    <PageFrame title={text.compareTitle} within={{ href: '/training', name: text.all }}>
      {runs.length === 0 ? (
        <Notice title={text.nothingToCompare}>
          <p>{text.compareHint}</p>
        </Notice>
      ) : (
        <div className={styles.parts}>
          <section className={`card ${styles.curves}`}>
            <RunCurves runs={runs} />
          </section>
          <section className={`card ${styles.scroll}`}>
            <table className="table">
              <thead>
                <tr>
                  <td />
                  {runs.map(({ name }) => (
                    <th key={name} scope="col">
                      <Link href={`/training/${name}`} prefetch={false} className={styles.link}>
                        {name}
                      </Link>
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {figures.map(([name, show]) => (
                  <tr key={name}>
                    <th scope="row">{name}</th>
                    {runs.map((run) => (
                      <td key={run.name}>
                        <b>{show(run)}</b>
                      </td>
                    ))}
                  </tr>
                ))}
                {settings.map((name) => (
                  <tr key={name} data-differs={differs(name)}>
                    <th scope="row">{labels[name] ?? name}</th>
                    {runs.map((run) => (
                      <td key={run.name}>{valueOf(run, name)}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        </div>
      )}
    </PageFrame>
  );
}
