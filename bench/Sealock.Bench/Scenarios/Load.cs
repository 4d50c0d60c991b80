// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Scenarios;

/// <summary>Requests sent one after the other on each of some connections, for a while.</summary>
internal static class Load
{
    /// <summary>How many were answered in the window, and how long the window was.</summary>
    public readonly record struct Result(long Answered, double Seconds);

    /// <param name="target">Whom to ask.</param>
    /// <param name="connections">How many connections.</param>
    /// <param name="withCertificate">Whether the connections carry the user's certificate.</param>
    /// <param name="window">For how long.</param>
    /// <param name="request">The bytes of the n-th request of a connection.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidOperationException">A request failed.</exception>
    public static async Task<Result> RunAsync(
        Target target, int connections, bool withCertificate, TimeSpan window, Func<int, int, byte[]> request, CancellationToken cancellationToken)
    {
        var open = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => target.ConnectAsync(withCertificate, cancellationToken)));
        try
        {
            var begin = Stopwatch.GetTimestamp();
            var counts = await Task.WhenAll(open.Select((connection, index) => Task.Run(
                async () =>
                {
                    var count = 0;
                    while (Stopwatch.GetElapsedTime(begin) < window)
                        (await connection.SendAsync(request(index, count++), cancellationToken)).Expect("a measured request");
                    return count;
                },
                cancellationToken)));
            return new Result(counts.Sum(count => (long)count), Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
        finally
        {
            foreach (var connection in open)
                await connection.DisposeAsync();
        }
    }
}
