// How the catalog writes metadata: Prisma transactions, each a writer from its first statement.

import type { Prisma, PrismaClient } from './prisma';
import { inTurn, TAKE_TURN } from './sqlite';

/** Long enough for the slowest disk; a transaction here is a few statements. */
const TIMEOUT_MS = 30_000;

/** Runs `work` in one transaction: all of it becomes visible, or nothing. May run it more than once. */
export function write<T>(
  prisma: PrismaClient,
  work: (tx: Prisma.TransactionClient) => Promise<T>,
): Promise<T> {
  return inTurn(() =>
    prisma.$transaction(
      async (tx) => {
        await tx.$executeRawUnsafe(TAKE_TURN);
        return work(tx);
      },
      { maxWait: TIMEOUT_MS, timeout: TIMEOUT_MS },
    ),
  );
}
