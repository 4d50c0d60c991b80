// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Client;
using Sealock.Controllers.Reconciling;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers;

public sealed class LeadershipTests
{
    private const string Path = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/sealock";

    private readonly FakeTimeProvider _time = new();
    private readonly MemoryApiServer _server = new();

    private Leadership Candidate(string identity, IApiTransport? transport = null) => new(
        new ApiClient(transport ?? _server), "kube-system", "sealock", identity, new LeadershipTimes(), _time, NullLogger.Instance);

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

    private sealed class Switch(IApiTransport inner) : IApiTransport
    {
        public volatile bool Broken;

        public Task<TransportResponse> SendAsync(
            string method, string pathAndQuery, ReadOnlyMemory<byte> body, string? contentType, CancellationToken cancellationToken) =>
            Broken ? throw new HttpRequestException("down") : inner.SendAsync(method, pathAndQuery, body, contentType, cancellationToken);
    }
}
