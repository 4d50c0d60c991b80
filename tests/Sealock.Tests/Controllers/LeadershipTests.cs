// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Reconciling;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers;

public sealed class LeadershipTests
{
    private const string Path = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/sealock";

    private readonly FakeTimeProvider _time = new();
    private readonly MemoryApiServer _server = new();

    private Leadership Candidate(string identity, IApiTransport? transport = null, ILogger? logger = null) => new(
        new ApiClient(transport ?? _server), "kube-system", "sealock", identity, new LeadershipTimes(), _time, logger ?? NullLogger.Instance);

    private sealed class Term
    {
        private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Began => _began.Task;

        public Task Ended => _ended.Task;

        public async Task LeadAsync(CancellationToken cancellationToken)
        {
            _began.TrySetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }
            finally
            {
                _ended.TrySetResult();
            }
        }
    }

    private string? Holder => _server.Find(Path)?["spec"]!["holderIdentity"]!.GetValue<string>();

    /// <summary>Completes when that many candidates have done their round and wait for the next.</summary>
    private async Task Waiting(int candidates)
    {
        while (_time.PendingTimers != candidates)
            await Task.Yield();
    }

    private async Task Pass(Func<bool> until)
    {
        while (!until())
        {
            if (_time.PendingTimers > 0)
                _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    [Fact]
    public async Task The_first_leads_and_the_second_follows_when_it_leaves()
    {
        using var stopOne = new CancellationTokenSource();
        using var stopTwo = new CancellationTokenSource();
        var (one, two) = (new Term(), new Term());
        var first = Candidate("one").RunAsync(one.LeadAsync, stopOne.Token);
        await one.Began;
        var second = Candidate("two").RunAsync(two.LeadAsync, stopTwo.Token);
        for (var i = 0; i < 60; i++)
        {
            await Waiting(2);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await Waiting(2);
        Assert.Equal("one", Holder);
        Assert.False(two.Began.IsCompleted);
        await stopOne.CancelAsync();
        await first;
        Assert.True(one.Ended.IsCompleted);
        Assert.Equal("", Holder);
        await Pass(() => two.Began.IsCompleted);
        Assert.Equal("two", Holder);
        Assert.Equal(1, _server.Find(Path)!["spec"]!["leaseTransitions"]!.GetValue<int>());
        await stopTwo.CancelAsync();
        await second;
    }

    [Fact]
    public async Task A_leader_that_vanished_is_succeeded_after_its_lease_has_run_out_by_the_successors_clock()
    {
        _server.Put(Path, JsonNode.Parse("""
            {"metadata":{"name":"sealock"},"spec":{"holderIdentity":"gone","leaseDurationSeconds":15,"renewTime":"2001-01-01T00:00:00.000000Z"}}
            """)!.AsObject());
        using var stop = new CancellationTokenSource();
        var term = new Term();
        var began = _time.GetUtcNow();
        var running = Candidate("next").RunAsync(term.LeadAsync, stop.Token);
        await Pass(() => term.Began.IsCompleted);
        Assert.True(_time.GetUtcNow() - began >= TimeSpan.FromSeconds(15));
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_leader_that_cannot_renew_stops_leading()
    {
        var line = new Switch(_server);
        using var stop = new CancellationTokenSource();
        var term = new Term();
        var running = Candidate("one", line).RunAsync(term.LeadAsync, stop.Token);
        await term.Began;
        line.Broken = true;
        await Pass(() => term.Ended.IsCompleted);
        await stop.CancelAsync();
        while (!running.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_lease_that_is_refused_is_told_every_minute_with_the_remedy_until_it_is_granted()
    {
        _server.OnWrite = (_, _, _, _) => throw ApiException.Forbidden("coordination.k8s.io", "leases", "sealock", "not yours");
        using var stop = new CancellationTokenSource();
        var (term, warnings) = (new Term(), new Warnings());
        var running = Candidate("one", logger: warnings).RunAsync(term.LeadAsync, stop.Token);
        for (var i = 0; i < 150; i++)
        {
            await Waiting(1);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await Waiting(1);
        Assert.Equal(3, warnings.Lines.Count);
        Assert.All(warnings.Lines, line =>
        {
            Assert.Contains("kube-system/sealock", line, StringComparison.Ordinal);
            Assert.Contains("not yours", line, StringComparison.Ordinal);
            Assert.Contains("--leader-election-namespace", line, StringComparison.Ordinal);
        });
        _server.OnWrite = null;
        await Pass(() => term.Began.IsCompleted);
        await stop.CancelAsync();
        await running;
        Assert.Equal(3, warnings.Lines.Count(line => line.Contains("not yours", StringComparison.Ordinal)));
    }

    private sealed class Warnings : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Lines.Add(formatter(state, exception));
        }
    }

    private sealed class Switch(IApiTransport inner) : IApiTransport
    {
        public volatile bool Broken;

        public Task<TransportResponse> SendAsync(
            string method, string pathAndQuery, ReadOnlyMemory<byte> body, string? contentType, CancellationToken cancellationToken) =>
            Broken ? throw new HttpRequestException("down") : inner.SendAsync(method, pathAndQuery, body, contentType, cancellationToken);
    }
}
