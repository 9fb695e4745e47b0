// Brings a database to the schema of prisma/migrations, without the network and without Prisma's
// native engine: the same schema engine as WebAssembly, over the same driver.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type * as SchemaEngineModule from '@prisma/schema-engine-wasm/schema_engine_bg';
import { config } from '#config';
import { createDatabase, exclusively, inTurn, openBulk, prismaAdapter } from './sqlite';

/**
 * Makes `file` a database with every migration applied. Quick when there is nothing to do. Processes
 * that come at the same time take turns. A new database is built beside and renamed, so that nobody
 * ever sees half of one.
 */
export async function migrate(file: string, folder = defaultFolder()): Promise<void> {
  const names = migrationNames(folder);
  if (await inTurn(() => isCurrent(file, names))) return;
  await mkdir(path.dirname(file), { recursive: true });
  await exclusively(`${file}.lock`, async () => {
    if (isCurrent(file, names)) return;
    if (existsSync(file)) return applyMigrations(file, folder, names);
    const beside = `${file}.new`;
    await rm(beside, { force: true });
    createDatabase(beside);
    await applyMigrations(beside, folder, names);
    await rename(beside, file);
  });
}

function defaultFolder(): string {
  return path.join(config().root, 'prisma', 'migrations');
}

function migrationNames(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Whether every named migration is on record as finished. Throws when a newer program was here. */
function isCurrent(file: string, names: string[]): boolean {
  if (!existsSync(file)) return false;
  const database = openBulk(file);
  try {
    const has = database.prepare(`SELECT 1 FROM sqlite_master WHERE name = '_prisma_migrations'`);
    if (has.get() === undefined) return false;
    const applied = database
      .prepare(
        'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
      )
      .pluck()
      .all() as string[];
    const unknown = applied.find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new Error(
        `it has the migration ${unknown}, which this version does not know; update Bifocal`,
      );
    }
    return names.every((name) => applied.includes(name));
  } catch (cause) {
    throw new Error(`${file} cannot be opened as a catalog: ${(cause as Error).message}`, {
      cause,
    });
  } finally {
    database.close();
  }
}

async function applyMigrations(file: string, folder: string, names: string[]): Promise<void> {
  const { bindMigrationAwareSqlAdapterFactory } = await import('@prisma/driver-adapter-utils');
  const { SchemaEngine } = await schemaEngine();
  const adapter = prismaAdapter(file);
  const connections = recordConnections(adapter);
  const schema = path.join(folder, '..', 'schema.prisma');
  const engine = await SchemaEngine.new(
    { datamodels: [[schema, readFileSync(schema, 'utf8')]] },
    () => {},
    bindMigrationAwareSqlAdapterFactory(adapter),
  );
  try {
    await engine.applyMigrations({
      migrationsList: {
        baseDir: folder,
        lockfile: {
          path: 'migration_lock.toml',
          content: readFileSync(path.join(folder, 'migration_lock.toml'), 'utf8'),
        },
        shadowDbInitScript: '',
        migrationDirectories: names.map((name) => ({
          path: name,
          migrationFile: {
            path: 'migration.sql',
            content: {
              tag: 'ok',
              value: readFileSync(path.join(folder, name, 'migration.sql'), 'utf8'),
            },
          },
        })),
      },
      filters: { externalTables: [], externalEnums: [] },
    });
  } catch (cause) {
    throw new Error(`${file}: a migration of ${folder} failed: ${String(cause)}`, { cause });
  } finally {
    engine.free();
    await Promise.all(connections.map((connection) => connection.dispose()));
  }
}

/** The engine opens connections and never closes them: this tells which. */
function recordConnections(factory: ReturnType<typeof prismaAdapter>): SqlDriverAdapter[] {
  const opened: SqlDriverAdapter[] = [];
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const connection = await connect();
    opened.push(connection);
    return connection;
  };
  return opened;
}

let loaded: Promise<typeof SchemaEngineModule> | undefined;

/**
 * Prisma's schema engine, instantiated once a process. Loaded by its path: a bundler that met the
 * package's name would try to pack what must stay a file.
 */
function schemaEngine(): Promise<typeof SchemaEngineModule> {
  loaded ??= (async () => {
    const folder = path.join(config().root, 'node_modules', '@prisma', 'schema-engine-wasm');
    const script = pathToFileURL(path.join(folder, 'schema_engine_bg.js')).href;
    const bindings = (await import(
      /* turbopackIgnore: true */ script
    )) as typeof SchemaEngineModule;
    const binary = await readFile(path.join(folder, 'schema_engine_bg.wasm'));
    const { instance } = await WebAssembly.instantiate(binary, {
      './schema_engine_bg.js': bindings as unknown as WebAssembly.ModuleImports,
    });
    bindings.__wbg_set_wasm(instance.exports);
    (instance.exports.__wbindgen_start as () => void)();
    return bindings;
  })();
  return loaded;
}
