// Orders of the bench carried out by @grpc/grpc-js, with its defaults: a line of JSON each, answered by a line (CallOrder.cs, CallTally.cs).
import { connect, input, zeros } from "../../../tests/Rpc/interop/common.mjs";

const clients = new Map();

async function call({ target, callers, seconds, size }) {
  if (!clients.has(target)) clients.set(target, connect(target));
  const client = clients.get(target);
  const request = { response_size: size, payload: zeros(size) };
  const times = [];
  const begun = performance.now();

  const one = () => new Promise((resolve, reject) => client.UnaryCall(request, (error, response) => {
    if (error) reject(error);
    else if (response.payload.body.length !== size) reject(new Error(`asked for ${size} bytes, got ${response.payload.body.length}`));
    else resolve();
  }));

  async function caller() {
    while (performance.now() - begun < seconds * 1000) {
      const start = performance.now();
      await one();
      times.push(performance.now() - start);
    }
  }

  await Promise.all(Array.from({ length: callers }, caller));
  const took = (performance.now() - begun) / 1000;
  const sorted = Float64Array.from(times).sort();
  const percentile = (part) => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
  return { calls: sorted.length, seconds: took, p50: percentile(0.5), p99: percentile(0.99) };
}

for await (const line of input()) {
  if (line) console.log(JSON.stringify(await call(JSON.parse(line))));
}
process.exit(0);
