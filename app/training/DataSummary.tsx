// What is to be known of a run's data before and after it was trained on: counts, cost, and what is wrong.
'use client';

import type { DataReportAnswer } from '#api';
import { useLanguage, useMessages } from '../_components/shell/language';
import { formatFor } from '../_lib/format';
import { defineMessages } from '../_lib/language';
import styles from './training.module.css';

const messages = defineMessages(
  {
    pictures: 'Pictures',
    split: 'Train · choose by · test',
    captions: 'Captions',
    captionsOf: (count: string, different: string, each: string) =>
      `${count}, ${different} different, ${each} a picture`,
    batches: 'Batches',
    batchesOf: (size: string, steps: string) => `of ${size}, ${steps} an epoch`,
    languages: 'Languages',
    unknown: 'too short to tell',
    time: 'Time',
    timeOf: (time: string, steps: string) => `about ${time} for ${steps} steps, evaluations on top`,
    notMeasured: 'not measured: it would not fit in memory',
    memory: 'Memory',
    memoryOf: (need: string, free: string) => `about ${need} of ${free} free`,
    mirroring: 'Mirroring',
    on: 'on',
    off: 'off',
    few: 'Fewer than 200 pictures: expect little. It learns words and shapes of your own only from more.',
    bare: (count: string) => `${count} pictures have no caption and are left out.`,
    missing: 'Not on the disk',
    unreadable: 'Cannot be read',
    equal: 'The same file twice',
    overlong: 'Captions that are cut',
    leaked: 'Held out and trained on too: recall shows what was memorised',
    leakedAlike: 'Held out, but looks like one that is trained on',
    shared: 'Captions of several pictures',
    lookAlikes: 'Look alike',
    tight: 'It needs more memory than is free: choose a smaller micro-batch, or adapters.',
    noBatch: 'There are too few pictures for one whole batch.',
    more: (count: string) => `and ${count} more`,
  },
  {
    pictures: '图片',
    split: '训练 · 选择 · 测试',
    captions: '说明',
    captionsOf: (count: string, different: string, each: string) =>
      `${count} 条，${different} 条不同，每张 ${each} 条`,
    batches: '批次',
    batchesOf: (size: string, steps: string) => `每批 ${size}，每轮 ${steps} 批`,
    languages: '语言',
    unknown: '太短，无法判断',
    time: '时间',
    timeOf: (time: string, steps: string) => `${steps} 步约需 ${time}，另加评估时间`,
    notMeasured: '未测量：内存不足',
    memory: '内存',
    memoryOf: (need: string, free: string) => `约需 ${need}，可用 ${free}`,
    mirroring: '镜像',
    on: '开',
    off: '关',
    few: '少于 200 张图片：效果有限。图片更多，模型才能学到您自己的词语和形状。',
    bare: (count: string) => `${count} 张图片没有说明，不参与训练。`,
    missing: '不在磁盘上',
    unreadable: '无法读取',
    equal: '重复的文件',
    overlong: '被截断的说明',
    leaked: '既被留出又参与训练：召回率反映的是记忆',
    leakedAlike: '被留出，但与训练图片相似',
    shared: '多张图片共用的说明',
    lookAlikes: '外观相似',
    tight: '所需内存超过可用内存：请选择较小的微批，或使用适配器。',
    noBatch: '图片太少，不足一个完整批次。',
    more: (count: string) => `另有 ${count} 个`,
  },
);

/** Fewer pictures bring little (README: "from 200 drawings it learns little"). */
const FEW = 200;

type Found = DataReportAnswer['data']['missing'];

export function DataSummary({ report }: { report: DataReportAnswer }) {
  const text = useMessages(messages);
  const language = useLanguage();
  const format = formatFor(language);
  const { data, split, batch, estimate, flip } = report;
  const names = new Intl.DisplayNames(language, { type: 'language' });
  const facts: [string, string][] = [
    [text.pictures, format.count(data.pictures)],
    [text.split, [split.train, split.validation, split.test].map(format.count).join(' · ')],
    [
      text.captions,
      text.captionsOf(
        format.count(data.captions),
        format.count(data.differentCaptions),
        data.captionsPerPicture.toFixed(1),
      ),
    ],
    [text.batches, text.batchesOf(format.count(batch.size), format.count(batch.stepsPerEpoch))],
    [
      text.languages,
      data.languages
        .slice(0, 3)
        .map(({ language: code, share }) => {
          const name = code === null ? text.unknown : names.of(code);
          return `${name} ${format.percent(share)}`;
        })
        .join(', '),
    ],
    [text.mirroring, `${flip.flip ? text.on : text.off}`],
  ];
  if (estimate !== null) {
    const { seconds, steps, bytes, free } = estimate;
    facts.push(
      [
        text.time,
        seconds === null
          ? text.notMeasured
          : text.timeOf(format.duration(seconds), format.count(steps)),
      ],
      [text.memory, text.memoryOf(format.bytes(bytes), format.bytes(free))],
    );
  }
  return (
    <>
      <Warnings report={report} />
      <dl className={styles.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Finds name={text.shared} found={data.shared} />
      <Finds name={text.lookAlikes} found={data.lookAlikes} />
    </>
  );
}

/** What makes a run worse, or its figures worthless. */
function Warnings({
  report: { data, split, batch, leakage, estimate },
}: {
  report: DataReportAnswer;
}) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const lines = [
    batch.stepsPerEpoch === 0 && text.noBatch,
    batch.stepsPerEpoch > 0 && split.train + split.validation < FEW && text.few,
    data.bare > 0 && text.bare(format.count(data.bare)),
    estimate !== null && estimate.bytes > estimate.free && text.tight,
  ].filter((line) => line !== false);
  const finds: [string, Found | null | undefined][] = [
    [text.leaked, leakage?.same],
    [text.unreadable, data.unreadable],
    [text.missing, data.missing],
    [text.leakedAlike, leakage?.lookAlikes],
    [text.equal, data.equal],
    [text.overlong, data.overlong],
  ];
  const found = finds.filter(([, one]) => (one?.count ?? 0) > 0);
  if (lines.length + found.length === 0) return null;
  return (
    <ul className={styles.warnings}>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
      {found.map(([name, one]) => (
        <li key={name}>
          <Finds name={name} found={one ?? null} />
        </li>
      ))}
    </ul>
  );
}

/** A count, and on demand the first of what was found. */
function Finds({ name, found }: { name: string; found: Found | null }) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  if (found === null || found.count === 0) return null;
  const { count, first } = found;
  return (
    <details className={styles.finds}>
      <summary>
        {name}: {format.count(count)}
      </summary>
      <ul>
        {first.map((one) => (
          <li key={one}>{one}</li>
        ))}
        {count > first.length && <li>{text.more(format.count(count - first.length))}</li>}
      </ul>
    </details>
  );
}
