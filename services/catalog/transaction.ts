// How the catalog writes: one transaction at a time in a process, each a writer from its first statement.

import type { Prisma, PrismaClient } from './prisma';
import { TAKE_TURN } from './sqlite';

export type Transaction = Prisma.TransactionClient;

/** Long enough for another process to store a large batch first. */
const PATIENCE_MS = 60_000;

/**
 * Runs `work` in one transaction: all of it becomes visible, or nothing. Every write of the catalog
 * goes through here, since Prisma's transactions in one process share one connection.
 */
export function write<T>(prisma: PrismaClient, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return prisma.$transaction(
    async (tx) => {
      await tx.$executeRawUnsafe(TAKE_TURN);
      return work(tx);
    },
    { maxWait: PATIENCE_MS, timeout: PATIENCE_MS },
  );
}
