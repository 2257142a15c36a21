/**
 * Group commit: `commit(folder)` resolves after a flush of `folder` that STARTED after the call, and all calls that
 * arrive while one flush runs share the next one. So the flushes of a busy folder cost nothing per write.
 */
export function createGroupCommit(flush: (folder: string) => Promise<void>): (folder: string) => Promise<void> {
  const rounds = new Map<string, Round>();

  const start = (folder: string): Promise<void> => {
    const round: Round = { running: flush(folder), next: null };
    rounds.set(folder, round);
    const forget = () => {
      if (rounds.get(folder) === round && round.next === null) rounds.delete(folder);
    };
    round.running.then(forget, forget);
    return round.running;
  };

  return (folder) => {
    const round = rounds.get(folder);
    if (!round) return start(folder);
    round.next ??= round.running.then(
      () => start(folder),
      () => start(folder),
    );
    return round.next;
  };
}

interface Round {
  running: Promise<void>;
  next: Promise<void> | null;
}
