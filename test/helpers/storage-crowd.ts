import { createFileStorage } from '#storage/file';

/** Sixteen callers who create `<prefix>/<number>` with their process's name inside, and print each key that they were told is theirs. */
const [root, prefix, name, count] = process.argv.slice(2) as [string, string, string, string];
const storage = await createFileStorage(root);
let next = 0;
const caller = async () => {
  for (let i = next++; i < Number(count); i = next++) {
    const key = `${prefix}/${i}`;
    if (await storage.create(key, Buffer.from(`${name} ${key}`))) process.stdout.write(`${key}\n`);
  }
};
await Promise.all(Array.from({ length: 16 }, caller));
