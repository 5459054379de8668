using System.Buffers;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.Http;
using CloudNative.CloudEvents.SystemTextJson;
using CsCheck;
using Weft.Messages;

namespace Weft.Tests.Messages;

/// <summary>The official CloudEvents SDK reads what Weft writes and writes what Weft reads, in all modes, for random events.</summary>
public sealed class PeerTests
{
    private const int Runs = 1000;

    private static readonly JsonEventFormatter s_peer = new();

    [Fact]
    public void The_peer_reads_what_is_written_in_structured_mode() => EventGen.Event.Sample(
        sample => AssertSame(sample, ReadByPeer(Events.Write(sample.ToMessage()), sample)), iter: Runs);

    [Fact]
    public void What_the_peer_writes_in_structured_mode_is_read() => EventGen.Event.Sample(
        sample => AssertSame(sample, Events.Structured(WriteByPeer(sample))), iter: Runs);

    [Fact]
    public void The_peer_reads_what_is_written_in_binary_mode() => EventGen.Event.Sample(
        sample =>
        {
            var message = sample.ToMessage();
            using var request = new HttpRequestMessage(HttpMethod.Post, "http://x/") { Content = new ByteArrayContent(message.Data.ToArray()) };
            foreach (var (name, value) in Events.WriteHeaders(message).All)
            {
                if (name == "Content-Type")
                    request.Content.Headers.TryAddWithoutValidation(name, value);
                else
                    Assert.True(request.Headers.TryAddWithoutValidation(name, value));
            }
            AssertSame(sample, request.ToCloudEventAsync(s_peer, ExtensionsOf(sample)).GetAwaiter().GetResult());
        },
        iter: Runs);

    [Fact]
    public void What_the_peer_writes_in_binary_mode_is_read() => EventGen.Event.Sample(
        sample =>
        {
            using var content = ToPeer(sample).ToHttpContent(ContentMode.Binary, s_peer);
            var headers = new HeaderList([.. content.Headers.SelectMany(h => h.Value.Select(value => (h.Key, value)))]);
            AssertSame(sample, Events.Binary(headers, content.ReadAsByteArrayAsync().GetAwaiter().GetResult()));
        },
        iter: Runs);

    [Fact]
    public void The_peer_reads_what_is_written_as_a_batch() => EventGen.Event.Array[0, 4].Sample(
        samples =>
        {
            var output = new ArrayBufferWriter<byte>();
            CloudEventHttp.WriteBatch([.. samples.Select(s => s.ToMessage())], output);
            var events = s_peer.DecodeBatchModeMessage(output.WrittenMemory, new ContentType(CloudEventHttp.BatchContentType), samples.SelectMany(ExtensionsOf).DistinctBy(a => a.Name));
            Assert.Equal(samples.Length, events.Count);
            for (var i = 0; i < samples.Length; i++)
                AssertSame(samples[i], events[i]);
        },
        iter: Runs / 4);

    [Fact]
    public void What_the_peer_writes_as_a_batch_is_read() => EventGen.Event.Array[0, 4].Sample(
        samples =>
        {
            var body = s_peer.EncodeBatchModeMessage(samples.Select(ToPeer), out var contentType);
            Assert.True(CloudEventHttp.TryGetMode(contentType.ToString(), false, out var mode, out _));
            Assert.Equal(EventMode.Batch, mode);
            var messages = new List<Message>();
            Assert.True(CloudEventHttp.TryReadBatch(body.Span, 10, messages, out var error), error?.ToString());
            Assert.Equal(samples.Length, messages.Count);
            for (var i = 0; i < samples.Length; i++)
                AssertSame(samples[i], messages[i]);
        },
        iter: Runs / 4);

    [Fact]
    public void Text_data_passes_both_ways() => EventGen.Text.Sample(
        text =>
        {
            var peer = new CloudEvent { Id = "1", Source = new Uri("/s", UriKind.Relative), Type = "t", DataContentType = "text/plain", Data = text };
            var json = s_peer.EncodeStructuredModeMessage(peer, out _);
            var message = Events.Structured(Encoding.UTF8.GetString(json.Span));
            Assert.Equal(text, Events.Data(message));
            Assert.Equal(text, s_peer.DecodeStructuredModeMessage(Encoding.UTF8.GetBytes(Events.Write(message)), null, null).Data);
        },
        iter: Runs);

    private static CloudEvent ReadByPeer(string json, SampleEvent sample) => s_peer.DecodeStructuredModeMessage(
        Encoding.UTF8.GetBytes(json), new ContentType(CloudEventHttp.StructuredContentType), ExtensionsOf(sample));

    private static string WriteByPeer(SampleEvent sample)
    {
        var body = s_peer.EncodeStructuredModeMessage(ToPeer(sample), out var contentType);
        Assert.True(CloudEventHttp.TryGetMode(contentType.ToString(), false, out var mode, out _));
        Assert.Equal(EventMode.Structured, mode);
        return Encoding.UTF8.GetString(body.Span);
    }

    private static CloudEvent ToPeer(SampleEvent sample)
    {
        var peer = new CloudEvent(ExtensionsOf(sample))
        {
            Id = sample.Id,
            Source = new Uri(sample.Source, UriKind.RelativeOrAbsolute),
            Type = sample.Type,
            Subject = sample.Subject,
            Time = sample.Time,
            DataContentType = sample.Data.ContentType,
            Data = sample.Data.Json is { } json ? JsonDocument.Parse(json).RootElement : sample.Data.Bytes,
        };
        peer["partitionkey"] = sample.PartitionKey;
        foreach (var (name, value) in sample.Extensions)
            peer[name] = value;
        return peer;
    }

    private static CloudEventAttribute[] ExtensionsOf(SampleEvent sample) =>
    [
        .. sample.Extensions.Select(e => CloudEventAttribute.CreateExtension(e.Name, e.Value switch
        {
            bool => CloudEventAttributeType.Boolean,
            int => CloudEventAttributeType.Integer,
            _ => CloudEventAttributeType.String,
        })),
    ];

    private static void AssertSame(SampleEvent expected, CloudEvent actual)
    {
        Assert.Equal(expected.Id, actual.Id);
        Assert.Equal(expected.Source, actual.Source!.OriginalString);
        Assert.Equal(expected.Type, actual.Type);
        Assert.Equal(expected.Subject, actual.Subject);
        Assert.Equal(expected.Time, actual.Time);
        Assert.Equal(expected.PartitionKey, actual["partitionkey"]);
        foreach (var (name, value) in expected.Extensions)
            Assert.Equal(value, actual[name]);
        Assert.Equal(expected.Extensions.Length, actual.GetPopulatedAttributes().Count(a => a.Key.IsExtension && a.Key.Name != "partitionkey"));
        // The peer takes an explicit null for no data, which then needs no media type.
        if (expected.Data is not { ContentType: null, Json: "null" })
            Assert.Equal(ContentTypeByPeer(expected), actual.DataContentType);
        Assert.Equal(expected.Data.AsText, actual.Data switch
        {
            JsonElement json => json.GetRawText(),
            // The peer reads application/json as JSON, but other media types that end in json as bytes.
            byte[] bytes => expected.Data.Json is null ? Convert.ToHexString(bytes) : Encoding.UTF8.GetString(bytes),
            _ => expected.Data.Json == "null" ? "null" : "",
        });
    }

    private static void AssertSame(SampleEvent expected, Message actual)
    {
        Assert.Equal(expected.Id, actual.Id);
        Assert.Equal(expected.Source, actual.Source);
        Assert.Equal(expected.Type, actual.Type);
        Assert.Equal(expected.Subject, actual.Subject);
        Assert.Equal(expected.Time, actual.Time);
        Assert.Equal(expected.PartitionKey, actual.PartitionKey);
        foreach (var (name, value) in expected.Extensions)
            Assert.Equal(value is bool b ? b ? "true" : "false" : value.ToString(), Events.Get(actual, name));
        Assert.Equal(ContentTypeByPeer(expected), actual.DataContentType);
        // The peer writes JSON anew, with its own spacing and escapes.
        if (expected.Data.Json is { } json)
            Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(json).RootElement, JsonDocument.Parse(actual.Data).RootElement), Events.Data(actual));
        else
            Assert.Equal(expected.Data.AsText, Convert.ToHexString(actual.Data.Span));
    }

    /// <summary>The peer, reading or writing, always says that data is JSON, where the JSON format allows to leave it out.</summary>
    private static string? ContentTypeByPeer(SampleEvent sample) => sample.Data.ContentType ?? (sample.Data.Json is null ? null : "application/json");
}
