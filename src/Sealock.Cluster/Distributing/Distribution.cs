// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Distributing;

/// <summary>Brings every node its files, several nodes at a time; what happens to one does not touch the others.</summary>
public static class Distribution
{
    /// <summary>Does it, and tells for every node what became of it, in the order given.</summary>
    /// <param name="nodes">The nodes with their files.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told what each node is at; called from several threads.</param>
    /// <param name="clock">For limits of time.</param>
    /// <param name="cancellationToken">Ends all connections; what had begun on a node is completed or undone by the next run.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<IReadOnlyList<NodeResult>> RunAsync(
        IReadOnlyList<NodeShipment> nodes,
        DistributionOptions options,
        Action<NodeProgress> progress,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var results = new NodeResult[nodes.Count];
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Max(1, options.Parallel),
            CancellationToken = cancellationToken,
        };
        await System.Threading.Tasks.Parallel.ForAsync(0, nodes.Count, parallel, async (i, cancellation) =>
        {
            results[i] = await new NodeDistribution(nodes[i], options, progress, clock).RunAsync(cancellation);
        });
        return results;
    }
}
