// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Gateway.Audit;
using Sealock.Gateway.Audit.Events;
using Sealock.Gateway.Audit.Outputs;
using Sealock.Gateway.Audit.Policies;
using Sealock.Tests.Support;

namespace Sealock.Tests.Audit;

public sealed class WebhookTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly StubServer _server = new();
    private readonly HttpClient _client;

    public WebhookTests() => _client = new HttpClient(_server);

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData(1, null, false, false)]
    [InlineData(1000, null, false, false)]
    [InlineData(1000, 500, false, false)]
    [InlineData(1000, 429, false, false)]
    [InlineData(1000, 503, false, false)]
    [InlineData(1000, 401, false, false)]
    [InlineData(4, 400, false, false)]
    [InlineData(5, 400, false, true)]
    [InlineData(5, 413, false, true)]
    [InlineData(5, 302, false, true)]
    [InlineData(4, null, true, false)]
    [InlineData(5, null, true, true)]
    [InlineData(5, 503, true, true)]
    public void A_batch_is_given_up_where_that_is_right(int attempts, int? answer, bool requestsWait, bool givenUp) =>
        Assert.Equal(givenUp, WebhookRetry.GivesUp(attempts, (HttpStatusCode?)answer, requestsWait));

    [Theory]
    [InlineData(1, 10, 0, 10)]
    [InlineData(1, 10, 1, 12)]
    [InlineData(2, 10, 0, 15)]
    [InlineData(3, 10, 0, 22.5)]
    [InlineData(100, 10, 0, 60)]
    [InlineData(100, 10, 1, 72)]
    [InlineData(3, 300, 0, 300)]
    public void The_wait_grows_to_a_bound(int attempts, int initial, double chance, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), WebhookRetry.WaitAfter(attempts, TimeSpan.FromSeconds(initial), chance));

    [Fact]
    public async Task Events_are_posted_as_a_list_with_the_token()
    {
        using var webhook = Open();
        Assert.True(await webhook.WriteAsync([Record("/one"), Record("/two")], CancellationToken.None));
        var (authorization, type, list) = _server.Taken.Single();
        Assert.Equal("Bearer secret", authorization);
        Assert.Equal("application/json", type);
        Assert.Equal("EventList", list["kind"]!.GetValue<string>());
        Assert.Equal("audit.k8s.io/v1", list["apiVersion"]!.GetValue<string>());
        Assert.Equal(["/one", "/two"], list["items"]!.AsArray().Select(item => item!["requestURI"]!.GetValue<string>()));
        Assert.All(list["items"]!.AsArray(), item => Assert.Null(item!["kind"]));
    }

    [Fact]
    public async Task What_it_answers_beside_its_status_is_not_read()
    {
        using var webhook = Open();
        _server.Answer = new StreamContent(new UnreadableStream());
        Assert.True(await webhook.WriteAsync([Record("/one")], CancellationToken.None));
    }

    [Fact]
    public async Task While_it_is_down_a_batch_is_sent_again_until_it_is_taken()
    {
        using var webhook = Open();
        _server.Answers = Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? (HttpStatusCode?)null : HttpStatusCode.ServiceUnavailable).ToQueue();
        var write = webhook.WriteAsync([Record("/one")], CancellationToken.None).AsTask();
        while (!write.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.True(await write);
        Assert.Equal(21, _server.Requests);
        Assert.Single(_server.Taken);
    }

    [Fact]
    public async Task What_it_refuses_is_given_up_and_told_without_what_is_secret_in_its_address()
    {
        var told = new Lines();
        using var webhook = Open("https://sealock:secret@audit.example.com/events?token=secret", told);
        _server.Answers = Enumerable.Repeat<HttpStatusCode?>(HttpStatusCode.BadRequest, 100).ToQueue();
        var write = webhook.WriteAsync([Record("/one")], CancellationToken.None).AsTask();
        while (!write.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.False(await write);
        Assert.Equal(WebhookRetry.FewAttempts, _server.Requests);
        Assert.Contains(told, line => line.Contains("https://audit.example.com/events does", StringComparison.Ordinal));
        Assert.DoesNotContain(told, line => line.Contains("secret", StringComparison.Ordinal));
    }

    private static AuditRecord Record(string path) => AuditEventWriter.Write(
        AuditEventWriterTests.Event("GET", path, AuditLevel.Metadata), AuditStages.ResponseComplete, DateTimeOffset.UnixEpoch);

    private Webhook Open(string address = "https://audit.example.com/events", ILogger? log = null) => new(
        new AuditWebhookOptions
        {
            Target = () => new AuditWebhookTarget(new Uri(address), _client, _ => ValueTask.FromResult<string?>("secret")),
        },
        _clock,
        log ?? NullLogger.Instance);
}

/// <summary>A webhook that answers as it is told, and 200 in the end; null stands for a connection that breaks.</summary>
internal sealed class StubServer : HttpMessageHandler
{
    private readonly Lock _gate = new();
    private readonly List<(string?, string?, JsonNode)> _taken = [];

    public Queue<HttpStatusCode?> Answers { get; set; } = new();

    /// <summary>The body of its answers.</summary>
    public HttpContent? Answer { get; set; }

    /// <summary>While it is down every connection is refused.</summary>
    public bool Down { get; set; }

    public int Requests { get; private set; }

    public IReadOnlyList<(string? Authorization, string? Type, JsonNode List)> Taken
    {
        get
        {
            lock (_gate)
                return [.. _taken];
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!;
        lock (_gate)
        {
            Requests++;
            if (Down || (Answers.TryPeek(out var next) && next is null))
            {
                Answers.TryDequeue(out _);
                throw new HttpRequestException("connection refused");
            }

            if (Answers.TryDequeue(out var answer))
                return new HttpResponseMessage(answer!.Value);
            _taken.Add((request.Headers.Authorization?.ToString(), request.Content.Headers.ContentType?.ToString(), body));
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = Answer };
        }
    }
}

/// <summary>Whoever reads it fails.</summary>
internal sealed class UnreadableStream : MemoryStream
{
    public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("somebody reads");

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        throw new InvalidOperationException("somebody reads");
}

internal static class QueueMaking
{
    public static Queue<T> ToQueue<T>(this IEnumerable<T> items) => new(items);
}
