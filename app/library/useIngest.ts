// The ingests that the page shows: those that ran when it was opened, and those that it has started.
'use client';

import { useState } from 'react';
import { api } from '../_lib/api';

export interface Ingests {
  ids: readonly string[];
  /** Why the last could not be started, as the server says. */
  refusal: string | null;
  /** Resolves to whether it was started. */
  start(paths: string[], collection?: string): Promise<boolean>;
  /** Shows one no more. */
  close(id: string): void;
}

export function useIngest(running: readonly string[]): Ingests {
  const [ids, setIds] = useState(running);
  const [refusal, setRefusal] = useState<string | null>(null);
  return {
    ids,
    refusal,
    start: async (paths, collection = '') => {
      const parameters = { paths, ...(collection !== '' && { collection }) };
      try {
        const { id } = await api.startJob({ kind: 'ingest', parameters });
        setRefusal(null);
        setIds((before) => [id, ...before]);
        return true;
      } catch (error) {
        setRefusal((error as Error).message);
        return false;
      }
    },
    close: (id) => setIds((before) => before.filter((each) => each !== id)),
  };
}
