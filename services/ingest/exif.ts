// One thing out of an EXIF block: when the picture was taken. EXIF is a TIFF: a header, then tables of
// 12-byte entries (tag, type, count, value or where it is).

const DATE_TIME = 0x0132;
const EXIF_TABLE = 0x8769;
const DATE_TIME_ORIGINAL = 0x9003;

/** The time a picture was taken (else last changed), read as UTC since most cameras give no zone. */
export function readTakenAt(exif: Buffer): Date | undefined {
  const start = exif.toString('latin1', 0, 6) === 'Exif\0\0' ? 6 : 0;
  const tiff = exif.subarray(start);
  try {
    const order = tiff.toString('latin1', 0, 2);
    if (order !== 'II' && order !== 'MM') return undefined;
    const reader = new Reader(tiff, order === 'II');
    const main = reader.table(reader.uint32(4));
    const inner = main.get(EXIF_TABLE);
    const original =
      inner === undefined ? undefined : reader.table(reader.uint32(inner)).get(DATE_TIME_ORIGINAL);
    const entry = original ?? main.get(DATE_TIME);
    return entry === undefined ? undefined : parseDate(reader.text(entry, 19));
  } catch (error) {
    if (error instanceof RangeError) return undefined; // Points outside itself: damaged.
    throw error;
  }
}

class Reader {
  constructor(
    private readonly bytes: Buffer,
    private readonly littleEndian: boolean,
  ) {}

  uint16(at: number): number {
    return this.littleEndian ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at);
  }

  uint32(at: number): number {
    return this.littleEndian ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }

  /** The entries of the table at `at`: tag to the position of its value field. */
  table(at: number): Map<number, number> {
    const entries = Array.from({ length: this.uint16(at) }, (_, n) => at + 2 + 12 * n);
    return new Map(entries.map((entry) => [this.uint16(entry), entry + 8]));
  }

  /** A text too long for its field, which then says where it is. */
  text(field: number, length: number): string {
    const at = this.uint32(field);
    return this.bytes.toString('latin1', at, at + length);
  }
}

/** `2024:05:06 07:08:09` */
function parseDate(text: string): Date | undefined {
  const match = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(text);
  if (!match) return undefined;
  const date = new Date(`${match[1]}-${match[2]}-${match[3]}T${match[4]}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
