/** Files out of what a person dropped, folders included. */

async function childrenOf(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = directory.createReader();
  const all: FileSystemEntry[] = [];
  // A reader hands over at most 100 entries at a time.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (some.length === 0) return all;
    all.push(...some);
  }
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => {
      (entry as FileSystemFileEntry).file(resolve, reject);
    });
    return [file];
  }
  const children = await childrenOf(entry as FileSystemDirectoryEntry);
  return (await Promise.all(children.map(filesOf))).flat();
}

/** System files that no one means to add. */
const isMeant = (file: File) => !file.name.startsWith(".") && file.name !== "Thumbs.db" && file.name !== "desktop.ini";

export async function droppedFiles(data: DataTransfer): Promise<File[]> {
  // Entries must be taken before the first await: the browser empties the list after the event.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry());
  if (entries.every((entry) => entry === null)) return [...data.files].filter(isMeant);
  const files = await Promise.all(entries.filter((entry) => entry !== null).map(filesOf));
  return files.flat().filter(isMeant);
}

export const chosenFiles = (list: FileList | null): File[] => [...(list ?? [])].filter(isMeant);
