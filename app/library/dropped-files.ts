// The files of a drop, those in dropped folders too, as far as they may be pictures.

const PICTURE = /\.(jpe?g|png|webp|avif|gif|tiff?|svg|heic|heif)$/i;

export function mayBePicture(file: File): boolean {
  return file.type.startsWith('image/') || PICTURE.test(file.name);
}

/** To be called while the event is handled: afterwards the browser has let go of what was dropped. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const plain = [...transfer.files];
  const files = entries.length === 0 ? plain : (await Promise.all(entries.map(filesOf))).flat();
  return files.filter(mayBePicture);
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.name.startsWith('.')) return [];
  if (entry.isFile) {
    return [
      await new Promise<File>((resolve, reject) =>
        (entry as FileSystemFileEntry).file(resolve, reject),
      ),
    ];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inside: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) break;
    inside.push(...some);
  }
  return (await Promise.all(inside.map(filesOf))).flat();
}
