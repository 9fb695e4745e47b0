// Comma- or tab-separated values as RFC 4180 has them: quoted cells, doubled quotes, line breaks inside.

/**
 * The rows of a table; empty lines are left out.
 *
 * @param separator - one character.
 */
export function parseTable(content: string, separator: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const quoted = '"([^"]*(?:""[^"]*)*)"';
  const plain = `((?!")[^${separator}\\r\\n]*)`;
  const cell = new RegExp(`(?:${quoted}|${plain})(${separator}|\\r\\n?|\\n|$)`, 'y');
  while (cell.lastIndex < content.length) {
    const at = cell.lastIndex;
    const match = cell.exec(content);
    if (!match)
      throw new Error(`a quote that is not closed, or text after one, ${lineOf(content, at)}`);
    const [, inQuotes, bare = '', end] = match;
    row.push(inQuotes?.replaceAll('""', '"') ?? bare);
    if (end === separator && cell.lastIndex < content.length) continue;
    if (end === separator) row.push('');
    if (row.some((value) => value !== '')) rows.push(row);
    row = [];
  }
  return rows;
}

function lineOf(content: string, at: number): string {
  return `on line ${content.slice(0, at).split('\n').length}`;
}
