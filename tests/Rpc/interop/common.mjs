// What the scripts share: the test service's definition, and how a script ends.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));

export const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");

const tests = join(here, "..", "Protos");
const product = join(here, "..", "..", "..", "src", "Rpc", "Protos");

/** The package that a .proto file defines, as grpc-js wants it. */
export function load(file, options = {}) {
  return grpc.loadPackageDefinition(loader.loadSync(file, { includeDirs: [tests, product], keepCase: true, longs: Number, ...options })).grpc;
}

export const testing = load("grpc/testing/test.proto").testing;

export const zeros = (size) => ({ body: Buffer.alloc(size) });

/** A client of the test service. */
export const connect = (target, options = {}) => new testing.TestService(target, grpc.credentials.createInsecure(), options);

/** Runs one case of a table by name; the last line says how it went. */
export async function runCase(cases, name, ...args) {
  const test = cases[name];
  if (!test) throw new Error(`there is no case ${name}`);
  try {
    await test(...args);
    console.log("ok");
    process.exit(0);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
}

/** The error of something that must fail. */
export async function failure(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`it did not fail, but gave ${JSON.stringify(value)}`);
}

/** A unary call as a promise of its response, with the metadata that came. */
export function unary(client, method, request, metadata = new grpc.Metadata(), options = {}) {
  return new Promise((resolve, reject) => {
    const seen = {};
    const call = client[method](request, metadata, options, (error, response) => {
      seen.response = response;
      if (error) reject(error);
    });
    call.on("metadata", (headers) => (seen.headers = headers));
    call.on("status", (status) => {
      seen.trailers = status.metadata;
      if (status.code === 0) setImmediate(() => resolve(seen));
    });
  });
}

/** All messages of a stream, or its error. */
export function collect(call) {
  return new Promise((resolve, reject) => {
    const messages = [];
    call.on("data", (message) => messages.push(message));
    call.on("error", reject);
    call.on("status", (status) => {
      if (status.code === 0) setImmediate(() => resolve(messages));
    });
  });
}

/** The next message of a stream that goes on. */
export const next = (call) => new Promise((resolve, reject) => {
  const done = (how) => (value) => {
    call.off("data", onData).off("error", onError);
    how(value);
  };
  const onData = done(resolve);
  const onError = done(reject);
  call.on("data", onData).on("error", onError);
});

/** The lines that the test writes. */
export async function* input() {
  let rest = "";
  for await (const chunk of process.stdin) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    yield* lines;
  }
}
