// The curves of one run, or of several over each other: loss, and recall on the held-out pictures.
'use client';

import type { RunDetailAnswer } from '#api';
import { LineChart, type Series } from '../_components/charts/LineChart';
import { useLanguage, useMessages } from '../_components/shell/language';
import { formatFor } from '../_lib/format';
import { messages } from './messages';

export function RunCurves({ runs }: { runs: readonly RunDetailAnswer[] }) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const [only] = runs.length === 1 ? runs : [];
  const until = Math.max(...runs.map(({ steps }) => steps ?? 0));
  const before = only?.recall.before ?? null;
  return (
    <>
      <LineChart
        title={text.lossCurve}
        across={text.step}
        until={until}
        format={(value) => value.toFixed(value < 10 ? 2 : 0)}
        series={runs.map((run) => ({
          name: only ? text.loss : run.name,
          points: run.curves.metrics.map(({ step, loss, low, high }) => ({
            x: step,
            y: loss,
            ...(only && low < high && { low, high }),
          })),
        }))}
      />
      <LineChart
        title={text.recallCurve}
        across={text.step}
        until={until}
        format={format.percent}
        level={before === null ? null : { name: text.beforeTraining, value: before }}
        series={only ? recallsOf(only, text) : runs.map((run) => meanRecall(run, run.name))}
      />
    </>
  );
}

function meanRecall({ curves }: RunDetailAnswer, name: string): Series {
  return { name, points: curves.validation.map(({ step, meanRecall: y }) => ({ x: step, y })) };
}

function recallsOf(run: RunDetailAnswer, text: (typeof messages)['en']): Series[] {
  const at1 = (name: string, way: 'textToImage' | 'imageToText') => ({
    name,
    points: run.curves.validation.map((row) => ({ x: row.step, y: row[way].r1 })),
  });
  return [
    meanRecall(run, text.meanRecall),
    at1(text.wordsToPictures, 'textToImage'),
    at1(text.pictureToWords, 'imageToText'),
  ];
}
