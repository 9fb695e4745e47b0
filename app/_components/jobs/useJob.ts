// A job followed from a component: drawn again each time that it has changed.
'use client';

import { useEffect, useEffectEvent, useState } from 'react';
import type { JobAnswer, JobDetailAnswer } from '#api';
import { api } from '../../_lib/api';

/**
 * The job as it is now; null until the first word of it, and while there is none to follow.
 * @param onEnd - called once, with the job as it ended
 */
export function useJob(
  id: string | null,
  onEnd: (job: JobDetailAnswer) => void = () => undefined,
): JobDetailAnswer | null {
  const [job, setJob] = useState<JobDetailAnswer | null>(null);
  const end = useEffectEvent(onEnd);
  useEffect(() => {
    if (id === null) return;
    const leaving = new AbortController();
    const follow = async () => {
      for await (const now of api.followJob(id, { signal: leaving.signal })) {
        if (leaving.signal.aborted) return;
        setJob(now);
        if (hasEnded(now)) end(now);
      }
    };
    // A job that is forgotten meanwhile is as good as none.
    follow().catch(() => undefined);
    return () => leaving.abort();
  }, [id]);
  return job?.id === id ? job : null;
}

export function hasEnded({ endedAt }: JobAnswer): boolean {
  return endedAt !== null;
}
