// Another model takes over: the job that embeds, indexes and switches, started when this is drawn, and how far it is.
'use client';

import { useEffect, useRef, useState } from 'react';
import { api } from '../../_lib/api';
import { formatFor } from '../../_lib/format';
import { defineMessages } from '../../_lib/language';
import { Button } from '../shell/Button';
import { useLanguage, useMessages } from '../shell/language';
import { ProgressBar } from '../shell/ProgressBar';
import styles from './ModelSwitch.module.css';
import { useJob } from './useJob';

const messages = defineMessages(
  {
    preparing: (model: string) => `${model}: loading`,
    embedding: (model: string) => `${model}: embedding the pictures`,
    switching: 'Changing over',
    of: (done: string, total: string) => `${done} of ${total}`,
    stop: 'Stop',
    close: 'Close',
    stopped: 'Stopped. What is embedded stays: the next time it goes on from there.',
    failed: (reason: string) => `That did not work: ${reason}`,
  },
  {
    preparing: (model: string) => `正在加载 ${model}`,
    embedding: (model: string) => `${model}：正在为图片生成向量`,
    switching: '正在切换',
    of: (done: string, total: string) => `${done} / ${total}`,
    stop: '停止',
    close: '关闭',
    stopped: '已停止。已生成的向量会保留，下次从这里继续。',
    failed: (reason: string) => `未能完成：${reason}`,
  },
);

/** Milliseconds between two looks whether the server has changed over, and looks at most. */
const LOOK = 300;
const LOOKS = 100;

export function ModelSwitch({ model, onDone }: { model: string; onDone: () => void }) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const [id, setId] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const begun = useRef(false);
  useEffect(() => {
    // Development draws everything twice; two jobs would be one too many.
    if (begun.current) return;
    begun.current = true;
    api.startJob({ kind: 'modelUse', parameters: { model } }).then(
      (job) => setId(job.id),
      (error: Error) => setFailure(error.message),
    );
  }, [model]);
  const job = useJob(id, (ended) => {
    if (ended.state === 'done') void changedOver(ended.result).then(onDone);
  });

  if (failure !== null || job?.state === 'failed' || job?.state === 'stopped') {
    const why = failure ?? job?.error;
    return (
      <div className={styles.ended} role="alert">
        <p>{job?.state === 'stopped' ? text.stopped : text.failed(why ?? '')}</p>
        <Button small onClick={onDone}>
          {text.close}
        </Button>
      </div>
    );
  }
  const { done: so, total } = job?.progress ?? {};
  const label =
    job?.state === 'done'
      ? text.switching
      : so === undefined
        ? text.preparing(model)
        : text.embedding(model);
  return (
    <div className={styles.running} role="status">
      <ProgressBar
        label={label}
        detail={
          so === undefined || total === undefined
            ? undefined
            : text.of(format.count(so), format.count(total))
        }
        value={so}
        max={total}
      />
      {job?.state === 'running' && (
        <Button small onClick={() => void api.stopJob(job.id)}>
          {text.stop}
        </Button>
      )}
    </div>
  );
}

/** A server notices a new model by itself, a moment after the job: until then the old one answers. */
async function changedOver(result: unknown): Promise<void> {
  const { model } = result as { model: string };
  for (let look = 0; look < LOOKS; look++) {
    const status = await api.status().catch(() => null);
    if (status?.model === model || status?.error) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}
