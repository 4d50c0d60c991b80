// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;

namespace Sealock.Gateway.Bootstrap;

/// <summary>Brings the stored objects up to the policy.</summary>
/// <param name="client">Acts as <see cref="SealockPolicy.Server"/>.</param>
/// <param name="objects">The same server's objects, as of now.</param>
public sealed class BootstrapRun(ApiClient client, IObjectReader objects)
{
    private const int Concurrency = 16;
    private const int MaxPasses = 5;

    /// <summary>
    /// Writes what is missing and answers how many objects were written; with nothing to do it costs a comparison in
    /// memory. Replicas that start together meet each other's writes: they compare again, and leave in the end what
    /// others keep changing.
    /// </summary>
    /// <exception cref="ApiException">An object could not be written.</exception>
    public async Task<int> ApplyAsync(CancellationToken cancellationToken)
    {
        var policy = BootstrapPolicy.All();
        var written = 0;
        for (var pass = 0; pass < MaxPasses; pass++)
        {
            var changes = BootstrapPlan.Make(policy, objects).ToList();
            if (changes.Count == 0)
                break;
            // Roles of a namespace need the namespace; among themselves the others come in any order.
            foreach (var stage in changes.GroupBy(change => change.Target.Plural == "namespaces").OrderByDescending(stage => stage.Key))
            {
                await Parallel.ForEachAsync(
                    stage,
                    new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
                    async (change, cancel) =>
                    {
                        if (await TryWriteAsync(change, cancel))
                            Interlocked.Increment(ref written);
                    });
            }
        }

        return written;
    }

    private async Task<bool> TryWriteAsync(BootstrapChange change, CancellationToken cancellationToken)
    {
        var target = change.Target;
        try
        {
            if (change.Action == BootstrapAction.Recreate)
                await client.SendAsync("DELETE", target.Path, null, cancellationToken);
            if (change.Action == BootstrapAction.Update)
                await client.SendAsync("PUT", target.Path, change.Body, cancellationToken);
            else
                await client.SendAsync("POST", target.CollectionPath, change.Body, cancellationToken);
            return true;
        }
        catch (ApiException race) when (race.Code is 404 or 409)
        {
            // Someone else was faster: the next comparison tells what is left.
            return false;
        }
    }
}
