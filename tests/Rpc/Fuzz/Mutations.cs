namespace OrleansFlow.Tests.Rpc.Fuzz;

/// <summary>Small damage to bytes and texts; the same for the same seed.</summary>
internal static class Mutations
{
    private static readonly byte[] s_telling = [0, 1, 2, 0x7F, 0x80, 0xFF];
    private static readonly string[] s_values = ["", " ", "0", "-1", "99999999H", "0n", "gzip", "identity", "br", "application/grpc", "=", "%", "\u00fc", "a,b", "1S, 1S"];

    public static byte[] Of(byte[] bytes, Random random)
    {
        var result = bytes.ToList();
        for (var i = random.Next(1, 4); i > 0; i--) Damage(result, random);
        return [.. result];
    }

    public static FuzzRequest Of(FuzzRequest request, Random random)
    {
        var headers = request.Headers.ToList();
        if (headers.Count > 0 && random.Next(3) == 0)
        {
            var index = random.Next(headers.Count);
            if (random.Next(4) == 0) headers.RemoveAt(index);
            else headers[index] = (headers[index].Name, s_values[random.Next(s_values.Length)]);
        }

        var body = random.Next(4) == 0 ? request.Body : Of(request.Body, random);
        return request with { Headers = headers, Body = body };
    }

    private static void Damage(List<byte> bytes, Random random)
    {
        var at = random.Next(bytes.Count + 1);
        switch (random.Next(6))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = s_telling[random.Next(s_telling.Length)];
                break;
            case 2:
                bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                break;
            case 3:
                bytes.InsertRange(at, bytes.Skip(at).Take(random.Next(1, 33)).ToArray());
                break;
            case 4:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                bytes.Insert(at, (byte)random.Next(256));
                break;
        }
    }
}
