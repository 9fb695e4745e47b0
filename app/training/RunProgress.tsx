// How far a run is: a bar with what is going on and the time left, from the job that works on it.
'use client';

import type { JobAnswer } from '#api';
import { useLanguage, useMessages } from '../_components/shell/language';
import { ProgressBar } from '../_components/shell/ProgressBar';
import { formatFor } from '../_lib/format';
import { messages } from './messages';

interface Detail {
  phase?: 'evaluate' | 'train';
  secondsLeft?: number;
}

/** The job's own word where there is one; of a run on the command line only its steps are known. */
export function RunProgress({
  job,
  step,
  steps,
}: {
  job: JobAnswer | null;
  step: number;
  steps: number | null;
}) {
  const text = useMessages(messages);
  const format = formatFor(useLanguage());
  const { phase, secondsLeft } = (job?.progress?.detail ?? {}) as Detail;
  if (steps === null || (step === 0 && phase !== 'train'))
    return <ProgressBar label={text.getting} />;
  const where = text.steps(format.count(step), format.count(steps));
  const left = secondsLeft === undefined ? '' : ` · ${text.timeLeft(format.duration(secondsLeft))}`;
  return (
    <ProgressBar
      label={phase === 'evaluate' ? text.measuring : text.training}
      detail={where + left}
      value={step}
      max={steps}
    />
  );
}
