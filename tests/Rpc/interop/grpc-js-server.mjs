// The test service by @grpc/grpc-js: prints its port, stops gracefully when told "stop", at once when its input ends.
import { grpc, input, testing, zeros } from "./common.mjs";

const { status } = grpc;

const refusal = ({ code, message }) => Object.assign(new Error(message), { code, details: message });

function echo(call) {
  const headers = new grpc.Metadata();
  const trailers = new grpc.Metadata();
  for (const value of call.metadata.get("x-grpc-test-echo-initial")) headers.add("x-grpc-test-echo-initial", value);
  for (const value of call.metadata.get("x-grpc-test-echo-trailing-bin")) trailers.add("x-grpc-test-echo-trailing-bin", value);
  call.sendMetadata(headers);
  return trailers;
}

function unary(call, callback) {
  const trailers = echo(call);
  const { response_status, response_size } = call.request;
  if (response_status?.code) callback(refusal(response_status), null, trailers);
  else callback(null, { payload: zeros(response_size ?? 0) }, trailers);
}

async function answer(call, request) {
  for (const { size, interval_us } of request.response_parameters ?? []) {
    if (interval_us) await new Promise((resolve) => setTimeout(resolve, interval_us / 1000));
    call.write({ payload: zeros(size ?? 0) });
  }
}

function duplex(call) {
  const trailers = echo(call);
  let last = Promise.resolve();
  call.on("data", (request) => {
    if (request.response_status?.code) call.emit("error", refusal(request.response_status));
    else last = last.then(() => answer(call, request));
  });
  call.on("end", () => last.then(() => call.end(trailers)));
}

const server = new grpc.Server({ "grpc.default_compression_algorithm": 2 });
server.addService(testing.TestService.service, {
  EmptyCall: (call, callback) => callback(null, {}),
  UnaryCall: unary,
  CacheableUnaryCall: unary,
  StreamingOutputCall: (call) => answer(call, call.request).then(() => call.end()),
  StreamingInputCall(call, callback) {
    let sum = 0;
    call.on("data", ({ payload }) => (sum += payload.body.length));
    call.on("end", () => callback(null, { aggregated_payload_size: sum }));
  },
  FullDuplexCall: duplex,
  HalfDuplexCall: duplex,
  UnimplementedCall: (call, callback) => callback({ code: status.UNIMPLEMENTED, details: "left out" }),
});

server.bindAsync(process.argv[2] ?? "127.0.0.1:0", grpc.ServerCredentials.createInsecure(), async (error, port) => {
  if (error) throw error;
  console.log(port);
  for await (const line of input()) {
    if (line !== "stop") continue;
    server.tryShutdown(() => process.exit(0));
    console.log("stopping");
  }
  process.exit(0);
});
