import { parentPort, workerData } from 'node:worker_threads';
import { findBeats } from './beats.ts';

/** The program of a thread that is given samples and answers with their beats. */
parentPort?.postMessage(findBeats(workerData));
