// How Next builds and serves the app; nothing about the app itself.
import type { NextConfig } from 'next';

const config: NextConfig = {
  // Native add-ons and packages that read their own files at run time stay outside the bundle.
  serverExternalPackages: [
    '@huggingface/hub',
    '@huggingface/transformers',
    '@prisma/adapter-better-sqlite3',
    '@prisma/client',
    'better-sqlite3',
    'hnswlib-node',
    'onnxruntime-node',
    'prom-client',
    'protobufjs',
    'sharp',
  ],
  // `npm run typecheck` covers the whole tree; checking again here would only slow the first start.
  typescript: { ignoreBuildErrors: true },
  turbopack: {
    // The services read from the data folder, which is known only at run time. Turbopack warns that
    // it cannot trace such paths; this app runs from its own checkout, so there is nothing to trace.
    ignoreIssue: [{ path: '**/services/**', title: /file pattern|filesystem access/ }],
  },
  // A build takes seconds and is rare; the cache would take 100 MB and more time to write than it saves.
  experimental: { turbopackFileSystemCacheForBuild: false },
  // Title and icon are always in the head: streamed after it, they need JavaScript, and a browser that
  // has not seen the icon in time asks for /favicon.ico.
  htmlLimitedBots: /.*/,
  poweredByHeader: false,
  agentRules: false,
};

export default config;
