// SPDX-License-Identifier: Apache-2.0
using Sealock.Bench.Http;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Scenarios;

/// <summary>Creates many objects, as the user who is measured.</summary>
internal static class ObjectFilling
{
    private const int Connections = 32;

    /// <summary>A ConfigMap as small as they usually are.</summary>
    public static string ConfigMap(string name) =>
        $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","labels":{"app":"bench","tier":"small"}},"data":{"colour":"blue","address":"https://service.example.com:8443/path","retries":"5"}}""";

    /// <summary>Fills a namespace with ConfigMaps named <c>c-0</c> and so on; those that are there stay.</summary>
    public static async Task ConfigMapsAsync(Target target, string @namespace, int count, CancellationToken cancellationToken)
    {
        await Furnishing.CreateNamespaceAsync(target, @namespace, cancellationToken);
        await CreateAsync(
            target, $"/api/v1/namespaces/{@namespace}/configmaps", count, number => ConfigMap($"c-{number}"), cancellationToken);
    }

    /// <summary>Creates objects in a collection; one that exists already counts as created.</summary>
    public static async Task CreateAsync(
        Target target, string collection, int count, Func<int, string> body, CancellationToken cancellationToken)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(Connections, count)).Select(_ => Task.Run(WorkAsync, cancellationToken)));

        async Task WorkAsync()
        {
            await using var connection = await target.ConnectAsync(withCertificate: false, cancellationToken);
            int number;
            while ((number = Interlocked.Increment(ref next)) < count)
            {
                var request = RequestText.Of("POST", collection, Target.UserToken, body(number));
                var answer = await connection.SendAsync(request, cancellationToken);
                if (answer.Status != 409)
                    answer.Expect("POST " + collection);
            }
        }
    }
}
