// Lint rules. The part worth reading is `rooms`: which room may import which (docs/architecture.md).
import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Each room with the rooms it may enter. Arrows go down only; a room's one door is its index.ts. */
const rooms = {
  onnx: [],
  runtime: ['onnx'],
  autodiff: ['onnx'],
  vectors: ['onnx', 'runtime'],
  captions: [],
  picture: [],
  catalog: [],
  model: ['onnx', 'runtime', 'picture'],
  engine: ['model', 'catalog', 'vectors'],
  search: ['engine', 'model', 'catalog', 'vectors'],
  ingest: ['engine', 'model', 'catalog', 'captions', 'picture'],
  map: ['catalog', 'vectors'],
  check: ['engine', 'catalog', 'vectors'],
  jobs: ['catalog'],
  api: ['catalog', 'jobs'],
  client: ['api'],
  runs: ['catalog', 'training'],
  gate: [],
  explain: ['training', 'model', 'autodiff', 'runtime', 'onnx'],
  training: [
    'engine',
    'model',
    'catalog',
    'captions',
    'vectors',
    'autodiff',
    'runtime',
    'onnx',
    'picture',
  ],
};

/** Packages that only one room may import, so that a format or a driver stays at its border. */
const owners = {
  'onnxruntime-node': 'runtime',
  protobufjs: 'onnx',
  'hnswlib-node': 'vectors',
  'better-sqlite3': 'catalog',
  '@prisma/*': 'catalog',
  '@huggingface/*': 'model',
};

/** The import restrictions of one room: no room beside or above it, no door but index.ts, no foreign driver. */
function restrictions(room, allowed) {
  const closed = Object.keys(rooms).filter((other) => other !== room && !allowed.includes(other));
  const foreign = Object.keys(owners).filter((name) => owners[name] !== room);
  return [
    'error',
    {
      patterns: [
        ...(closed.length === 0
          ? []
          : [
              {
                group: closed.map((other) => `#${other}`),
                message: `services/${room} may import only: ${allowed.join(', ') || 'no other room'}.`,
              },
            ]),
        {
          group: ['../../*', '**/services/*', '../app/**', '../scripts/**', `#${room}`],
          message: 'Enter another room through its door (#room); inside a room use ./ or ../.',
        },
        { group: foreign, message: 'This package belongs to another room; call that room.' },
      ],
    },
  ];
}

export default tseslint.config(
  { ignores: ['node_modules', '.next', 'var', 'prisma/client', 'next-env.d.ts'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { attributes: false } },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.{mjs,js}'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', fetch: 'readonly' },
    },
  },
  {
    files: ['app/**/*.tsx'],
    plugins: { 'react-hooks': hooks },
    rules: hooks.configs.recommended.rules,
  },
  { files: ['scripts/**'], rules: { 'no-console': 'off' } },
  ...Object.entries(rooms).map(([room, allowed]) => ({
    files: [`services/${room}/**/*.ts`],
    rules: { 'no-restricted-imports': restrictions(room, allowed) },
  })),
);
