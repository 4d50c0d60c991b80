// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Authentication;
using Sealock.Bench.Http;

namespace Sealock.Bench.Hostile;

/// <summary>
/// Users who ask at a fixed rate, whatever they are answered: who has to wait for one answer asks for the next late, and that counts
/// too.
/// </summary>
internal sealed class Users(Func<CancellationToken, Task<HttpsConnection>> connect, byte[] cheap, byte[] @object)
{
    private const int Kept = 8;
    private const int Coming = 4;
    private const long MostAllocated = 240L << 20;
    private static readonly TimeSpan BetweenRequests = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan BetweenConnections = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What they wait for in a while.</summary>
    public async Task<Latencies> AskAsync(TimeSpan window, CancellationToken cancellationToken)
    {
        var latencies = new Latencies();
        // The users' own collections are not to be taken for the server's waits.
        var undisturbed = GC.TryStartNoGCRegion(MostAllocated);
        await Task.WhenAll(
        [
            .. Enumerable.Range(0, Kept).Select(number => Task.Run(
                () => KeepAskingAsync(window, number, latencies, cancellationToken), cancellationToken)),
            .. Enumerable.Range(0, Coming).Select(number => Task.Run(
                () => KeepComingAsync(window, number, latencies, cancellationToken), cancellationToken)),
        ]);
        if (undisturbed && System.Runtime.GCSettings.LatencyMode == System.Runtime.GCLatencyMode.NoGCRegion)
            GC.EndNoGCRegion();
        return latencies;
    }

    private async Task KeepAskingAsync(TimeSpan window, int number, Latencies latencies, CancellationToken cancellationToken)
    {
        HttpsConnection? connection = null;
        await AtRateAsync(window, BetweenRequests, number * BetweenRequests / Kept, latencies, AskAsync, cancellationToken);
        if (connection is not null)
            await connection.DisposeAsync();

        async Task<Asked> AskAsync(int turn, CancellationToken token)
        {
            var asked = turn % 2 == 0 ? Asked.Cheap : Asked.Object;
            try
            {
                // Connecting is part of the wait: a server may have closed the connection.
                connection ??= await connect(token);
                (await connection.SendAsync(asked == Asked.Cheap ? cheap : @object, token)).Expect("a user's request");
                return asked;
            }
            catch
            {
                if (connection is not null)
                    await connection.DisposeAsync();
                connection = null;
                throw;
            }
        }
    }

    private Task KeepComingAsync(TimeSpan window, int number, Latencies latencies, CancellationToken cancellationToken) => AtRateAsync(
        window, BetweenConnections, number * BetweenConnections / Coming, latencies,
        async (_, token) =>
        {
            await using var connection = await connect(token);
            (await connection.SendAsync(cheap, token)).Expect("a newcomer's request");
            return Asked.Connection;
        },
        cancellationToken);

    private static async Task AtRateAsync(
        TimeSpan window, TimeSpan period, TimeSpan due, Latencies latencies, Func<int, CancellationToken, Task<Asked>> ask,
        CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        for (var turn = 0; due < window; turn++, due += period)
        {
            var since = due;
            if (Stopwatch.GetElapsedTime(begin) is var now && now < due)
            {
                // Waking up late is the client's own matter.
                await Task.Delay(due - now, cancellationToken);
                since = Stopwatch.GetElapsedTime(begin);
            }

            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Patience);
            try
            {
                var asked = await ask(turn, limit.Token);
                // The first request of all opens the connection: only those of newcomers are to count for that.
                if (turn > 0 || asked == Asked.Connection)
                    latencies.Add(asked, Stopwatch.GetElapsedTime(begin) - since);
            }
            catch (Exception failure) when (failure is IOException or SocketException or AuthenticationException or InvalidOperationException
                || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                latencies.AddFailure(failure.Message);
            }
        }
    }
}
