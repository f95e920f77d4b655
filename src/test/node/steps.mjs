// Takes the steps named on the command line after the gateway's address, as step=model, all at once, and prints as one JSON
// object what each has seen. What an SDK throws belongs to what was seen; a step that does not exist ends the program with 2.
export const gateway = process.argv[2];

export const question = { role: 'user', content: 'How is the weather in Oslo?' };

export const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city'],
};

export const result = '4 degrees, rain';

export async function take(steps) {
  const asked = process.argv.slice(3);
  const unknown = asked.filter((each) => !(each.split('=')[0] in steps));
  if (unknown.length > 0 || asked.length === 0) {
    console.error(`no such step: ${unknown}; there is: ${Object.keys(steps)}`);
    process.exit(2);
  }
  const all = await Promise.all(
    asked.map(async (each) => {
      const [step, model] = each.split('=');
      const seen = {};
      try {
        await steps[step](model, seen);
      } catch (e) {
        const { status, code, type, message } = e;
        seen.thrown = { name: e.constructor.name, status, code, type, message };
      }
      return [each, seen];
    }),
  );
  console.log(JSON.stringify(Object.fromEntries(all)));
}
