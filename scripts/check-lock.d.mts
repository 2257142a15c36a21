interface Lock {
  packages: object;
}

export function missingOptionalPackages(lock: Lock): { name: string; by: string }[];
export function isInstalled(lock: Lock, installed: Lock): boolean;
