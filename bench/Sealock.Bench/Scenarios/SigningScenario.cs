// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Sealock.Bench.Http;
using Sealock.Bench.Measuring;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Scenarios;

/// <summary>
/// Eight clients that each create a certificate signing request, approve it as kubectl does, and wait until a watch
/// shows the certificate.
/// </summary>
internal sealed class SigningScenario() : Scenario("csr")
{
    private const int Clients = 8;
    private static readonly Metric Issued = new("CSR created, approved, issued; 8 clients", "/s", new Aim(AtLeast: 1_000));
    private static readonly Metric Slowest = new("the same, 99th percentile", "ms", new Aim(AtMost: 20));
    private static readonly Metric Middle = new("the same, median", "ms");

    private readonly ConcurrentBag<string> _requests = [];

    /// <summary>Signing comes by rarely enough that a server needs longer to compile it well.</summary>
    public override Task PrepareAsync(Target target, Pace pace, CancellationToken cancellationToken) =>
        MeasureAsync(target, pace with { Window = 3 * pace.Window }, cancellationToken);

    public override async Task<IReadOnlyList<Reading>> MeasureAsync(Target target, Pace pace, CancellationToken cancellationToken)
    {
        MakeRequests((int)(2_000 * pace.Window.TotalSeconds));
        var waiting = new ConcurrentDictionary<string, TaskCompletionSource>(StringComparer.Ordinal);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var watcher = await target.ConnectAsync(withCertificate: false, cancellationToken);
        var watch = RequestText.Of("GET", SigningRequests.Path + "?watch=1", Target.UserToken);
        var following = FollowAsync(watcher, watch, waiting, stop.Token);

        var connections = await Task.WhenAll(
            Enumerable.Range(0, Clients).Select(_ => target.ConnectAsync(withCertificate: false, cancellationToken)));
        try
        {
            var before = target.Usage();
            var begin = Stopwatch.GetTimestamp();
            var work = Task.WhenAll(connections.Select(connection => Task.Run(
                () => WorkAsync(connection, waiting, begin, pace.Window, cancellationToken), cancellationToken)));
            if (await Task.WhenAny(work, following) == following)
                await following;
            var times = (await work).SelectMany(list => list).Order().ToArray();
            var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            var cpu = target.Usage().CpuSeconds - before.CpuSeconds;
            return
            [
                new Reading(Issued, times.Length / seconds, times.Length / cpu),
                new Reading(Slowest, times[(int)Math.Ceiling(0.99 * times.Length) - 1]),
                new Reading(Middle, times[times.Length / 2]),
            ];
        }
        finally
        {
            await stop.CancelAsync();
            await following;
            foreach (var connection in connections)
                await connection.DisposeAsync();
        }
    }

    /// <summary>Keys and requests are made beforehand: that is the clients' work, not the servers'.</summary>
    private void MakeRequests(int count) => Parallel.For(0, Math.Max(0, count - _requests.Count), _ =>
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _requests.Add(SigningRequests.Pem(key, "bench-signed", "bench-nobodies"));
    });

    private async Task<List<double>> WorkAsync(
        HttpsConnection connection,
        ConcurrentDictionary<string, TaskCompletionSource> waiting,
        long begin,
        TimeSpan window,
        CancellationToken cancellationToken)
    {
        var times = new List<double>();
        while (Stopwatch.GetElapsedTime(begin) < window && _requests.TryTake(out var pem))
        {
            var name = "bench-" + Guid.NewGuid().ToString("n");
            var body = SigningRequests.Body(name, pem);
            var issued = waiting[name] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var create = RequestText.Of("POST", SigningRequests.Path, Target.UserToken, body);
            var approve = RequestText.Of(
                "PUT", $"{SigningRequests.Path}/{name}/approval", Target.UserToken, SigningRequests.Approved(body));

            var created = Stopwatch.GetTimestamp();
            (await connection.SendAsync(create, cancellationToken)).Expect("create a request");
            (await connection.SendAsync(approve, cancellationToken)).Expect("approve a request");
            await issued.Task.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(created).TotalMilliseconds);
        }

        return times;
    }

    private static async Task FollowAsync(
        HttpsConnection connection, byte[] request, ConcurrentDictionary<string, TaskCompletionSource> waiting, CancellationToken cancellationToken)
    {
        try
        {
            var (status, _) = await connection.BeginAsync(request, cancellationToken);
            if (status != 200)
                throw new InvalidOperationException($"the watch was refused: {status}");
            var lines = new LineBuffer();
            while (true)
            {
                lines.Add(await connection.ReadChunkAsync(cancellationToken));
                while (lines.TryTake(out var line))
                    Report(line, waiting);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Measured enough.
        }
    }

    private static void Report(ReadOnlySpan<byte> change, ConcurrentDictionary<string, TaskCompletionSource> waiting)
    {
        if (change.IndexOf("\"certificate\":\""u8) < 0)
            return;
        var at = change.IndexOf("\"name\":\"bench-"u8);
        if (at < 0)
            return;
        var name = change[(at + 8)..];
        if (waiting.TryRemove(Encoding.ASCII.GetString(name[..name.IndexOf((byte)'"')]), out var one))
            one.SetResult();
    }
}
