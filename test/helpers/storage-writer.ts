import { createFileStorage } from '#storage/file';

/** A writer to be killed: creates keys without end and prints each one that is durable. */
const storage = await createFileStorage(process.argv[2]!);
const body = Buffer.alloc(200_000, 'x');
for (let i = 0; ; i++) {
  const key = `crash/k${i}`;
  await storage.create(key, body);
  process.stdout.write(`${key}\n`);
}
