// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text.Json;
using Sealock.Bench.Http;
using Sealock.Bench.Measuring;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Scenarios;

/// <summary>
/// 1,000 watchers of one namespace, each on a connection of its own, and a writer that is at most a few events ahead of
/// what all of them have received.
/// </summary>
internal sealed class WatchScenario() : Scenario("watch")
{
    private const int Watchers = 1_000;
    private const int Ahead = 8;
    private const string Namespace = "bench-watch";
    private const string Collection = $"/api/v1/namespaces/{Namespace}/configmaps";
    private static readonly Metric Delivered = new("watch events to 1,000 watchers", "/s", Aim.Times(3));

    public override int MostRounds => 3;

    public override async Task PrepareAsync(Target target, Pace pace, CancellationToken cancellationToken)
    {
        await ObjectFilling.ConfigMapsAsync(target, Namespace, 1, cancellationToken);
        await MeasureAsync(target, pace, cancellationToken);
    }

    public override async Task<IReadOnlyList<Reading>> MeasureAsync(Target target, Pace pace, CancellationToken cancellationToken)
    {
        var watchers = new List<HttpsConnection>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var received = new long[1];
        var reading = new List<Task>();
        await using var writer = await target.ConnectAsync(withCertificate: false, cancellationToken);
        try
        {
            var version = await VersionAsync(writer, cancellationToken);
            var watch = RequestText.Of("GET", $"{Collection}?watch=1&resourceVersion={version}", Target.UserToken);
            foreach (var group in Enumerable.Range(0, Watchers).Chunk(16))
            {
                var opened = await Task.WhenAll(group.Select(_ => target.ConnectAsync(withCertificate: false, cancellationToken)));
                watchers.AddRange(opened);
                reading.AddRange(opened.Select(one => FollowAsync(one, watch, received, stop.Token)));
            }

            await WriteAsync(writer, received, pace.WarmUp, cancellationToken);
            var before = target.Usage();
            var (events, seconds) = await WriteAsync(writer, received, pace.Window, cancellationToken);
            var cpu = target.Usage().CpuSeconds - before.CpuSeconds;
            return [new Reading(Delivered, events / seconds, events / cpu)];
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(reading);
            foreach (var watcher in watchers)
                await watcher.DisposeAsync();
        }
    }

    /// <summary>Writes until the time is over, then waits until everything has arrived.</summary>
    private static async Task<(long Events, double Seconds)> WriteAsync(
        HttpsConnection writer, long[] received, TimeSpan window, CancellationToken cancellationToken)
    {
        var already = Volatile.Read(ref received[0]);
        var written = 0L;
        var begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < window || written == 0)
        {
            var body = ObjectFilling.ConfigMap("c-0").Replace("\"5\"", $"\"{Guid.NewGuid()}\"", StringComparison.Ordinal);
            var request = RequestText.Of("PUT", Collection + "/c-0", Target.UserToken, body);
            (await writer.SendAsync(request, cancellationToken)).Expect("write");
            written++;
            await ArrivedAsync(already + ((written - Ahead) * Watchers), received, cancellationToken);
        }

        await ArrivedAsync(already + (written * Watchers), received, cancellationToken);
        return (written * Watchers, Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }

    private static async Task ArrivedAsync(long count, long[] received, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref received[0]) < count)
        {
            if (Stopwatch.GetElapsedTime(begin) > TimeSpan.FromSeconds(30))
                throw new InvalidOperationException($"{count - received[0]} watch events did not arrive within 30 s");
            await Task.Delay(1, cancellationToken);
        }
    }

    private static async Task FollowAsync(HttpsConnection connection, byte[] request, long[] received, CancellationToken cancellationToken)
    {
        try
        {
            var (status, _) = await connection.BeginAsync(request, cancellationToken);
            if (status != 200)
                throw new InvalidOperationException($"a watch was refused: {status}");
            while (await connection.ReadChunkAsync(cancellationToken) is { IsEmpty: false } chunk)
                Interlocked.Add(ref received[0], chunk.Span.Count((byte)'\n'));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Measured enough.
        }
    }

    private static async Task<string> VersionAsync(HttpsConnection connection, CancellationToken cancellationToken)
    {
        var answer = (await connection.SendAsync(RequestText.Of("GET", Collection, Target.UserToken), cancellationToken)).Expect("list");
        using var list = JsonDocument.Parse(answer.Body);
        return list.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString() ?? "";
    }
}
