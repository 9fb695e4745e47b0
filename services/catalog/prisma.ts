// The one import of the generated Prisma client, which lies beside its schema (npm run setup makes it).

// eslint-disable-next-line no-restricted-imports -- generated code, outside every room
export { Prisma, PrismaClient } from '../../prisma/client/client';
