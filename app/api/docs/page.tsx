// GET /api/docs: the API for people, from the document that programs read. It needs no script.
import type { Metadata } from 'next';
import { openApiDocument } from '#api';
import { PageFrame } from '../../_components/shell/PageFrame';
import { version } from '../../../package.json';
import styles from './docs.module.css';
import { Operation, type OperationObject } from './Operation';

export const metadata: Metadata = { title: 'API · Bifocal' };

export default function Page() {
  const { paths } = openApiDocument(version) as {
    paths: Record<string, Record<string, OperationObject>>;
  };
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(all.flatMap(({ operation }) => operation.tags))];
  return (
    <div className={styles.docs} lang="en">
      <PageFrame title="API" intro="One JSON request away from everything that the pages do.">
        <p>
          The same as data: <a href="/api/v1/openapi.json">openapi.json</a> (OpenAPI 3.1). Where the
          server has a <code>BIFOCAL_TOKEN</code>, send it as <code>Authorization: Bearer …</code>.
          Failures are <code>application/problem+json</code> with one line in <code>detail</code>;
          401, 403, 421, 429 and 500 may befall any request. Figures for Prometheus are at{' '}
          <a href="/metrics">/metrics</a>.
        </p>
        <nav aria-label="Sections">
          {tags.map((tag) => (
            <a key={tag} href={`#${tag}`}>
              {tag}
            </a>
          ))}
        </nav>
        {tags.map((tag) => (
          <section key={tag}>
            <h2 id={tag}>{tag}</h2>
            {all
              .filter(({ operation }) => operation.tags.includes(tag))
              .map((one) => (
                <Operation key={one.operation.operationId} {...one} />
              ))}
          </section>
        ))}
      </PageFrame>
    </div>
  );
}
