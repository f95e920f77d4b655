// The frame of a client's program: one operation for each line of the standard input, one JSON object for each answer.
import { createInterface } from 'node:readline';

export const gateway = process.argv[2];

export const city = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city', 'days'],
  additionalProperties: false,
};

export const user = (content) => ({ role: 'user', content });

// Calls the operation that each line names with what was asked and an object for what is seen.
export async function serve(operations) {
  for await (const line of createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    const seen = {};
    if (!operations[asked.do]) {
      seen.offered = false;
    } else {
      try {
        await operations[asked.do](asked, seen);
      } catch (e) {
        const from = e.url ? ` (${new URL(e.url).pathname})` : '';
        seen.error = `${e.constructor.name}: ${e.message}${from}`.slice(0, 500);
      }
    }
    console.log(JSON.stringify(seen));
  }
}

// A client that tells of a broken stream beside the call that reads it must not end the program.
process.on('unhandledRejection', (e) => console.error('unhandled', e));
