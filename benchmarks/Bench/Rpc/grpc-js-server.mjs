// The unary method of the test service by @grpc/grpc-js, with its defaults: prints its port, ends with its input.
import { grpc, input, testing, zeros } from "../../../tests/Rpc/interop/common.mjs";

const server = new grpc.Server();
server.addService(testing.TestService.service, {
  UnaryCall: (call, callback) => callback(null, { payload: zeros(call.request.response_size) }),
});

server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), async (error, port) => {
  if (error) throw error;
  console.log(port);
  for await (const line of input()) void line;
  process.exit(0);
});
