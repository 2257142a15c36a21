import { addressOf, hasKey, send } from '../api.ts';

/** The browser itself fetches with no key, so what needs one is fetched here, into memory. */
export const needsMemory = hasKey;

/** An address that an `img` or `video` can take; what was put into memory is let go when the page is left. */
export async function toMediaAddress(url: string, signal: AbortSignal): Promise<string> {
  if (!needsMemory()) return addressOf(url);
  const address = URL.createObjectURL(await (await send(url, { signal })).blob());
  signal.addEventListener('abort', () => URL.revokeObjectURL(address), { once: true });
  return address;
}

/** Saves an output under its name. */
export async function saveOutput(url: string, name: string): Promise<void> {
  const link = document.createElement('a');
  const blob = needsMemory() ? await (await send(url)).blob() : null;
  link.href = blob ? URL.createObjectURL(blob) : addressOf(url);
  link.download = name;
  link.click();
  if (blob) setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it after the click
}
