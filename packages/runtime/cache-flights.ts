export interface Flights<T> {
  has(key: string): boolean;
  /** Starts `work` or joins who has started it. It is aborted when nobody waits for it any more. */
  join(key: string, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
}

interface Flight<T> {
  result: Promise<T>;
  controller: AbortController;
  waiting: number;
}

/** Single flight in one process. */
export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Flight<T>>();

  function start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const flight: Flight<T> = { controller, waiting: 0, result: work(controller.signal).finally(() => land(key, flight)) };
    flights.set(key, flight);
    return flight;
  }
  const land = (key: string, flight: Flight<T>) => {
    if (flights.get(key) === flight) flights.delete(key);
  };

  return {
    has: (key) => flights.has(key),
    join(key, work, signal) {
      const flight = flights.get(key) ?? start(key, work);
      flight.waiting++;
      return new Promise<T>((resolve, reject) => {
        const leave = () => {
          flight.waiting--;
          if (flight.waiting === 0) {
            land(key, flight);
            flight.controller.abort(signal.reason);
          }
          reject(signal.reason);
        };
        signal.addEventListener('abort', leave, { once: true });
        flight.result.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
      });
    },
  };
}
