// A job that a component starts when asked to, and follows until it ends.
'use client';

import { useState } from 'react';
import type { JobDetailAnswer } from '#api';
import { api } from '../../_lib/api';
import { useJob } from './useJob';

type Started = Parameters<typeof api.startJob>[0];

/**
 * `id` is null while none runs; `failure` is why the last one was refused or failed, in one line.
 * @param onEnd - called once a job, with the job as it ended
 */
export function useStartedJob(onEnd: (job: JobDetailAnswer) => void) {
  const [id, setId] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const job = useJob(id, (ended) => {
    setId(null);
    if (ended.state === 'failed') setFailure(ended.error);
    onEnd(ended);
  });
  const start = (wanted: Started) => {
    setFailure(null);
    api
      .startJob(wanted)
      .then((started) => setId(started.id))
      .catch((error: Error) => setFailure(error.message));
  };
  return { id, job, failure, start };
}
