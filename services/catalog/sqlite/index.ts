// Everything that is true of SQLite only: the rest of the catalog knows statements by their names.

export * from './browsing';
export * from './copy';
export * from './database';
export * from './ids';
export * from './migrations';
export * from './models';
export * from './reading';
export * from './storing';
export * from './turns';
export * from './upkeep';
export * from './words';
