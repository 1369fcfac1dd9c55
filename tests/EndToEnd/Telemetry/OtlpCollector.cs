using System.Collections.Concurrent;
using System.Net;
using Google.Protobuf;
using OrleansFlow.Tests.EndToEnd.Harness;

namespace OrleansFlow.Tests.EndToEnd.Telemetry;

/// <summary>A span as it came by OTLP.</summary>
internal sealed record CollectedSpan(string Trace, string Id, string Parent, string Name, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<string> LinkedTraces);

/// <summary>Takes spans by OTLP over HTTP with protobuf on loopback, until it is disposed.</summary>
internal sealed class OtlpCollector : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<CollectedSpan> _spans = new();

    public OtlpCollector()
    {
        Address = $"http://127.0.0.1:{Ports.Free()}";
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _ = TakeAsync();
    }

    /// <summary>The value of <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public string Address { get; }

    public IReadOnlyList<CollectedSpan> Spans => [.. _spans];

    /// <summary>The first span that is as asked for.</summary>
    public Task<CollectedSpan> FindAsync(Func<CollectedSpan, bool> asked, string what) => Eventually.FindAsync(
        () => Task.FromResult(_spans.FirstOrDefault(asked)), $"{what}; there are {string.Join(", ", _spans.Select(span => span.Name))}");

    public void Dispose() => _listener.Close();

    private async Task TakeAsync()
    {
        try
        {
            while (true)
            {
                var call = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await call.Request.InputStream.CopyToAsync(body);
                if (call.Request.Url!.AbsolutePath == "/v1/traces")
                    foreach (var span in SpansIn(body.ToArray())) _spans.Enqueue(span);
                call.Response.ContentType = "application/x-protobuf";
                call.Response.Close();
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    // ExportTraceServiceRequest: resource_spans 1, scope_spans 2, spans 2
    private static IEnumerable<CollectedSpan> SpansIn(byte[] request) =>
        Messages(request, 1).SelectMany(resource => Messages(resource, 2)).SelectMany(scope => Messages(scope, 2)).Select(Read);

    // Span: trace_id 1, span_id 2, parent_span_id 4, name 5, attributes 9, links 13
    private static CollectedSpan Read(byte[] span) => new(
        Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(span, 5),
        Messages(span, 9).GroupBy(tag => Text(tag, 1), StringComparer.Ordinal).ToDictionary(tag => tag.Key, tag => ValueOf(Messages(tag.First(), 2).Single()), StringComparer.Ordinal),
        [.. Messages(span, 13).Select(link => Hex(link, 1))]);

    // AnyValue: string_value 1, int_value 3
    private static string ValueOf(byte[] value) => Fields(value).Select(field => field.Number == 1 ? System.Text.Encoding.UTF8.GetString(field.Bytes) : $"{field.Varint}").FirstOrDefault("");

    private static string Hex(byte[] message, int number) => Convert.ToHexStringLower(Messages(message, number).FirstOrDefault([]));

    private static string Text(byte[] message, int number) => System.Text.Encoding.UTF8.GetString(Messages(message, number).FirstOrDefault([]));

    private static IEnumerable<byte[]> Messages(byte[] message, int number) => Fields(message).Where(field => field.Number == number).Select(field => field.Bytes);

    private static List<(int Number, ulong Varint, byte[] Bytes)> Fields(byte[] message)
    {
        var fields = new List<(int, ulong, byte[])>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag && tag != 0)
        {
            var number = WireFormat.GetTagFieldNumber(tag);
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.LengthDelimited:
                    fields.Add((number, 0, input.ReadBytes().ToByteArray()));
                    break;
                case WireFormat.WireType.Varint:
                    fields.Add((number, input.ReadUInt64(), []));
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        return fields;
    }
}
