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
    /// memory. Replicas that start together meet each other's writes: they compare again.
    /// </summary>
    /// <exception cref="ApiException">An object could not be written.</exception>
    public async Task<int> ApplyAsync(CancellationToken cancellationToken)
    {
        var policy = BootstrapPolicy.All();
        var written = 0;
        for (var pass = 1; ; pass++)
        {
            var changes = BootstrapPlan.Make(policy, objects).ToList();
            if (changes.Count == 0)
                return written;
            // Roles of a namespace need the namespace; among themselves the others come in any order.
            foreach (var stage in changes.GroupBy(change => change.Target.Plural == "namespaces").OrderByDescending(stage => stage.Key))
            {
                await Parallel.ForEachAsync(
                    stage,
                    new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
                    async (change, cancel) => await WriteAsync(change, pass == MaxPasses, cancel));
            }

            written += changes.Count;
            if (pass == MaxPasses)
                return written;
        }
    }

    private async Task WriteAsync(BootstrapChange change, bool isLast, CancellationToken cancellationToken)
    {
        var target = change.Target;
        try
        {
            switch (change.Action)
            {
                case BootstrapAction.Update:
                    await client.SendAsync("PUT", target.Path, change.Body, cancellationToken);
                    break;
                case BootstrapAction.Recreate:
                    await client.SendAsync("DELETE", target.Path, null, cancellationToken);
                    goto default;
                default:
                    await client.SendAsync("POST", target.CollectionPath, change.Body, cancellationToken);
                    break;
            }
        }
        catch (ApiException race) when (!isLast && race.Code is 404 or 409)
        {
            // Someone else was faster: the next comparison tells what is left.
        }
    }
}
