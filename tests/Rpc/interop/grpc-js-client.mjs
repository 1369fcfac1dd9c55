// The public interoperability cases, by @grpc/grpc-js: node grpc-js-client.mjs CASE HOST:PORT
import assert from "node:assert/strict";
import { collect, connect, failure, grpc, input, load, next, runCase, testing, unary, zeros } from "./common.mjs";

const limit = 4 * 1024 * 1024;
const { status } = grpc;

const sizes = (...list) => ({ response_parameters: list.map((size) => ({ size })) });

const noRetry = { "grpc.enable_retries": 0 };

const cases = {
  async empty_unary(target) {
    assert.deepEqual((await unary(connect(target), "EmptyCall", {})).response, {});
  },

  async large_unary(target) {
    const { response } = await unary(connect(target), "UnaryCall", { response_size: 314159, payload: zeros(271828) });
    assert.equal(response.payload.body.length, 314159);
  },

  async client_streaming(target) {
    const response = await new Promise((resolve, reject) => {
      const call = connect(target).StreamingInputCall((error, value) => (error ? reject(error) : resolve(value)));
      for (const size of [27182, 8, 1828, 45904]) call.write({ payload: zeros(size) });
      call.end();
    });
    assert.equal(response.aggregated_payload_size, 74922);
  },

  async server_streaming(target) {
    const responses = await collect(connect(target).StreamingOutputCall(sizes(31415, 9, 2653, 58979)));
    assert.deepEqual(responses.map((response) => response.payload.body.length), [31415, 9, 2653, 58979]);
  },

  async ping_pong(target) {
    const call = connect(target).FullDuplexCall();
    for (const [ask, send] of [[31415, 27182], [9, 8], [2653, 1828], [58979, 45904]]) {
      call.write({ ...sizes(ask), payload: zeros(send) });
      assert.equal((await next(call)).payload.body.length, ask);
    }
    const rest = collect(call);
    call.end();
    assert.deepEqual(await rest, []);
  },

  async empty_stream(target) {
    const call = connect(target).FullDuplexCall();
    call.end();
    assert.deepEqual(await collect(call), []);
  },

  async custom_metadata(target) {
    const metadata = new grpc.Metadata();
    metadata.set("x-grpc-test-echo-initial", "test_initial_metadata_value");
    metadata.set("x-grpc-test-echo-trailing-bin", Buffer.from([0xab, 0xab, 0xab]));
    const seen = await unary(connect(target), "UnaryCall", { response_size: 10 }, metadata);
    assert.deepEqual(seen.headers.get("x-grpc-test-echo-initial"), ["test_initial_metadata_value"]);
    assert.deepEqual(seen.trailers.get("x-grpc-test-echo-trailing-bin"), [Buffer.from([0xab, 0xab, 0xab])]);

    const call = connect(target).FullDuplexCall(metadata);
    const headers = new Promise((resolve) => call.on("metadata", resolve));
    const trailers = new Promise((resolve) => call.on("status", (value) => resolve(value.metadata)));
    call.write(sizes(1));
    call.end();
    call.resume();
    assert.deepEqual((await headers).get("x-grpc-test-echo-initial"), ["test_initial_metadata_value"]);
    assert.deepEqual((await trailers).get("x-grpc-test-echo-trailing-bin"), [Buffer.from([0xab, 0xab, 0xab])]);
  },

  status_code_and_message: (target) => echoes(target, "test status message"),

  special_status_message: (target) => echoes(target, "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"),

  async unimplemented_method(target) {
    const error = await failure(unary(connect(target), "UnimplementedCall", {}));
    assert.equal(error.code, status.UNIMPLEMENTED);
  },

  async unimplemented_service(target) {
    const client = new testing.UnimplementedService(target, grpc.credentials.createInsecure());
    assert.equal((await failure(unary(client, "UnimplementedCall", {}))).code, status.UNIMPLEMENTED);
  },

  async cancel_after_begin(target) {
    const error = await new Promise((resolve) => {
      const call = connect(target).StreamingInputCall(resolve);
      process.nextTick(() => call.cancel());
    });
    assert.equal(error.code, status.CANCELLED);
  },

  async cancel_after_first_response(target) {
    const call = connect(target).FullDuplexCall();
    call.write({ ...sizes(31415), payload: zeros(27182) });
    await next(call);
    const error = new Promise((resolve) => call.on("error", resolve));
    call.cancel();
    assert.equal((await error).code, status.CANCELLED);
  },

  async timeout_on_sleeping_server(target) {
    const call = connect(target).FullDuplexCall({ deadline: Date.now() + 100 });
    call.write({ payload: zeros(27182) });
    assert.equal((await failure(collect(call))).code, status.DEADLINE_EXCEEDED);
  },

  async gzip_both_ways(target) {
    const client = connect(target, { "grpc.default_compression_algorithm": 2 });
    const request = { response_size: 314159, payload: zeros(271828), expect_compressed: { value: true }, response_compressed: { value: true } };
    const { response, headers } = await unary(client, "UnaryCall", request);
    assert.equal(response.payload.body.length, 314159);
    assert.equal(grpcEncoding(headers), "gzip");

    const streamed = await collect(client.StreamingOutputCall({
      response_parameters: [{ size: 31415, compressed: { value: true } }, { size: 92653, compressed: { value: false } }],
    }));
    assert.deepEqual(streamed.map((message) => message.payload.body.length), [31415, 92653]);
  },

  async limit_plus_one(target) {
    const overhead = 10;
    const client = connect(target, { "grpc.max_send_message_length": -1, ...noRetry });
    await unary(client, "UnaryCall", { payload: zeros(limit - overhead) });
    const error = await failure(unary(client, "UnaryCall", { payload: zeros(limit - overhead + 1) }));
    assert.equal(error.code, status.RESOURCE_EXHAUSTED, error);
    await unary(client, "EmptyCall", {});
  },

  /** The server is told to stop in mid-call: the call goes on, new ones do not. */
  async goaway(target) {
    const client = connect(target, noRetry);
    const call = client.FullDuplexCall();
    call.write(sizes(1));
    await next(call);
    console.log("begun");
    for await (const line of input()) if (line === "stopping") break;
    for (const size of [2, 3]) {
      call.write(sizes(size));
      assert.equal((await next(call)).payload.body.length, size);
    }
    const rest = collect(call);
    call.end();
    assert.deepEqual(await rest, []);
    const error = await failure(unary(client, "EmptyCall", {}));
    assert.equal(error.code, status.UNAVAILABLE);
  },

  async health(target) {
    const { Health } = load("grpc/health/v1/health.proto", { enums: String }).health.v1;
    const client = new Health(target, grpc.credentials.createInsecure());
    assert.equal((await unary(client, "Check", { service: "" })).response.status, "SERVING");
    assert.equal((await failure(unary(client, "Check", { service: "no.such" }))).code, status.NOT_FOUND);
    const watch = client.Watch({ service: "" });
    assert.equal((await next(watch)).status, "SERVING");
    watch.on("error", () => {});
    watch.cancel();
  },

  reflection_v1: (target) => reflects(target, "v1"),

  reflection_v1alpha: (target) => reflects(target, "v1alpha"),
};

const grpcEncoding = (headers) => headers.get("grpc-encoding")[0];

async function echoes(target, message) {
  const response_status = { code: 2, message };
  const error = await failure(unary(connect(target), "UnaryCall", { response_status }));
  assert.deepEqual([error.code, error.details], [2, message]);
  const call = connect(target).FullDuplexCall();
  call.write({ response_status });
  call.end();
  const streamed = await failure(collect(call));
  assert.deepEqual([streamed.code, streamed.details], [2, message]);
}

async function reflects(target, version) {
  const { ServerReflection } = load(`grpc/reflection/${version}/reflection.proto`).reflection[version];
  const call = new ServerReflection(target, grpc.credentials.createInsecure()).ServerReflectionInfo();
  const ask = (request) => {
    const answer = next(call);
    call.write(request);
    return answer;
  };
  const listed = (await ask({ list_services: "*" })).list_services_response.service.map((service) => service.name);
  for (const name of ["grpc.testing.TestService", "grpc.health.v1.Health", `grpc.reflection.${version}.ServerReflection`]) {
    assert.ok(listed.includes(name), `${name} is not in ${listed}`);
  }
  const files = (await ask({ file_containing_symbol: "grpc.testing.TestService.UnaryCall" })).file_descriptor_response.file_descriptor_proto;
  assert.equal(files.length, 2);
  assert.ok(files[0].includes("grpc/testing/test.proto"));
  assert.equal((await ask({ file_by_filename: "no/such.proto" })).error_response.error_code, status.NOT_FOUND);
  const rest = collect(call);
  call.end();
  assert.deepEqual(await rest, []);
}

const [name, target] = process.argv.slice(2);
await runCase(cases, name, target);
