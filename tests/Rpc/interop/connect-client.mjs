// Calls by @connectrpc/connect-node: node connect-client.mjs CASE PROTOCOL HTTP-VERSION URL DESCRIPTORS
// DESCRIPTORS is a file with a google.protobuf.FileDescriptorSet.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { compressionGzip, createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { failure, runCase } from "./common.mjs";

const [name, protocol, httpVersion, baseUrl, descriptors] = process.argv.slice(2);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
const service = registry.getService("grpc.testing.TestService");
const status = registry.getMessage("grpc.testing.EchoStatus");

function client(extra = {}, called = service) {
  const options = { baseUrl, httpVersion, acceptCompression: [compressionGzip], ...extra };
  switch (protocol) {
    case "grpc": return createClient(called, createGrpcTransport(options));
    case "grpc-web": return createClient(called, createGrpcWebTransport(options));
    case "connect-json": return createClient(called, createConnectTransport({ ...options, useBinaryFormat: false }));
    case "connect-proto": return createClient(called, createConnectTransport({ ...options, useBinaryFormat: true }));
    default: throw new Error(`there is no protocol ${protocol}`);
  }
}

const zeros = (size) => ({ body: new Uint8Array(size) });
const sizes = (...list) => ({ responseParameters: list.map((size) => ({ size })) });

async function lengths(responses) {
  const result = [];
  for await (const response of responses) result.push(response.payload.body.length);
  return result;
}

async function* each(list) {
  yield* list;
}

async function code(promise, wanted) {
  const error = ConnectError.from(await failure(promise));
  assert.equal(error.code, wanted, error);
  return error;
}

const cases = {
  async unary() {
    const response = await client().unaryCall({ responseSize: 314159, payload: zeros(271828) });
    assert.equal(response.payload.body.length, 314159);
    assert.equal(response.username, { grpc: "Grpc", "grpc-web": "GrpcWeb" }[protocol] ?? "Connect");
    await client().emptyCall({});
  },

  async server_streaming() {
    assert.deepEqual(await lengths(client().streamingOutputCall(sizes(31415, 9, 2653, 58979))), [31415, 9, 2653, 58979]);
    assert.deepEqual(await lengths(client().streamingOutputCall({})), []);
  },

  async client_streaming() {
    const response = await client().streamingInputCall(each([27182, 8, 1828, 45904].map((size) => ({ payload: zeros(size) }))));
    assert.equal(response.aggregatedPayloadSize, 74922);
  },

  async bidi() {
    assert.deepEqual(await lengths(client().fullDuplexCall(each([sizes(1), sizes(2, 3)]))), [1, 2, 3]);
  },

  async metadata() {
    const seen = {};
    await client().unaryCall({ responseSize: 1 }, {
      headers: { "x-grpc-test-echo-initial": "initial", "x-grpc-test-echo-trailing-bin": "q6ur" },
      onHeader: (headers) => (seen.initial = headers.get("x-grpc-test-echo-initial")),
      onTrailer: (trailers) => (seen.trailing = trailers.get("x-grpc-test-echo-trailing-bin")),
    });
    assert.deepEqual(seen, { initial: "initial", trailing: "q6ur" });
  },

  async error_with_details() {
    const error = await code(client().emptyCall({}, { headers: { "x-test-mode": "details" } }), Code.FailedPrecondition);
    assert.equal(error.rawMessage, "not now");
    assert.equal(error.metadata.get("x-test-trailer"), "sent with the error");
    const [detail] = error.findDetails(status);
    assert.deepEqual([detail.code, detail.message], [7, "typed"]);
  },

  async special_message() {
    const message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
    const error = await code(client().unaryCall({ responseStatus: { code: 9, message } }), Code.FailedPrecondition);
    assert.equal(error.rawMessage, message);
    const streamed = await code(lengths(client().streamingOutputCall({ ...sizes(5), responseStatus: { code: 9, message } })), Code.FailedPrecondition);
    assert.equal(streamed.rawMessage, message);
  },

  async unimplemented() {
    await code(client().unimplementedCall({}), Code.Unimplemented);
    await code(client({}, registry.getService("grpc.testing.UnimplementedService")).unimplementedCall({}), Code.Unimplemented);
  },

  async timeout() {
    await code(client().emptyCall({}, { timeoutMs: 100, headers: { "x-test-mode": "hang" } }), Code.DeadlineExceeded);
    await code(lengths(client().streamingOutputCall(sizes(1), { timeoutMs: 100, headers: { "x-test-mode": "hang" } })), Code.DeadlineExceeded);
  },

  async gzip() {
    const packing = client({ sendCompression: compressionGzip });
    const response = await packing.unaryCall({ responseSize: 314159, payload: zeros(271828), responseCompressed: { value: true } });
    assert.equal(response.payload.body.length, 314159);
    const streamed = packing.streamingOutputCall({ responseParameters: [{ size: 31415, compressed: { value: true } }] });
    assert.deepEqual(await lengths(streamed), [31415]);
  },

  async get() {
    const response = await client({ useHttpGet: true }).cacheableUnaryCall({ responseSize: 3, payload: zeros(5) });
    assert.equal(response.payload.body.length, 3);
  },

  async too_large() {
    await code(client().unaryCall({ payload: zeros(4 * 1024 * 1024 + 1) }), Code.ResourceExhausted);
  },
};

await runCase(cases, name);
