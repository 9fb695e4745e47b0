// How often one client may ask for what is expensive: a bucket of turns that fills up again with time.

interface Rule {
  method: string;
  path: RegExp;
  /** Turns in a full bucket. */
  burst: number;
  perSecond: number;
  /** Also for clients on this machine, who could use its processor anyway. */
  everybody?: boolean;
}

const RULES: Rule[] = [
  { method: 'POST', path: /^\/login$/, burst: 10, perSecond: 0.1, everybody: true },
  { method: 'POST', path: /^\/api\/v1\/(search|embeddings)\b/, burst: 120, perSecond: 30 },
  { method: 'POST', path: /^\/api\/v1\/jobs/, burst: 30, perSecond: 0.5 },
  { method: 'GET', path: /^(\/|\/api\/v1\/(models\/[^/]+\/)?search)$/, burst: 300, perSecond: 60 },
  { method: 'GET', path: /^\/api\/v1\/items\/\d+\/why$/, burst: 60, perSecond: 5 },
  { method: 'GET', path: /^\/api\/v1\/items\/archive$/, burst: 30, perSecond: 0.5 },
];

/** Buckets remembered; one that is dropped is full again. */
const REMEMBERED = 10_000;

interface Bucket {
  turns: number;
  at: number;
}

export class Limits {
  private readonly buckets = new Map<string, Bucket>();

  /** Seconds until this client may ask this again; 0 if it may now, which takes a turn. */
  wait(
    {
      method,
      path,
      client,
      local,
    }: { method: string; path: string; client: string; local: boolean },
    now = Date.now(),
  ): number {
    // What is asked for its headers alone is made all the same.
    const asked = method === 'HEAD' ? 'GET' : method;
    const number = RULES.findIndex((rule) => rule.method === asked && rule.path.test(path));
    const rule = RULES[number];
    if (rule === undefined || (local && !rule.everybody)) return 0;
    const key = `${number} ${client}`;
    const bucket = this.buckets.get(key) ?? { turns: rule.burst, at: now };
    const grown = bucket.turns + ((now - bucket.at) / 1000) * rule.perSecond;
    const turns = Math.min(rule.burst, grown);
    const may = turns >= 1;
    this.buckets.delete(key);
    this.buckets.set(key, { turns: may ? turns - 1 : turns, at: now });
    if (this.buckets.size > REMEMBERED) this.buckets.delete(this.buckets.keys().next().value!);
    return may ? 0 : Math.ceil((1 - turns) / rule.perSecond);
  }
}
