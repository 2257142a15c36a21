import { inject } from 'vitest';

// Set here and not in the worker's own start, so that its children carry the mark and the worker itself does not.
process.env['TMPDIR'] = inject('scratchDir');
